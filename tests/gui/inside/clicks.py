# SPDX-License-Identifier: GPL-3.0-or-later
"""Clicks that no other scenario makes: Pause and Go On in the queue, and the file browser for a picture as style."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from album import rest
from browsing import browser, choose_by_keys, open_by_click, place_of
from edit import (
    add_clip,
    area,
    module,
    open_tab,
    open_video_editing,
    queue,
    scene,
    select,
    strip_of,
    strips,
    unfold,
    wait,
)
from eyes import shot
from hands import click, key, row_of, sidebar, survey, window
from manual_tab import give_room, last_column, shorten
from picture import close

_PREVIEW = 120  # pixels of height
_LEFT = 0.2  # across the tab


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Plays it all; each part gives what it found."""
    yield from open_video_editing()
    bpy.context.preferences.view.ui_scale = order["scale"]
    unfold()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    yield from give_room(round(_PREVIEW * order["scale"]))
    yield from open_tab()
    shorten()
    is_paintable = module("timeline.strips").is_paintable
    found: dict[str, Any] = {"paintable": {strip.type: is_paintable(strip) for strip in strips()}}
    found["picture"] = yield from choose_picture(order["picture"], "RET")
    yield from shot(out / "1-picture.png")
    found["left_alone"] = yield from choose_picture(order["other_picture"], "ESC")
    scene().brushflow.style = order["style"]
    found["pause"] = yield from hold_and_go_on(out)
    yield from shot(out / "3-painted.png")
    return found


def choose_picture(picture: str, last: str) -> Generator[float, None, dict]:
    """Opens the file browser by a click, walks to a picture by arrow keys, and ends with a key."""
    yield from open_by_click(area(), picture)
    yield from choose_by_keys(picture)
    chosen = browser().spaces.active.params.filename
    yield from key(last, *place_of(browser()))
    yield from wait(lambda: browser() is None, 10)
    yield 0.5
    return {"chosen": chosen, "style": scene().brushflow.style, "picture": scene().brushflow.picture_path()}


def hold_and_go_on(out: Path) -> Generator[float, None, dict]:
    """Clicks Pause, twice: the queue goes on, and is held again; takes the other strip off the list; lets it end."""
    timeline = area()
    other = strips().new_movie(name="other.mp4", filepath=strip_of("MOVIE").filepath, channel=8, frame_start=1)
    other.right_handle = strip_of("MOVIE").right_handle
    select(strip_of("MOVIE"), other)
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
        bpy.ops.brushflow.pause()  # its button is looked for while nothing is painted
    yield 1.0
    rows = yield from survey(timeline, _LEFT, step=0.5, patience=24)
    button = sidebar(timeline).x + sidebar(timeline).width * _LEFT, row_of(rows, "brushflow.pause")
    held = [queue().is_paused]
    for _ in range(2):
        yield from click(*button)
        yield 0.4
        held.append(queue().is_paused)
    yield from rest(timeline)
    yield from shot(out / "2-held.png")
    across = last_column(timeline)
    rows = yield from survey(timeline, across, step=0.5, patience=24)
    yield from click(sidebar(timeline).x + sidebar(timeline).width * across, row_of(rows, "brushflow.cancel_job"))
    yield 0.4
    stages = [job.state.stage.value for job in queue().jobs]
    yield from click(*button)
    yield from wait(lambda: queue().is_settled, 200)
    yield 0.5
    return {"held": held, "taken_off": stages, "end": [job.state.stage.value for job in queue().jobs]}
