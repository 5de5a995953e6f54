# SPDX-License-Identifier: GPL-3.0-or-later
"""Enabling and disabling leave no trace; the extension's folder, the editor's file and media stay untouched."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import bpy
import timeline

MODULE = "bl_ext.user_default.brushflow"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Looks at Blender before, with and without the add-on, and at all files before and after a job."""
    extension = Path(options["extension"])
    media = Path(options["media"])
    shipped = hashes(extension)
    with_addon = traces()
    bpy.ops.preferences.addon_disable(module=MODULE)
    without = traces()
    bpy.ops.preferences.addon_enable(module=MODULE)
    again = traces()

    scene = timeline.new()
    timeline.strips(scene).new_movie(name="clip", filepath=str(media / "clip.mkv"), channel=1, frame_start=1)
    timeline.set_end(timeline.strips(scene)["clip"], 5)
    timeline.select(scene, "clip")
    timeline.save(work / "edit.blend")
    blend, footage = (work / "edit.blend").read_bytes(), hashes(media)
    fit, view = scene.tool_settings.sequencer_tool_settings.fit_method, scene.view_settings.view_transform
    areas = [area.type for area in bpy.context.window_manager.windows[0].screen.areas]
    error = timeline.stylize(style="starry-night")
    told = {
        "with": with_addon,
        "without": without,
        "again": again,
        "error": error,
        "blend untouched": (work / "edit.blend").read_bytes() == blend,
        "media untouched": hashes(media) == footage,
        "extension untouched": hashes(extension) == shipped,
        "scene untouched": [fit, view]
        == [scene.tool_settings.sequencer_tool_settings.fit_method, scene.view_settings.view_transform],
        "areas untouched": areas == [area.type for area in bpy.context.window_manager.windows[0].screen.areas],
        "temporary": [path.name for path in (work / "brushflow/temporary").iterdir()],
        "numpy or cv2 imported": sorted(name for name in ("cv2", "torch") if name in __import__("sys").modules),
        "report": timeline.addon("preferences").BrushflowPreferences.worker_report,
    }
    bpy.ops.preferences.addon_disable(module=MODULE)
    told["worker after disabling"] = timeline.addon("jobs.queue").QUEUE.worker.process_id
    return told


def hashes(folder: Path) -> dict[str, str]:
    """Every file below a folder, without Python's own compiled files."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def traces() -> dict[str, Any]:
    """What Brushflow has left in Blender."""
    handlers = bpy.app.handlers
    strip = getattr(bpy.types, "Strip", None) or bpy.types.Sequence
    menus = [bpy.types.SEQUENCER_MT_strip, bpy.types.SEQUENCER_MT_context_menu]
    entries = [function for menu in menus for function in getattr(menu.draw, "_draw_funcs", [])]
    names = ("load_pre", "load_post", "save_pre", "save_post", "render_init")
    lists = [getattr(handlers, name) for name in names]
    return {
        "classes": sorted(name for name in dir(bpy.types) if name.upper().startswith("BRUSHFLOW")),
        "operators": sorted(dir(bpy.ops.brushflow)),
        "properties": [hasattr(bpy.types.Scene, "brushflow"), hasattr(strip, "brushflow")],
        "menu entries": sum("brushflow" in function.__module__ for function in entries),
        "handlers": sum("brushflow" in function.__module__ for functions in lists for function in functions),
    }
