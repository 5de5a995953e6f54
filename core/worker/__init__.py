# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker, a process that paints and learns as Blender asks, and what the two say to each other. Free of bpy."""
