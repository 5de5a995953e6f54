# SPDX-License-Identifier: GPL-3.0-or-later
"""What a press of a button does, without the button: scripts and tests may call it."""
