# SPDX-License-Identifier: GPL-3.0-or-later
"""The current frame, painted, over the preview region."""
