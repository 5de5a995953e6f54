# SPDX-License-Identifier: GPL-3.0-or-later
"""What editors do with a result: restyle, rename, move, split, duplicate, trim, clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline

RESULT = "clip (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Each act in turn on one timeline; what the timeline looks like after each."""
    scene = timeline.new()
    media = Path(options["media"], "clip.mkv")
    clip = timeline.strips(scene).new_movie(name="clip", filepath=str(media), channel=1, frame_start=1)
    timeline.set_end(clip, 9)
    in_the_way = timeline.effect(timeline.strips(scene), "COLOR", "in the way", 2, 5, 40)
    timeline.select(scene, "clip")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"errors": []}

    def stylize(style: str = "starry-night") -> None:
        told["errors"].append(timeline.stylize(style=style))

    def note(act: str) -> None:
        made = [strip for strip in timeline.strips(scene) if strip.brushflow.source_uid]
        told[act] = {
            "results": [timeline.describe(scene, strip.name) for strip in made],
            "keys": {strip.name: keys_of(scene, strip) for strip in made},
            "uids": [strip.brushflow.uid for strip in made],
            "names": timeline.names(scene),
        }

    stylize()
    note("first")
    timeline.strips(scene).remove(in_the_way)
    result = timeline.strips(scene)[RESULT]
    result.name = 'my "painting"'
    result.channel = 5
    timeline.key_opacity(scene, result, {1: 0.5, 8: 0.75})
    stylize("great-wave")
    note("restyled")
    timeline.move(clip, 10)
    timeline.move(result, 10)
    stylize()
    note("moved")
    timeline.set_end(clip, 17)  # two frames shorter
    stylize()
    note("trimmed")
    clip.split(frame=14, split_method="SOFT")
    timeline.strips(scene)['my "painting"'].split(frame=14, split_method="SOFT")
    timeline.select(scene, "clip.001")
    stylize("great-wave")
    note("right half restyled")
    timeline.select(scene, "clip.001")
    bpy.ops.brushflow.clear(delete_frames=True)
    note("right half cleared")
    told["folders left"] = sorted(path.name for path in (work / "brushflow/results").glob("*/*"))
    return told


def keys_of(scene: Any, strip: Any) -> list[list[float]]:
    """The keyframes of a strip's opacity."""
    curve = timeline.addon("timeline.strips").curve_of(scene, strip, "blend_alpha")
    return [[point.co.x, round(point.co.y, 4)] for point in curve.keyframe_points] if curve else []
