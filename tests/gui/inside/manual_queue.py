# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's pictures of the queue and of the preferences."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from album import Album, lines, panel, region_of, rest
from edit import ADDON, module, queue, select, strips, wait
from hands import widget_unit, window
from manual_tab import last_column, open_whole_tab, scan, shorten

_LENGTH = 73  # frames of the strips that wait
_ENTRY = (36, 100), (224, 436)  # pixels from the top: name and controls, without the path of this machine's file
_SECONDS = 300
_LEFT = 0.2  # across the tab


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Takes both."""
    album = Album(out)
    timeline = yield from open_whole_tab(out, order)
    shorten()
    yield from waiting(album, timeline, order)
    yield from preferences(album, timeline)
    return {}


def waiting(album: Album, timeline: Any, order: dict) -> Generator[float, None, None]:
    """Three strips in the queue, the first of them at work."""
    for number, name in enumerate(("market.mp4", "old bridge.mp4", "evening.mp4")):
        strip = strips().new_movie(name=name, filepath=order["clip"], channel=10 + 2 * number, frame_start=1)
        strip.right_handle = _LENGTH
    select(*[strip for strip in strips() if strip.channel >= 10])
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
        bpy.ops.brushflow.pause()  # the list is looked for while none of them ends
    rows = yield from scan(timeline, _LEFT)
    names = yield from scan(timeline, last_column(timeline))
    yield from rest(timeline)
    box = panel(timeline, rows, "brushflow.pause", "brushflow.pause")
    listed = lines(timeline, names, "brushflow.cancel_job", "brushflow.cancel_job")
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.pause()
    yield from wait(lambda: any(job.state.finished for job in queue().jobs), _SECONDS)
    # Where it can be told by now, a line above the list says when all will be done.
    line = widget_unit() * 1.2 if module("jobs.queue_order").seconds_left() >= 0.0 else 0.0
    yield from album.take("queue", (box[0], box[1], box[2], listed[1] + listed[3] + line - box[1]))
    queue().cancel_all()
    yield from wait(lambda: queue().is_settled, 30)


def preferences(album: Album, place: Any) -> Generator[float, None, None]:
    """The add-on's entry in the preferences, in the place of an area: nothing would bring a window of their own up."""
    place.type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "Brushflow"
    bpy.ops.preferences.addon_expand(module=ADDON)
    yield 1.5
    left, top, width, _ = region_of(place, "WINDOW")
    boxes = [(left, top + first, width, end - first) for first, end in _ENTRY]
    yield from album.take("preferences", *boxes)
