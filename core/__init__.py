# SPDX-License-Identifier: GPL-3.0-or-later
"""Brushflow's engine: paints a clip in the style of a picture. Stand-alone; never imports bpy.

Importing this package loads nothing heavy, so that Blender may read ``core.worker.protocol`` and ``core.settings`` from
it.
"""
