# SPDX-License-Identifier: GPL-3.0-or-later
"""Draft to final, the check before the render, the queue and the files: pictures of each state, by real clicks."""

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from edit import add_clip, module, open_tab, open_video_editing, queue, result, scene, strip_of, strips, unfold, wait
from eyes import shot
from hands import click, find, move, sidebar, survey, window


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """A draft, its check, its final; three strips in the queue, held; files measured; a render that warns."""
    yield from open_video_editing()
    bpy.context.preferences.view.ui_scale = order["scale"]
    yield 0.5
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    unfold("BRUSHFLOW_PT_render", "BRUSHFLOW_PT_files")
    timeline = yield from open_tab()
    told: dict[str, Any] = {}
    scene().brushflow.quality = "DRAFT"
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    yield from wait(lambda: queue().is_settled, 120)
    yield from press(timeline, "brushflow.check")
    yield from shot(out / "1-draft-checked.png")
    told["found"] = [state.sentence for state in module("actions.render_guard").GUARD.found]
    yield from press(timeline, "brushflow.finish_drafts")
    yield from wait(lambda: queue().is_busy, 10)
    yield from wait(lambda: queue().is_settled, 120)
    told["finished"] = not module("timeline.result_state").is_draft(result())
    yield from press(timeline, "brushflow.check")
    yield from shot(out / "2-final-checked.png")
    yield from several(out, timeline, told)
    yield from lower_panels(out, timeline)
    told["rows"] = sorted({text for _, text in (yield from survey(timeline)) if text})
    told["render"] = yield from render(out, timeline)
    return told


def press(timeline: Any, name: str) -> Generator[float, None, None]:
    """Scrolls to a button of the sidebar, clicks it, and takes the mouse away."""
    yield from scroll(timeline, up=True)
    place = None
    for _ in range(12):
        with contextlib.suppress(LookupError):
            place = yield from find(timeline, name)
            break
        yield from scroll(timeline, by=200)
    if place is None:
        raise LookupError(f"{name} is nowhere in the sidebar")
    yield from click(*place)
    yield from move(timeline.x + 300, timeline.y + 60)
    yield 0.5


def scroll(timeline: Any, by: int = 10000, *, up: bool = False) -> Generator[float, None, None]:
    """Scrolls the sidebar, as the mouse wheel does."""
    with bpy.context.temp_override(window=window(), area=timeline, region=sidebar(timeline)):
        (bpy.ops.view2d.scroll_up if up else bpy.ops.view2d.scroll_down)(deltay=by)
    yield 0.3


def several(out: Path, timeline: Any, told: dict[str, Any]) -> Generator[float, None, None]:
    """Three more strips wait; the queue is held."""
    movie = strip_of("MOVIE")
    for number in range(3):
        strip = strips().new_movie(
            name=f"holiday in the mountains {number + 1}.mp4",
            filepath=movie.filepath,
            channel=5 + 2 * number,
            frame_start=1,
        )
        strip.right_handle = 49  # long enough to be at work until its button is found
    for strip in strips():
        strip.select = strip.name.startswith("holiday")
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    yield from wait(lambda: any(job.state.stage.value == "painting" for job in queue().jobs), 90)
    with bpy.context.temp_override(window=window()):  # a click would have to find it before the strips are painted
        bpy.ops.brushflow.pause()
    yield 1.5
    told["held"] = queue().is_paused
    yield from scroll(timeline, by=130)
    yield from shot(out / "3-held.png")
    queue().cancel_all()
    yield from wait(lambda: queue().is_settled, 30)
    module("panels.queue_panel").UNFINISHED.look()
    timeline.tag_redraw()
    yield 0.5
    yield from shot(out / "4-left-undone.png")
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.go_on(dismiss=True)


def lower_panels(out: Path, timeline: Any) -> Generator[float, None, None]:
    """Files open, the tab scrolled to its end; then the dialog that asks before it deletes."""
    for strip in strips():
        strip.select = strip == result()
    scene().sequence_editor.active_strip = result()
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.measure_disk()
    yield from scroll(timeline)
    timeline.tag_redraw()
    yield 0.8
    yield from shot(out / "5-files.png")
    with bpy.context.temp_override(window=window(), area=timeline, region=sidebar(timeline)):
        bpy.ops.brushflow.clean("INVOKE_DEFAULT")
    yield 0.8
    yield from shot(out / "6-clean.png")
    yield from move(timeline.x + 5, timeline.y + 5)
    yield 0.5
    yield from scroll(timeline, up=True)


def render(out: Path, timeline: Any) -> Generator[float, None, str]:
    """A render of two frames with a stale painting; the warning stands in the status bar and the panel."""
    strip_of("MOVIE").use_flip_x = True
    scene().frame_start, scene().frame_end = 1, 2
    scene().render.filepath = str(out / "frames" / "f_")
    with bpy.context.temp_override(window=window()):
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True, use_sequencer_scene=True)
    yield from wait(lambda: len(list((out / "frames").glob("f_*"))) > 0, 60)
    yield 1.0
    yield from shot(out / "7-render.png")
    return module("actions.render_guard").summary(module("actions.render_guard").GUARD.found)
