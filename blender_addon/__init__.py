# SPDX-License-Identifier: GPL-3.0-or-later
"""Brushflow: paints the strips of a video edit in the style of a picture.

This is what Blender runs: bpy and the standard library only. The painting is done by the worker, a process of its own
(``engine/core``). Files that are free of bpy say so in their first line. Importing this package loads none of the
others; ``register`` does.
"""

from __future__ import annotations

import importlib

_MODULES = (
    "properties",
    "preferences",
    "jobs.timer",
    "buttons.operators",
    "buttons.settings_operators",
    "buttons.where",
    "panels.panels",
    "panels.queue_panel",
    "actions.looks",
    "gallery.operators",
    "gallery.own_styles",
    "preview.operator",
    "gallery.gallery",
    "panels.bars",
    "panels.coherence_view",
    "actions.render_guard",
    "panels.render_operators",
    "panels.paint_files",
    "panels.file_operators",
    "storage.style_paths",
)


def register() -> None:
    """Makes everything known to Blender, in the order of dependence."""
    for name in _MODULES:
        importlib.import_module(f".{name}", __package__).register()


def unregister() -> None:
    """The exact reverse of ``register``."""
    for name in reversed(_MODULES):
        importlib.import_module(f".{name}", __package__).unregister()
