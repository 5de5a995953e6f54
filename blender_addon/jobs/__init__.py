# SPDX-License-Identifier: GPL-3.0-or-later
"""What is being painted or learnt, one after another, and how long it will take."""
