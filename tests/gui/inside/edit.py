# SPDX-License-Identifier: GPL-3.0-or-later
"""The editor's desk: the Video Editing workspace, a clip on the timeline, the Brushflow tab open."""

import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy
from hands import sidebar, window

ADDON = "bl_ext.user_default.brushflow"


def module(name: str) -> Any:
    """A module of the installed extension, as it runs."""
    return sys.modules[f"{ADDON}.{name}"]


def queue() -> Any:
    """The extension's jobs."""
    return module("jobs.queue").QUEUE


def scene() -> Any:
    """The scene whose timeline is shown."""
    return window().workspace.sequencer_scene


def strips() -> Any:
    """The strips on the timeline."""
    return scene().sequence_editor.strips


def area(view: str = "SEQUENCER") -> Any:
    """The timeline, or the preview ("PREVIEW")."""
    areas = [area for area in window().screen.areas if area.type == "SEQUENCE_EDITOR"]
    return next(area for area in areas if area.spaces.active.view_type == view)


def open_video_editing() -> Generator[float, None, None]:
    """Opens a new file with the Video Editing workspace, as File > New does."""
    yield 0.5
    bpy.ops.wm.read_homefile(app_template="Video_Editing")
    yield 1.0


def add_clip(clip: str, length: int) -> Any:
    """Puts a movie with its sound on the timeline with Blender's own operator, shortened; gives the movie strip."""
    timeline = area()
    region = next(region for region in timeline.regions if region.type == "WINDOW")
    shown = scene()
    shown.render.resolution_x, shown.render.resolution_y = 640, 360
    with bpy.context.temp_override(window=window(), area=timeline, region=region):
        path = Path(clip)
        bpy.ops.sequencer.movie_strip_add(
            filepath=str(path),
            directory=f"{path.parent}/",
            files=[{"name": path.name}],
            frame_start=1,
            channel=1,
            move_strips=False,
        )
        movie = next(strip for strip in strips() if strip.type == "MOVIE")
        for strip in strips():
            strip.right_handle = 1 + length
        shown.frame_start, shown.frame_end = 1, length
        shown.frame_current = length // 2
        select(movie)
        bpy.ops.sequencer.view_all()
    preview = area("PREVIEW")
    region = next(region for region in preview.regions if region.type == "PREVIEW")
    with bpy.context.temp_override(window=window(), area=preview, region=region):
        bpy.ops.sequencer.view_all_preview()
    bpy.ops.ed.undo_push(message="The clip")
    return movie


def select(*chosen: Any) -> None:
    """Selects strips; the first becomes the active one."""
    for strip in strips():
        strip.select = strip in chosen
    scene().sequence_editor.active_strip = chosen[0] if chosen else None


def unfold(*panels: str) -> None:
    """Makes sub-panels, all where none is named, stand open; must be called before the tab is drawn for the first time.

    All are registered anew, so that each keeps its place.
    """
    bpy.ops.preferences.addon_disable(module=ADDON)
    for kind in bpy.types.Panel.__subclasses__():
        if kind.__name__ in panels or (not panels and kind.__name__.startswith("BRUSHFLOW_PT_")):
            kind.bl_options = set()
    bpy.ops.preferences.addon_enable(module=ADDON)


def open_tab() -> Generator[float, None, Any]:
    """Opens the sidebar of the timeline at the Brushflow tab; gives the area."""
    timeline = area()
    timeline.spaces.active.show_region_ui = True
    yield 0.7
    sidebar(timeline).active_panel_category = "Brushflow"
    timeline.tag_redraw()
    yield 0.7
    return timeline


def result() -> Any:
    """The result strip; None when there is none."""
    return next((strip for strip in strips() if strip.type == "IMAGE" and strip.brushflow.source_uid), None)


def keys(strip: Any, name: str) -> list[tuple[float, float]]:
    """The keyframes of one of a strip's properties: (frame, value)."""
    data = scene().animation_data
    if data is None or data.action is None:
        return []
    bag = data.action.layers[0].strips[0].channelbag(data.action_slot)
    curve = next((curve for curve in bag.fcurves if curve.data_path == strip.path_from_id(name)), None)
    return [] if curve is None else [(point.co[0], point.co[1]) for point in curve.keyframe_points]


def rectangle(area: Any, kind: str) -> dict[str, int]:
    """Where a region lies, in pixels of the screen from its upper left corner."""
    region = next(region for region in area.regions if region.type == kind)
    top = window().height - region.y - region.height
    return {"x": region.x, "y": top, "width": region.width, "height": region.height}


def strip_of(kind: str) -> Any:
    """The first strip of a type; None without one."""
    return next((strip for strip in strips() if strip.type == kind), None)


def watch(job: Any, enough: Callable[[], bool]) -> Generator[float, None, list]:
    """What the progress says until enough was seen or the job has ended: (seconds, text, fraction, frames painted)."""
    seen: list[list[Any]] = []
    started = time.monotonic()
    while not job.state.has_ended and not enough() and time.monotonic() - started < 120:
        now = [job.state.progress_text, round(job.state.fraction, 3), len(job.state.finished)]
        if not seen or seen[-1][1:] != now:
            seen.append([round(time.monotonic() - started, 2), *now])
        yield 0.03
    return seen


def wait(until: Callable[[], bool], seconds: float) -> Generator[float, None, None]:
    """Waits for something to happen; raises TimeoutError when it does not."""
    started = time.monotonic()
    while not until():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"waited {seconds} s in vain")
        yield 0.01
