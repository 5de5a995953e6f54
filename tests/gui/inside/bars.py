# SPDX-License-Identifier: GPL-3.0-or-later
"""The painted bars: while a strip is painted, when it is done, when the strip below has changed; and switched off."""

import time
from collections.abc import Callable, Generator
from pathlib import Path
from statistics import median
from typing import Any

import bpy
from edit import ADDON, add_clip, area, module, open_video_editing, queue, rectangle, result, scene, strip_of, wait
from eyes import shot
from hands import move, window
from picture import close


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Takes a picture of each state."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    found: dict[str, Any] = {
        "timeline": rectangle(area(), "WINDOW"),
        "without": (yield from draw_times(module("panels.bars").BARS)),
    }
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    half = order["length"] // 2
    yield from wait(lambda: not queue().is_busy or len(queue().current.state.finished) >= half, 200)
    yield from picture(out / "1-painting.png")
    found["busy"] = yield from draw_times(module("panels.bars").BARS)
    yield from wait(lambda: queue().is_settled, 200)
    yield 1.0
    yield from picture(out / "2-painted.png")
    found["painted"] = yield from draw_times(module("panels.bars").BARS)
    found["states_painted"] = states()
    for frame, strength in ((1, 0.0), (order["length"], 1.0)):
        result().blend_alpha = strength
        result().keyframe_insert("blend_alpha", frame=frame)
    strip_of("MOVIE").right_handle -= 4
    yield 1.0
    yield from picture(out / "3-stale.png")
    found["states_stale"] = states()
    bpy.context.preferences.addons[ADDON].preferences.show_bars = False
    yield from picture(out / "4-off.png")
    found["off"] = yield from draw_times(module("panels.bars").BARS)
    found["bar"] = place_of_result()
    bpy.context.preferences.addons[ADDON].preferences.show_bars = True
    many(1000)
    found["thousand"] = yield from draw_times(module("panels.bars").BARS)
    return found


def picture(path: Path) -> Generator[float, None, None]:
    """A screenshot of the timeline at rest."""
    area().tag_redraw()
    yield from move(area().x + 300, area().y + 8)
    yield 0.6
    yield from shot(path)


def states() -> list[str]:
    """What the bar says of each frame."""
    (bar,) = module("panels.bars").BARS._bars.values()
    return [state.value for state in bar.states]


def place_of_result() -> list[float]:
    """Where the result lies on the screen: left, right, its channel's bottom and top, from the upper left corner."""
    region = next(region for region in area().regions if region.type == "WINDOW")
    strip, top = result(), window().height - region.y
    left, low = region.view2d.view_to_region(strip.left_handle, strip.channel, clip=False)
    right, high = region.view2d.view_to_region(strip.right_handle, strip.channel + 1, clip=False)
    return [region.x + left, region.x + right, top - low, top - high]


def draw_times(drawn: Any) -> Generator[float, None, dict]:
    """Seconds it takes in one drawing of the timeline: median and longest of thirty."""
    spent: list[float] = []
    kept: Callable[[], None] = drawn._draw
    drawn.stop()

    def measured() -> None:
        started = time.perf_counter()
        kept()
        spent.append(time.perf_counter() - started)

    drawn._draw = measured
    drawn.start()
    for _ in range(30):
        area().tag_redraw()
        yield 0.05
    drawn.stop()
    drawn._draw = kept
    drawn.start()
    area().tag_redraw()
    yield 0.3
    return {"drawings": len(spent), "median": median(spent), "longest": max(spent)}


def many(count: int) -> None:
    """Fills the timeline with strips that are no results."""
    for number in range(count):
        scene().sequence_editor.strips.new_effect(
            name=f"colour {number}", type="COLOR", channel=40 + number % 60, frame_start=1 + number, length=1
        )
