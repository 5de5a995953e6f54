# SPDX-License-Identifier: GPL-3.0-or-later
"""One strip painted at 100 %, at 50 % and back, with a transform of its own, as a draft, and its settings copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import timeline
from stored_settings import press

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Changes the resolution, and notes how the result strip lies in the picture and what is rendered of it."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"source": timeline.render(scene, work / "source", [2])[0]}
    told["whole"] = paint(scene, work / "whole", 100)
    told["half"] = paint(scene, work / "half", 50)
    told["halves"] = [press("store_settings"), stale(scene)]
    scene.brushflow.resolution = 70
    told["stored"] = [press("store_settings"), stale(scene)]
    scene.brushflow.resolution = 100
    told["taken"] = [press("take_settings"), scene.brushflow.resolution]
    told["reset"] = [press("reset_settings"), scene.brushflow.resolution]
    told["back"] = paint(scene, work / "back", 100)

    result = timeline.strips(scene)[RESULT]
    result.transform.scale_x, result.transform.offset_x, result.crop.min_x = 0.5, 30.0, 20
    result.transform.scale_y = 0.8
    result.transform.keyframe_insert("scale_y", frame=1)
    told["placed"] = timeline.render(scene, work / "placed", [2])[0]
    told["placed half"] = paint(scene, work / "placed half", 50)
    told["curve"] = curve(scene)
    scene.brushflow.quality = "DRAFT"
    told["draft"] = paint(scene, work / "draft", 50)
    scene.brushflow.quality = "FINAL"
    timeline.set_end(timeline.strips(scene)["pictures"], 3)
    told["trimmed"] = paint(scene, work / "trimmed", 80)
    told["new strip"] = [press("clear"), paint(scene, work / "new", 50)]
    return told


def paint(scene: Any, folder: Path, resolution: int) -> dict[str, Any]:
    """Stylizes at a resolution; what became of it."""
    scene.brushflow.resolution = resolution
    error = timeline.stylize(style="starry-night")
    result = timeline.strips(scene)[RESULT]
    shown = timeline.describe(scene, RESULT)
    return {
        "error": error,
        "scale": [result.transform.scale_x, result.transform.scale_y],
        "crop": result.crop.min_x,
        "picture": str(Path(shown["folder"], shown["files"][1])),
        "placeholder": str(Path(shown["folder"], "placeholder.png")),
        "rendered": timeline.render(scene, folder, [2])[0],
        "label": timeline.addon("panels.panels")._painted_as(result),
    }


def stale(scene: Any) -> list[str]:
    """What the check before a render says."""
    return [state.stale for state in timeline.addon("timeline.result_state").of_scene(scene)]


def curve(scene: Any) -> list[float]:
    """The keyframes of the height."""
    strips = timeline.addon("timeline.strips")
    found = strips.curve_of(scene, timeline.strips(scene)[RESULT], "transform.scale_y")
    return [point.co.y for point in found.keyframe_points]
