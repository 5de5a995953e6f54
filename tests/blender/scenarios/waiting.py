# SPDX-License-Identifier: GPL-3.0-or-later
"""Several strips in a queue: the playhead first, moved, held, one taken off, and the rest after Blender was closed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy
import timeline
from stored_settings import press

NAMES = ("one", "two", "three", "four")


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Part "begin" leaves work undone and is closed; part "later" opens the file again."""
    return globals()[options["part"]](work, options)


def begin(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Four strips one after the other; the playhead over the third."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    for number, name in enumerate(NAMES):
        shown = files[::-1] if name == "one" else files  # the only one that nothing of is in the cache
        timeline.image_strip(timeline.strips(scene), name, shown, 1, 1 + number * len(files))
    scene.frame_current = 2 + 2 * len(files)
    timeline.select(scene, *NAMES)
    timeline.save(work / "edit.blend")
    queue, order = timeline.addon("jobs.queue").QUEUE, timeline.addon("jobs.queue_order")
    order.estimates()._file.unlink(missing_ok=True)  # of other tests in this installation
    order._estimates = None
    told: dict[str, Any] = {"unknown": order.expected(scene, [8], "final")}
    jobs = timeline.press(style="starry-night").jobs

    def names() -> list[str]:
        return [job.name for job in queue.jobs if not job.state.has_ended]

    told["playhead first"] = names()
    timeline.tick_until(lambda: jobs[0].state.stage.value == "painting" and len(jobs[0].state.finished) >= 2)
    told["held"] = held(queue, jobs[0])
    waiting = order.waiting()
    press("move_job", job_id=waiting[1].job_id, up=True)
    told["moved up"] = names()
    scene.frame_current = 1
    press("playhead_first")
    told["playhead moved"] = names()
    press("cancel_job", job_id=order.waiting()[-1].job_id)
    told["one cancelled"] = names()
    told["gone"] = press("cancel_job", job_id="never was")
    press("pause")
    timeline.tick_until(lambda: jobs[0].state.has_ended)
    told["went on"] = timeline.state(jobs[0])
    second = order.QUEUE.current
    timeline.tick_until(lambda: second.state.has_ended)
    told["second"] = timeline.state(second)
    told["expected"] = order.expected(scene, [len(files)], "final")
    told["seconds left"] = order.seconds_left()
    timeline.save(work / "edit.blend")
    return told


def to_paint(scene: Any) -> dict[str, list[int]]:
    """How many frames of each strip are left: as they were painted, with another style, and without the picture."""
    order, chosen = timeline.addon("jobs.queue_order"), scene.brushflow
    sources = [strip for strip in timeline.strips(scene) if not strip.brushflow.source_uid]
    left = {}
    for style in ("starry-night", "great-wave", "PICTURE"):
        chosen.style = style
        order.frames_to_paint(scene, sources)  # folders that nobody looked at yet are looked at in a thread
        time.sleep(0.5)
        left[style] = order.frames_to_paint(scene, sources)
    return left


def held(queue: Any, job: Any) -> dict[str, Any]:
    """Pauses in the middle of a strip: nothing more is painted, and the worker is free."""
    press("pause")
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        queue.tick()
        time.sleep(0.01)
    before = len(job.state.finished)
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        queue.tick()
        time.sleep(0.01)
    return {
        "finished": [before, len(job.state.finished)],
        "text": job.state.progress_text,
        "worker": queue.worker.has_jobs,
        "busy": queue.is_busy,
    }


def later(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The file is opened in another Blender."""
    scene = timeline.open_file(work / "edit.blend")
    panel = timeline.addon("panels.queue_panel")
    panel.UNFINISHED.look()
    told: dict[str, Any] = {"names": panel.UNFINISHED.names, "frames": panel.UNFINISHED.frames}
    told["expected"] = timeline.addon("jobs.queue_order").expected(scene, [8], "final")
    told["error"] = press("go_on")
    told["jobs"] = [timeline.state(job) for job in timeline.addon("jobs.queue").QUEUE.jobs]
    panel.UNFINISHED.look()
    told["left"] = panel.UNFINISHED.count
    told["to paint"] = to_paint(scene)
    told["nothing"] = [bpy.ops.brushflow.go_on.poll(), press("pause")]
    return told
