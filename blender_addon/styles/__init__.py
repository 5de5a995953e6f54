# SPDX-License-Identifier: GPL-3.0-or-later
"""The styles that can be chosen."""
