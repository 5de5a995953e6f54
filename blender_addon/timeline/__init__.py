# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequencer: its strips under one set of names, what they show, and the results laid over them."""
