# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that stay with their strip: draft, painted again, copied, taken, stored, presets, defaults; two looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Two strips, every button in turn."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "one", files, 1, 1)
    timeline.image_strip(timeline.strips(scene), "two", files, 3, 1)
    timeline.select(scene, "one")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"nothing painted": press("repaint")}
    scene.brushflow.quality = "DRAFT"
    scene.brushflow.brush_size, scene.brushflow.clarity, scene.brushflow.hold_strokes = 2.0, 0.4, "twos"
    scene.brushflow.flow = "dis-fast"
    told["drafted"] = [timeline.stylize(style="great-wave"), *look(scene, "one")]
    scene.brushflow.brush_size, scene.brushflow.quality, scene.brushflow.hold_strokes = 1.0, "FINAL", "surfaces"
    scene.brushflow.clarity, scene.brushflow.flow = 0.0, "dis"
    told["again"] = [press("repaint"), *look(scene, "one"), timeline.last_job()]
    told["final"] = [press("repaint", quality="FINAL"), *look(scene, "one"), timeline.last_job()]
    told["final again"] = [press("repaint"), *look(scene, "one"), timeline.last_job()]

    timeline.select(scene, "two")
    told["other"] = [timeline.stylize(style="starry-night"), *look(scene, "two")]
    timeline.select(scene, "one", "two")
    told["copied"] = [press("copy_settings"), *look(scene, "two")]
    told["stale"] = [state.stale for state in timeline.addon("timeline.result_state").of_scene(scene)]
    told["painted"] = [press("repaint"), *look(scene, "two")]

    timeline.select(scene, "one")
    told["taken"] = [press("take_settings"), scene.brushflow.style, scene.brushflow.brush_size]
    told["before reset"] = values(scene)
    bpy.ops.brushflow.preset_add("EXEC_DEFAULT", name="Wide one")
    told["reset"] = [press("reset_settings"), *values(scene)]
    folders = bpy.utils.preset_paths("brushflow")
    told["presets"] = [path.name for folder in folders for path in Path(folder).glob("*.py")]
    bpy.ops.script.execute_preset(
        filepath=str(next(path for folder in folders for path in Path(folder).glob("*.py"))),
        menu_idname="BRUSHFLOW_PT_presets",
    )
    told["from preset"] = values(scene)
    scene.brushflow.style = "the-scream"
    told["stored"] = [press("store_settings"), *look(scene, "one")]
    return told


def press(name: str, /, **options: Any) -> str:
    """Presses a button; gives the error it reported."""
    try:
        getattr(bpy.ops.brushflow, name)("EXEC_DEFAULT", **options)
    except RuntimeError as error:
        return str(error).strip()
    return ""


def look(scene: Any, source: str) -> list[Any]:
    """What a result stores, what it was painted with, its first picture, and what the panel says."""
    result = timeline.strips(scene)[f"{source} (Brushflow)"]
    shown = timeline.describe(scene, result.name)
    return [
        json.loads(result.brushflow.settings),
        json.loads(result.brushflow.painted_with),
        str(Path(shown["folder"], shown["files"][0])),
        timeline.addon("panels.panels")._painted_as(result),
    ]


def values(scene: Any) -> list[Any]:
    """The panel's choices."""
    chosen = scene.brushflow
    shares = [round(value, 3) for value in (chosen.brush_size, chosen.clarity, chosen.colour_lock)]
    return [chosen.quality, *shares, chosen.anchor_spacing, chosen.hold_strokes, chosen.flow]
