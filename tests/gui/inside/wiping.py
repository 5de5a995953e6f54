# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview over the preview region: wipe, side by side, source; zoomed; and the same picture as the result strip."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from edit import add_clip, area, module, open_tab, open_video_editing, queue, rectangle, result, scene, wait
from eyes import shot
from gallery import find_right_of
from hands import click, find, key, move, window
from picture import close


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Plays it all; each part gives what it found."""
    yield from open_video_editing()
    bpy.context.preferences.view.ui_scale = order.get("scale", 1.0)
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    scene().frame_set(1)
    scene().view_settings.view_transform = order.get("view", "Standard")
    yield from close("FILE_BROWSER", "PROPERTIES")
    timeline = yield from open_tab()
    bpy.context.preferences.view.show_developer_ui = False
    if order.get("zoom"):
        yield from zoom(order["zoom"])
    found: dict[str, Any] = {"region": rectangle(area("PREVIEW"), "PREVIEW"), "box": box()}
    beside = yield from find(timeline, "brushflow.stylize")
    button = yield from find_right_of(timeline, beside, "brushflow.preview")
    yield from rest(timeline)
    yield from shot(out / "1-source.png")
    found["first_seconds"] = yield from press(button)
    yield from rest(timeline)
    yield from shot(out / "2-wipe.png")
    yield from drag(0.25)
    found["line"] = preview().line
    yield from shot(out / "3-dragged.png")
    found["keys"] = yield from keys(out)
    yield from drag(0.0)
    yield from rest(timeline)
    yield from shot(out / "6-painted.png")
    found["second_seconds"] = yield from follow(order["length"])
    found["ended"] = yield from end(timeline)
    yield from shot(out / "7-ended.png")
    scene().frame_set(1)
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    yield from wait(lambda: queue().is_settled, 120)
    yield 1.5
    yield from rest(timeline)
    yield from shot(out / "8-result.png")
    found["result"] = result() is not None
    return found


def preview() -> Any:
    """The extension's preview."""
    return module("preview.preview").PREVIEW


def shown_region() -> Any:
    """The region of the preview."""
    return next(region for region in area("PREVIEW").regions if region.type == "PREVIEW")


def box() -> list[float]:
    """Where the picture lies on the screen: left, top, right, bottom, pixels from the upper left corner."""
    region = shown_region()
    with bpy.context.temp_override(window=window(), area=area("PREVIEW"), region=region):
        found = preview().box(bpy.context, region)
    top = window().height - region.y
    return [region.x + found.left, top - found.high, region.x + found.right, top - found.low]


def rest(timeline: Any) -> Generator[float, None, None]:
    """The mouse away from everything that lights up."""
    yield from move(timeline.x + 300, timeline.y + 8)
    yield 0.5


def zoom(ratio: float) -> Generator[float, None, None]:
    """Zooms the preview, off its middle."""
    region = shown_region()
    with bpy.context.temp_override(window=window(), area=area("PREVIEW"), region=region):
        bpy.ops.sequencer.view_zoom_ratio(ratio=ratio)
        bpy.ops.view2d.pan(deltax=37, deltay=-21)
    yield 0.6


def press(button: tuple[float, float]) -> Generator[float, None, float]:
    """Presses the button; gives the seconds until the painting is shown."""
    pressed = time.monotonic()
    yield from click(*button)
    yield from wait(lambda: preview().is_on and preview()._textures is not None, 60)
    return time.monotonic() - pressed


def drag(to: float) -> Generator[float, None, None]:
    """Drags the wipe line to a part of the picture's width."""
    left, top, right, bottom = box()
    y = window().height - (top + bottom) / 2 + 30
    start, goal = left + preview().line * (right - left), left + to * (right - left)
    yield from move(start - 6, y)
    yield from move(start, y)
    window().event_simulate(type="LEFTMOUSE", value="PRESS", x=int(start), y=int(y))
    yield 0.1
    for step in range(1, 6):
        x = start + (goal - start) * step / 5
        window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=round(x), y=int(y))
        yield 0.06
    window().event_simulate(type="LEFTMOUSE", value="RELEASE", x=round(goal), y=int(y))
    yield 0.3


def keys(out: Path) -> Generator[float, None, dict]:
    """S for side by side and back; Shift held for the source."""
    left, top, right, bottom = box()
    place = (left + right) / 2, window().height - (top + bottom) / 2
    yield from key("S", *place)
    yield 0.4
    ways = [preview().way.value]
    yield from shot(out / "4-side.png")
    yield from key("S", *place)
    ways.append(preview().way.value)
    window().event_simulate(type="LEFT_SHIFT", value="PRESS", x=int(place[0]), y=int(place[1]), shift=True)
    yield 0.4
    ways.append(preview().way.value)
    yield from shot(out / "5-held.png")
    window().event_simulate(type="LEFT_SHIFT", value="RELEASE", x=int(place[0]), y=int(place[1]))
    yield 0.3
    ways.append(preview().way.value)
    return {"ways": ways}


def follow(length: int) -> Generator[float, None, float]:
    """Moves the playhead; gives the seconds until that frame is shown painted. 0 where there is one frame only."""
    if length < 2:
        return 0.0
    moved = time.monotonic()
    scene().frame_set(length)
    yield from wait(lambda: preview()._shown is not None and preview()._shown.frame == length, 60)
    return time.monotonic() - moved


def end(timeline: Any) -> Generator[float, None, dict]:
    """Esc over the preview."""
    left, top, right, bottom = box()
    yield from key("ESC", (left + right) / 2, window().height - (top + bottom) / 2)
    yield 0.3
    yield from rest(timeline)
    return {
        "is_on": preview().is_on,
        "images": [image.name for image in bpy.data.images if "brushflow" in image.name],
        "watchers": len(module("actions.looks").watchers),
    }
