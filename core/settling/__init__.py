# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to keep strokes where they belong, behind one interface. Free of bpy and torch."""
