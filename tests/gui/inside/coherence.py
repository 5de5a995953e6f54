# SPDX-License-Identifier: GPL-3.0-or-later
"""The curve over the result, and Go to Worst Frame, by clicks."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from bars import draw_times, place_of_result
from edit import (
    add_clip,
    module,
    open_tab,
    open_video_editing,
    queue,
    result,
    scene,
    select,
    unfold,
    wait,
)
from editor import press, scroll
from eyes import shot
from hands import window
from picture import close, show_whole_timeline


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Painted, the panel opened, the curve switched on, two presses of the button, switched off."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    yield from show_whole_timeline(order["length"])
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    yield from wait(lambda: queue().is_settled, 200)
    spoil(order["spoilt"])
    select(result())
    unfold("BRUSHFLOW_PT_coherence")
    timeline = yield from open_tab()
    curves = module("panels.coherence_curve").CURVES
    found: dict[str, Any] = {"off": (yield from draw_times(curves))}
    yield from scroll(timeline)
    yield from shot(out / "1-panel.png")
    yield from press(timeline, "show_curve")
    yield 1.0
    found["shown"] = bpy.context.window_manager.brushflow_coherence.show_curve
    found["on"] = yield from draw_times(curves)
    found["strip"] = place_of_result()
    yield from shot(out / "2-curve.png")
    found["frames"] = []
    for number in range(2):
        yield from press(timeline, "brushflow.worst_frame")
        found["frames"].append([scene().frame_current, module("panels.coherence_view")._tour.sentence])
        yield from shot(out / f"{3 + number}-worst.png")
    return found


def spoil(frames: list[int]) -> None:
    """Writes into the figures that these frames hold together badly; the clip of the demo has no such place."""
    path = module("timeline.result_strip").run_of(result()) / "quality.jsonl"
    lines = path.read_text("utf-8").splitlines()
    for frame in frames:
        record = {"frame": frame, "warp_error": 0.004 - 0.00001 * frame, "flicker": 0.012, "confidence": 0.41}
        lines[frame] = json.dumps(record)
    path.write_text("\n".join(lines) + "\n", "utf-8")
