# SPDX-License-Identifier: GPL-3.0-or-later
"""A painted strip, and where Go to Worst Frame goes: moved, trimmed, reversed, faded, in a meta strip, retimed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline
from stored_settings import press

RESULT = "pictures (Brushflow)"
MOVED = 37


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Notes the playhead and the sentence of each press."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"nothing painted": press("worst_frame")}
    told["error"] = timeline.stylize(style="starry-night")
    result = timeline.strips(scene)[RESULT]
    told["figures"] = str(Path(timeline.describe(scene, RESULT)["folder"], "quality.jsonl"))
    told["plain"] = [go(scene) for _ in range(4)]
    told["playhead elsewhere"] = elsewhere(scene)
    for strip in timeline.strips(scene):
        timeline.move(strip, MOVED)
    told["moved"] = afresh(scene)
    trim_left(result, timeline.first_frame(result) + 5)
    told["trimmed"] = afresh(scene)
    told["range"] = [timeline.first_frame(result), timeline.end_frame(result)]
    result.use_reverse_frames = True
    told["reversed"] = afresh(scene)
    result.use_reverse_frames = False
    timeline.key_opacity(scene, result, {told["trimmed"][0] - 1: 1.0, told["trimmed"][0]: 0.0})
    told["faded"] = afresh(scene)
    told["in meta"] = in_meta(scene, timeline.end_frame(result) - 3)
    Path(told["figures"]).rename(options["keep"])
    told["no figures"] = press("worst_frame")
    return told


def go(scene: Any) -> list[Any]:
    """Presses the button: the error, where the playhead is then, and what is said."""
    error = press("worst_frame")
    return [scene.frame_current, error or timeline.addon("panels.coherence_view")._tour.sentence]


def afresh(scene: Any) -> list[Any]:
    """The first press, as if nothing had been visited."""
    timeline.addon("panels.coherence_view")._tour.visited.clear()
    return go(scene)


def elsewhere(scene: Any) -> list[Any]:
    """The press does not ask where the playhead was."""
    scene.frame_set(500)
    return afresh(scene)


def trim_left(strip: Any, frame: int) -> None:
    """Moves its left handle."""
    setattr(strip, "left_handle" if hasattr(strip, "left_handle") else "frame_final_start", frame)


def in_meta(scene: Any, end: int) -> list[Any]:
    """Both strips in a meta strip that shows less of them, which alone is selected."""
    meta = timeline.strips(scene).new_meta(name="meta", channel=10, frame_start=1)
    for name in ("pictures", RESULT):
        timeline.strips(scene)[name].move_to_meta(meta)
    timeline.set_end(meta, end)
    timeline.select(scene, "meta")
    scene.frame_set(1)
    bpy.context.view_layer.update()
    return [*afresh(scene), timeline.first_frame(meta), timeline.end_frame(meta)]
