# SPDX-License-Identifier: GPL-3.0-or-later
"""The styles: those that ship, the editor's own, and any picture as one. Free of bpy and torch."""
