# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn in the sequencer: the sidebar tab, the queue, the bars over result strips."""
