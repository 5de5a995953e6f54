# SPDX-License-Identifier: GPL-3.0-or-later
"""A painting limited by a strip and by a mask, and a second style that crosses in over the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline
from stored_settings import press

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """One painted strip, a strip that is white on its right half, a mask."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    half = timeline.image_strip(timeline.strips(scene), "half", [Path(options["half"])] * len(files), 8, 1)
    half.mute = True
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"source": timeline.render(scene, work / "source", [1])[0]}
    told["error"] = timeline.stylize(style="starry-night")
    told["everywhere"] = timeline.render(scene, work / "everywhere", [1])[0]
    told["by strip"] = [press("limit", kind="STRIP", name="half"), limits(scene)]
    told["half"] = timeline.render(scene, work / "half", [1])[0]
    bpy.data.masks.new("shape")
    told["by mask"] = [press("limit", kind="MASK", name="shape"), limits(scene)]
    told["unknown"] = press("limit", kind="MASK", name="never drawn")
    timeline.select(scene, RESULT)
    told["itself"] = press("limit", kind="STRIP", name=RESULT)
    timeline.select(scene, "pictures")
    told["taken away"] = [press("limit"), limits(scene)]

    scene.frame_set(3)
    first = timeline.describe(scene, RESULT)["folder"]
    told["second"] = press("second_style", style="great-wave", frames=2)
    results = [strip for strip in timeline.strips(scene) if strip.brushflow.source_uid]
    told["results"] = [[strip.channel, strip.name] for strip in results]
    told["first kept"] = timeline.describe(scene, RESULT)["folder"] == first
    told["crossed"] = timeline.render(scene, work / "crossed", [1, 3, 5])
    other = max(results, key=lambda strip: strip.channel)
    told["pictures"] = [str(Path(bpy.path.abspath(strip.directory), "000001.png")) for strip in results]
    timeline.select(scene, "pictures")
    upper, lower = other.directory, timeline.strips(scene)[RESULT].directory
    told["restyled"] = timeline.stylize(style="the-scream")
    told["only the upper"] = [
        timeline.strips(scene)[RESULT].directory == lower,
        max((s for s in timeline.strips(scene) if s.brushflow.source_uid), key=lambda s: s.channel).directory != upper,
    ]
    return told


def limits(scene: Any) -> str:
    """What the panel says the result is limited to."""
    return str(timeline.addon("buttons.where").limited_to(timeline.strips(scene)[RESULT]))
