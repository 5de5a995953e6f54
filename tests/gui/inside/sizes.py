# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in a small window, or at a large interface: pictures to look at, and whether every control is in reach."""

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from edit import add_clip, open_tab, open_video_editing, queue, select, strip_of, wait
from eyes import shot
from hands import move, survey, window


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Idle, painting, painted, and an error, at the interface scale of the order."""
    yield from open_video_editing()
    bpy.context.preferences.view.ui_scale = order["scale"]
    yield 0.5
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    timeline = yield from open_tab()
    yield from shot(out / "1-idle.png")
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    yield from wait(lambda: len(queue().jobs[0].state.finished) >= 2, 90)
    yield from shot(out / "2-painting.png")
    yield from wait(lambda: queue().is_settled, 90)
    yield 0.5
    rows = yield from survey(timeline)
    yield from move(timeline.x + 300, timeline.y + 60)
    yield from shot(out / "3-painted.png")
    movie: Any = strip_of("MOVIE")
    movie.filepath = "//a folder with a long name/and another one inside of it/holiday in the mountains.mp4"
    select(movie)
    with bpy.context.temp_override(window=window()), contextlib.suppress(RuntimeError):  # the error, as scripts get it
        bpy.ops.brushflow.stylize()
    timeline.tag_redraw()
    yield 1.0
    yield from shot(out / "4-error.png")
    return {"controls": sorted({text for _, text in rows if text})}
