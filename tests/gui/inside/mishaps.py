# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong at a desk: nothing selected, a missing file, undo or deletion while painting, another file opened."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from edit import add_clip, module, open_tab, open_video_editing, queue, result, scene, select, strip_of, wait
from eyes import shot
from hands import click, find, key, move, sidebar, window


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Plays it all; each part gives what it found."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    timeline = yield from open_tab()
    button = yield from find(timeline, "brushflow.stylize")
    found: dict[str, Any] = {}
    found["nothing_selected"] = yield from nothing_selected(button, timeline, out)
    found["missing"] = yield from missing_file(button, timeline, out)
    found["style"] = yield from another_style(timeline, out)
    found["undo"] = yield from undo_while_painting(button, timeline, out)
    found["deleted"] = yield from delete_while_painting(button, timeline)
    found["two"] = yield from stylize_twice(button)
    found["opened"] = yield from open_while_painting()
    return found


def nothing_selected(button: tuple[float, float], timeline: Any, out: Path) -> Generator[float, None, dict]:
    """The button is grey, a click does nothing, and the tooltip says why."""
    select()
    timeline.tag_redraw()
    yield 0.4
    with bpy.context.temp_override(window=window(), area=timeline, region=sidebar(timeline)):
        is_grey = not bpy.ops.brushflow.stylize.poll()
    yield from click(*button)
    yield 0.3
    yield from move(button[0] - 3, button[1] + 1)
    yield 1.5  # until the tooltip is there
    yield from shot(out / "1-nothing-selected.png")
    select(strip_of("MOVIE"))
    timeline.tag_redraw()
    return {"is_grey": is_grey, "is_busy": queue().is_busy, "result": result() is not None}


def missing_file(button: tuple[float, float], timeline: Any, out: Path) -> Generator[float, None, dict]:
    """A sentence in the panel names the file and says what to do."""
    movie = strip_of("MOVIE")
    kept, movie.filepath = movie.filepath, "//gone away/holiday in the mountains.mp4"
    yield from click(*button)
    yield 0.8
    notice = queue().notice
    yield from move(timeline.x + 300, timeline.y + 60)
    yield 0.3
    yield from shot(out / "2-missing-file.png")
    yield from key("ESC", timeline.x + 300, timeline.y + 60)  # Blender's own error box
    movie.filepath = kept
    yield 0.3
    return {
        "sentence": notice.sentence if notice else "",
        "hint": notice.hint if notice else "",
        "is_busy": queue().is_busy,
        "result": result() is not None,
    }


def another_style(timeline: Any, out: Path) -> Generator[float, None, dict]:
    """Opens the drop-down with a click and takes the next style with the keyboard."""
    before = scene().brushflow.style
    menu = yield from find(timeline, "brushflow.style")
    yield from click(*menu)
    yield 0.5
    yield from shot(out / "3-styles.png")
    yield from key("DOWN_ARROW", *menu)
    yield from key("DOWN_ARROW", *menu)
    yield from key("RET", *menu)
    yield 0.5
    return {"before": before, "after": scene().brushflow.style, "known": len(module("properties").STYLES.presets)}


def undo_while_painting(button: tuple[float, float], timeline: Any, out: Path) -> Generator[float, None, dict]:
    """Ctrl-Z takes the result away; its painting stops and says so."""
    bpy.ops.ed.undo_push(message="Another Style")
    button = yield from find(timeline, "brushflow.stylize")
    yield from click(*button)
    yield from wait(lambda: queue().is_busy and len(queue().current.state.finished) >= 2, 60)
    place = timeline.x + timeline.width * 0.4, timeline.y + timeline.height * 0.5
    pressed = time.monotonic()
    yield from key("Z", *place, ctrl=True)
    yield from wait(lambda: not queue().is_busy, 20)
    seconds, notice = time.monotonic() - pressed, queue().notice
    yield 0.4
    yield from shot(out / "4-undone.png")
    return {"result": result() is not None, "seconds": seconds, "sentence": notice.sentence if notice else ""}


def delete_while_painting(button: tuple[float, float], timeline: Any) -> Generator[float, None, dict]:
    """X on the result strip: its painting stops and says so."""
    button = yield from find(timeline, "brushflow.stylize")
    yield from click(*button)
    yield from wait(lambda: queue().is_busy, 10)
    select(result())
    place = timeline.x + timeline.width * 0.4, timeline.y + timeline.height * 0.5
    yield 0.2
    yield from key("DEL", *place)
    yield from wait(lambda: not queue().is_busy, 20)
    notice = queue().notice
    select(strip_of("MOVIE"))
    yield 0.3
    return {"result": result() is not None, "sentence": notice.sentence if notice else ""}


def stylize_twice(button: tuple[float, float]) -> Generator[float, None, dict]:
    """A second press while the strip is painted is refused with a sentence, and the painting goes on."""
    with bpy.context.temp_override(window=window()):
        first = bpy.ops.brushflow.stylize("INVOKE_DEFAULT")
    yield 0.5
    try:
        bpy.ops.brushflow.stylize()
        refusal = ""
    except RuntimeError as error:  # an error report, as scripts get it
        refusal = str(error)
    yield 0.2
    return {"first": sorted(first), "refusal": refusal, "goes_on": queue().is_busy}


def open_while_painting() -> Generator[float, None, dict]:
    """File > New in the middle of a job: no job, no process is left."""
    yield from wait(lambda: queue().worker.process_id is not None, 60)
    process = queue().worker.process_id
    bpy.ops.wm.read_homefile(app_template="Video_Editing")
    yield 1.5
    return {"is_busy": queue().is_busy, "worker_lives": Path(f"/proc/{process}").exists()}
