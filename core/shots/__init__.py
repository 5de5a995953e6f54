# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one shot ends and the next begins: cuts, dissolves and fades. Free of bpy and torch."""
