# SPDX-License-Identifier: GPL-3.0-or-later
"""A painted strip that is slowed down, forward and backward, and the picture at which Go to Worst Frame arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline
from coherence import RESULT, afresh, go


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Renders every frame in its order, as an animation, and then the one at which the playhead is."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    assert timeline.stylize(style="starry-night") == ""
    shown = timeline.describe(scene, RESULT)
    told: dict[str, Any] = {"folder": shown["folder"], "files": shown["files"]}
    told["figures"] = str(Path(shown["folder"], "quality.jsonl"))
    timeline.select(scene, RESULT)
    slow_down(scene, options["speed"])
    for way in ("forward", "backward"):
        result = timeline.strips(scene)[RESULT]
        result.use_reverse_frames = way == "backward"
        told[way] = visit(scene, work / way)
    return told


def slow_down(scene: Any, speed: float) -> None:
    """As an editor does it, by the operator."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    area.spaces.active.view_type = "SEQUENCER"
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region, scene=scene):
        bpy.ops.sequencer.retiming_segment_speed_set(speed=speed)


def visit(scene: Any, work: Path) -> dict[str, Any]:
    """Two places: where the playhead is, what it shows there, and what an animation shows there."""
    result = timeline.strips(scene)[RESULT]
    first, end = timeline.first_frame(result), timeline.end_frame(result)
    result.invalidate_cache("RAW")
    animation = timeline.render(scene, work / "animation", range(first, end))
    places = [afresh(scene)[0], go(scene)[0]]
    seen = []
    for number, frame in enumerate(places):
        timeline.addon("panels.coherence_view")._tour.visited[:] = places[:number]
        timeline.render(scene, work / "before", [frame - 1])  # leaves its picture in Blender's cache
        assert go(scene)[0] == frame
        seen.append(timeline.render(scene, work / "seen", [scene.frame_current])[0])
    return {"range": [first, end], "seen": seen, "animation": [animation[frame - first] for frame in places]}
