# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's pictures of the tab, in a window so high that every panel is open and nothing is scrolled."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from album import Album, Rows, between, lines, panel, rest
from edit import add_clip, area, open_tab, open_video_editing, queue, result, scene, select, strips, unfold, wait
from gallery import desk
from hands import click, key, row_of, sidebar, survey, widget_unit, window
from picture import close

_TRIAL_SECONDS = 200
_MENU = 150.0  # pixels that an open menu needs below its button
_LEFT, _RIGHT = 0.2, 0.75  # across the tab
_PREVIEW = 120  # pixels of height


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Takes them all."""
    album = Album(out)
    timeline = yield from open_whole_tab(out, order)
    yield from try_styles(album, timeline)
    yield from draft(album, timeline)
    yield from guard(album, timeline, order)
    yield from menus(album, timeline)
    yield from files(album, timeline)
    return {}


def open_whole_tab(out: Path, order: dict) -> Generator[float, None, Any]:
    """The clip on a timeline that is high enough for its whole tab; gives the timeline's area."""
    yield from open_video_editing()
    unfold()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "balloons.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    yield from give_room(_PREVIEW)
    timeline = yield from open_tab()
    scene().brushflow.style = order["style"]
    return timeline


def give_room(height: int) -> Generator[float, None, None]:
    """Leaves the preview some pixels of height, and the rest to the timeline with its tab."""
    preview = area("PREVIEW")
    with bpy.context.temp_override(window=window()):
        bpy.ops.screen.area_move(x=window().width // 2, y=preview.y - 1, delta=preview.height - height)
    yield 0.8


def press(timeline: Any, name: str, across: float = 0.5) -> Generator[float, None, None]:
    """Clicks a control of the tab and takes the mouse away."""
    rows = yield from scan(timeline, across)
    region = sidebar(timeline)
    yield from click(region.x + region.width * across, row_of(rows, name))
    yield from rest(timeline)


def last_column(timeline: Any) -> float:
    """Where the last small button of a row stands, across the tab."""
    return float(1 - 2.4 * widget_unit() / sidebar(timeline).width)


def shorten() -> None:
    """Leaves one style in the gallery, so that the tab is shorter."""
    bpy.context.window_manager.brushflow_gallery.search = "Starry"


def scan(timeline: Any, across: float = 0.5) -> Generator[float, None, Rows]:
    """What lies in the tab, in big steps: it is long."""
    return (yield from survey(timeline, across, step=0.5, patience=24))


def try_styles(album: Album, timeline: Any) -> Generator[float, None, None]:
    """The frame under the playhead in every style; and the brush's controls."""
    yield from press(timeline, "brushflow.try_styles")
    yield from wait(lambda: desk().trial is not None and desk().trial.has_ended, _TRIAL_SECONDS)
    rows = yield from scan(timeline)
    yield from rest(timeline)
    yield from album.take("try", panel(timeline, rows, "brushflow_gallery.search", "brushflow.choose_style"))
    yield from album.take("brush", panel(timeline, rows, ".brush_size", "brushflow.reset_settings"))
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.clear_trial()
    shorten()


def draft(album: Album, timeline: Any) -> Generator[float, None, None]:
    """A strip that was painted as a draft."""
    yield from press(timeline, "brushflow.quality", _LEFT)
    yield from press(timeline, "brushflow.stylize")
    yield from wait(lambda: queue().is_busy, 10)
    yield from wait(lambda: queue().is_settled, 200)
    rows = yield from scan(timeline)
    yield from rest(timeline)
    yield from album.take("draft", lines(timeline, rows, "brushflow.quality", "brushflow.repaint"))


def guard(album: Album, timeline: Any, order: dict) -> Generator[float, None, None]:
    """Looked before the render: one strip is a draft, another has changed since it was painted."""
    other = strips().new_movie(name="harbour.mp4", filepath=order["clip"], channel=6, frame_start=1)
    other.right_handle = 1 + order["length"] // 2
    select(other)
    scene().brushflow.quality = "FINAL"
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    yield from wait(lambda: queue().is_settled, 200)
    other.use_flip_x = True
    yield from press(timeline, "brushflow.check")
    rows = yield from scan(timeline)
    yield from rest(timeline)
    yield from album.take("render", panel(timeline, rows, "brushflow.check", "brushflow.paint_and_render"))


def menus(album: Album, timeline: Any) -> Generator[float, None, None]:
    """The menu beside Repaint, and the one of masks and strips."""
    bpy.data.masks.new("Balloon")
    select(result())
    yield 0.5
    rows = yield from scan(timeline)
    region, unit = sidebar(timeline), widget_unit()
    y = row_of(rows, "brushflow.repaint")
    yield from click(region.x + region.width * last_column(timeline), y)
    yield from album.take("settings", between(timeline, y + 4.2 * unit, y - _MENU))
    yield from key("ESC", region.x - 300, y)
    rows = yield from scan(timeline, _RIGHT)
    y = row_of(rows, "brushflow.second_style")
    yield from click(region.x + region.width * _LEFT, y)
    yield from album.take("where", between(timeline, y + 2.2 * unit, y - _MENU))
    yield from key("ESC", region.x - 300, y)
    yield from rest(timeline)


def files(album: Album, timeline: Any) -> Generator[float, None, None]:
    """What was measured."""
    yield from press(timeline, "brushflow.measure_disk")
    rows = yield from scan(timeline)
    yield from rest(timeline)
    yield from album.take("files", panel(timeline, rows, "brushflow.measure_disk", "brushflow.paint_files"))
