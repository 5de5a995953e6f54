# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's pictures of the timeline: painting, keyframes, preview, and two styles in turn."""

import math
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from album import Album, region_of, rest, whole
from edit import add_clip, area, open_tab, open_video_editing, queue, result, scene, select, strips, unfold, wait
from everyday import keyframe_strength
from gallery import find_right_of
from hands import click, find, row_of, sidebar, survey, window
from picture import close, show_whole_timeline
from wiping import drag, press

_BESIDE_SIDEBAR = 1.75
_CROSSING = 20  # frames


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Takes them all."""
    album = Album(out)
    yield from open_video_editing()
    unfold("BRUSHFLOW_PT_result")
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "balloons.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    timeline = area()
    shown = timeline.spaces.active
    shown.show_region_channels = shown.show_region_toolbar = False
    shown.timeline_overlay.show_strip_source = shown.timeline_overlay.show_strip_duration = False
    yield from open_tab()
    scene().brushflow.style = order["style"]
    yield from show_whole_timeline(order["length"], _BESIDE_SIDEBAR)
    yield from painting(album, timeline, order["length"])
    yield from strength(album, timeline, out)
    yield from preview(album, timeline)
    yield from two_styles(album, timeline, order)
    return {}


def painting(album: Album, timeline: Any, length: int) -> Generator[float, None, None]:
    """Half of the strip is painted."""
    button = yield from find(timeline, "brushflow.stylize")
    yield from click(*button)
    yield from rest(timeline)
    yield from wait(lambda: not queue().is_busy or len(queue().current.state.finished) >= length // 2, 200)
    yield from album.take("paint", whole(timeline))
    yield from wait(lambda: queue().is_settled, 200)
    yield 0.5


def strength(album: Album, timeline: Any, out: Path) -> Generator[float, None, None]:
    """Two keyframes on Strength, set by its dot."""
    yield from scroll_to(timeline, "blend_alpha")
    yield from keyframe_strength(timeline, out)
    yield from rest(timeline)
    yield from album.take("strength", whole(timeline))
    scene().animation_data_clear()
    result().blend_alpha = 1.0


def preview(album: Album, timeline: Any) -> Generator[float, None, None]:
    """The painted frame over the preview, up to the line."""
    select(next(strip for strip in strips() if strip.type == "MOVIE"))
    result().mute = True
    yield from scroll_to(timeline, "brushflow.stylize")
    beside = yield from find(timeline, "brushflow.stylize")
    button = yield from find_right_of(timeline, beside, "brushflow.preview")
    yield from press(button)
    yield from drag(0.42)
    yield from rest(timeline)
    yield from album.take("preview", region_of(area("PREVIEW"), "PREVIEW"))
    yield from click(*button)
    result().mute = False
    yield 0.5


def two_styles(album: Album, timeline: Any, order: dict) -> Generator[float, None, None]:
    """A second painting over the first, which it crosses to."""
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.second_style(style=order["second"], frames=_CROSSING)
    yield from wait(lambda: queue().is_settled, 200)
    yield from scroll_to(timeline, "brushflow.second_style", 0.75)
    yield from rest(timeline)
    yield from album.take("second-style", whole(timeline))


def scroll_to(timeline: Any, name: str, across: float = 0.5) -> Generator[float, None, None]:
    """Scrolls the sidebar until a control is in its upper half."""
    region = sidebar(timeline)
    with bpy.context.temp_override(window=window(), area=timeline, region=region):
        bpy.ops.view2d.scroll_up(deltay=10000)
    for _ in range(12):
        yield 0.3
        rows = yield from survey(timeline, across)
        try:
            place = row_of(rows, name)
        except LookupError:
            place = -math.inf
        if place > region.y + region.height * 0.4:
            return
        with bpy.context.temp_override(window=window(), area=timeline, region=region):
            bpy.ops.view2d.scroll_down(deltay=120)
    if place == -math.inf:
        raise LookupError(f"{name} is nowhere in the sidebar")
