# SPDX-License-Identifier: GPL-3.0-or-later
"""How near estimated motion comes to the truth. Not in the zip."""
