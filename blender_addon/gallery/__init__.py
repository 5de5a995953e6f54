# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery of styles with its buttons, and one's own styles."""
