# SPDX-License-Identifier: GPL-3.0-or-later
"""A painting at several working resolutions, limited by a strip and by a drawn mask: both white right of the middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline
from stored_settings import press


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Renders each painting everywhere and limited in both ways."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    half = timeline.image_strip(timeline.strips(scene), "half", [Path(options["half"])] * len(files), 8, 1)
    half.mute = True
    draw_mask()
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"source": timeline.render(scene, work / "source", [2])[0]}
    for resolution in options["resolutions"]:
        scene.brushflow.resolution = resolution
        assert timeline.stylize(style="starry-night") == ""
        told[str(resolution)] = {
            "everywhere": timeline.render(scene, work / f"{resolution} everywhere", [2])[0],
            "strip": [
                press("limit", kind="STRIP", name="half"),
                *timeline.render(scene, work / f"{resolution} s", [2]),
            ],
            "mask": [press("limit", kind="MASK", name="right"), *timeline.render(scene, work / f"{resolution} m", [2])],
            "again": [press("limit"), *timeline.render(scene, work / f"{resolution} again", [2])],
        }
    return told


def draw_mask() -> None:
    """Everything right of the middle, and well beyond the picture."""
    mask = bpy.data.masks.new("right")
    mask.frame_start, mask.frame_end = 1, 100
    spline = mask.layers.new(name="layer").splines.new()
    spline.use_cyclic = True
    corners = ((0.5, -0.5), (1.5, -0.5), (1.5, 1.5), (0.5, 1.5))
    spline.points.add(len(corners) - len(spline.points))
    for point, corner in zip(spline.points, corners, strict=True):
        point.handle_type = "VECTOR"
        point.co = corner
