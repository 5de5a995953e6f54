# SPDX-License-Identifier: GPL-3.0-or-later
"""What an editor does every day: Stylize, Esc, Stylize again, undo and redo, keyframe the strength by its dot."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from edit import (
    add_clip,
    area,
    keys,
    open_tab,
    open_video_editing,
    queue,
    rectangle,
    result,
    scene,
    strip_of,
    wait,
    watch,
)
from eyes import Pulse, shot
from hands import click, find, find_dot, key, move, sidebar, window, write


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Plays it all; each part gives what it found."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    timeline = yield from open_tab()
    yield from shot(out / "1-idle.png")
    found = {"version": bpy.app.version_string, "preview": rectangle(area("PREVIEW"), "PREVIEW")}
    button = yield from find(timeline, "brushflow.stylize")
    found["without_job"] = yield from draw_everything()
    found["first"] = yield from stylize_and_escape(button)
    yield from shot(out / "2-cancelled.png")
    found["second"] = yield from stylize_again(button, out)
    yield from shot(out / "4-painted.png")
    found["undo"] = yield from undo_and_redo(timeline)
    found["strength"] = yield from keyframe_strength(timeline, out)
    bpy.ops.wm.save_mainfile()
    return found


def draw_everything() -> Generator[float, None, dict]:
    """The gaps when the whole window is drawn anew and nothing of the extension runs: what software drawing costs."""
    pulse = Pulse()
    pulse.start()
    for _ in range(8):
        for part in window().screen.areas:
            part.tag_redraw()
        yield 0.3
    return pulse.stop()


def stylize_and_escape(button: tuple[float, float]) -> Generator[float, None, dict]:
    """Starts a painting by a click, and stops it by Esc over the preview when some frames are painted."""
    pulse = Pulse()
    pulse.start()
    yield from click(*button)
    yield from wait(lambda: result() is not None, 5)
    strip, job = result(), queue().current
    found: dict[str, Any] = {
        "range": [strip.left_handle, strip.right_handle],
        "source_range": [strip_of("MOVIE").left_handle, strip_of("MOVIE").right_handle],
        "is_above": strip.channel > strip_of("MOVIE").channel,
        "placeholders": sum(1 for _ in Path(bpy.path.abspath(strip.directory)).glob("*.png")),
    }
    found["seen"] = yield from watch(job, lambda: len(job.state.finished) >= 8)
    found["gaps"] = pulse.stop()
    preview = rectangle(area("PREVIEW"), "PREVIEW")
    middle = preview["x"] + preview["width"] / 2, window().height - preview["y"] - preview["height"] / 2
    yield from move(*middle)
    found["busy_before_escape"] = queue().is_busy
    pressed = time.monotonic()
    window().event_simulate(type="ESC", value="PRESS", x=int(middle[0]), y=int(middle[1]))
    while queue().is_busy and time.monotonic() - pressed < 10:
        yield 0.01
    found["seconds_to_stop"] = time.monotonic() - pressed
    window().event_simulate(type="ESC", value="RELEASE", x=int(middle[0]), y=int(middle[1]))
    found["stage"], found["painted"] = job.state.stage.value, len(job.state.finished)
    yield 0.5
    found["result_stays"] = result() is not None
    return found


def stylize_again(button: tuple[float, float], out: Path) -> Generator[float, None, dict]:
    """Goes on where Esc stopped, to the end."""
    pulse = Pulse()
    pulse.start()
    yield from click(*button)
    yield from wait(lambda: queue().is_busy, 5)
    job = queue().current
    first = yield from watch(job, lambda: len(job.state.finished) >= 16)
    yield from pulse.shot(out / "3-painting.png")
    rest = yield from watch(job, lambda: False)
    yield 0.3
    return {
        "gaps": pulse.stop(),
        "seen": first + rest,
        "stage": job.state.stage.value,
        "painted": len(job.state.finished),
        "reused": job.state.reused,
    }


def undo_and_redo(timeline: Any) -> Generator[float, None, dict]:
    """Ctrl-Z until the result is gone, then Ctrl-Shift-Z as often."""
    place = timeline.x + timeline.width * 0.4, timeline.y + timeline.height * 0.5
    steps = 0
    while result() is not None and steps < 5:
        yield from key("Z", *place, ctrl=True)
        yield 0.4
        steps += 1
    gone, source_stays = result() is None, strip_of("MOVIE") is not None
    for _ in range(steps):
        yield from key("Z", *place, ctrl=True, shift=True)
        yield 0.4
    return {"steps": steps, "gone": gone, "source_stays": source_stays, "back": result() is not None}


def keyframe_strength(timeline: Any, out: Path) -> Generator[float, None, dict]:
    """Clicks the dot at the first frame, types 0 at the last and clicks the dot again."""
    first, last = scene().frame_start, scene().frame_end
    scene().frame_set(first)
    yield 0.4
    dot = yield from find_dot(timeline, "blend_alpha")
    yield from click(*dot)
    yield 0.4
    after_one = keys(result(), "blend_alpha")
    scene().frame_set(last)
    yield 0.4
    field = dot[0] - sidebar(timeline).width * 0.25, dot[1]
    yield from click(*field)
    yield from click(*field)
    yield 0.2
    yield from key("A", *field, ctrl=True)
    yield from write("0", *field)
    yield from key("RET", *field)
    yield 0.3
    yield from click(*dot)
    yield 0.5
    after_two = keys(result(), "blend_alpha")
    yield from move(timeline.x + 300, timeline.y + 60)
    yield from shot(out / "6-strength-0.png")
    scene().frame_set((first + last) // 2)
    yield 0.6
    yield from shot(out / "5-strength.png")
    return {"after_one": after_one, "after_two": after_two, "half": result().blend_alpha}
