# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad luck while a job runs: killed processes, strips renamed or removed, another file, two jobs, damaged files."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import bpy
import timeline

RESULT = "pictures (Brushflow)"
LOOKS_EVERY = timeline.addon("jobs.queue").LOOK_FOR_STRIP_SECONDS


class Play:
    """One timeline of 24 pictures, large enough that there is a middle to a job."""

    def __init__(self, work: Path, options: dict[str, Any]) -> None:
        self.work = work
        self.files = sorted(Path(options["pictures"]).iterdir())
        self.queue = timeline.addon("jobs.queue").QUEUE

    def fresh(self, name: str) -> Any:
        """A saved timeline in a folder of its own, so that nothing is in the cache."""
        scene = timeline.new(320, 240)
        timeline.image_strip(timeline.strips(scene), "pictures", self.files, 1, 1)
        timeline.select(scene, "pictures")
        timeline.save(self.work / name / "edit.blend")
        return scene

    def in_the_middle(self) -> Any:
        """A job of which a few frames are painted; its worker stands still, so that it can't be over too soon."""
        job = timeline.press(style="starry-night").jobs[0]
        timeline.tick_until(lambda: len(job.state.finished) >= 2)
        os.kill(self.queue.worker.process_id, signal.SIGSTOP)
        assert not job.state.has_ended, "the job was over before anything could happen to it"
        return job

    def goes_on(self) -> None:
        """The worker paints again."""
        os.kill(self.queue.worker.process_id, signal.SIGCONT)

    def to_the_end(self, job: Any) -> dict[str, Any]:
        """How the job ended."""
        timeline.tick_until(lambda: job.state.has_ended)
        self.queue.tick()
        return {**timeline.state(job), "notice": self.queue.notice.sentence if self.queue.notice else ""}

    def worker_killed(self) -> dict[str, Any]:
        scene = self.fresh("worker killed")
        job = self.in_the_middle()
        os.kill(self.queue.worker.process_id, signal.SIGKILL)
        ended = self.to_the_end(job)
        timeline.stylize(style="starry-night")
        return {"ended": ended, "again": timeline.last_job(), "names": timeline.names(scene)}

    def child_killed(self) -> dict[str, Any]:
        self.fresh("child killed")
        job = timeline.press(style="starry-night").jobs[0]
        timeline.tick_until(lambda: job.extraction is not None and job.extraction.done >= 1)
        os.kill(job.extraction.process_id, signal.SIGKILL)
        ended = self.to_the_end(job)
        timeline.stylize(style="starry-night")
        return {"ended": ended, "again": timeline.last_job()}

    def renamed(self) -> dict[str, Any]:
        scene = self.fresh("renamed")
        job = timeline.press(style="starry-night").jobs[0]
        timeline.tick_until(lambda: job.extraction is not None and job.extraction.done >= 1)
        timeline.strips(scene)["pictures"].name = "other"
        timeline.strips(scene)[RESULT].name = "other result"
        scene.name = "Other Scene"
        ended = self.to_the_end(job)
        return {"ended": ended, "names": timeline.names(scene)}

    def source_deleted(self) -> dict[str, Any]:
        scene = self.fresh("source deleted")
        job = self.in_the_middle()
        timeline.strips(scene).remove(timeline.strips(scene)["pictures"])
        self.goes_on()
        return {"ended": self.to_the_end(job), "names": timeline.names(scene)}

    def result_deleted(self) -> dict[str, Any]:
        scene = self.fresh("result deleted")
        job = self.in_the_middle()
        timeline.strips(scene).remove(timeline.strips(scene)[RESULT])
        time.sleep(LOOKS_EVERY)
        self.queue.tick()
        self.goes_on()
        return {"ended": self.to_the_end(job), "names": timeline.names(scene)}

    def other_file_opened(self) -> dict[str, Any]:
        self.fresh("another")
        self.fresh("other file")
        job = self.in_the_middle()
        worker = self.queue.worker.process_id
        self.goes_on()
        scene = timeline.open_file(self.work / "another" / "edit.blend")
        told = {
            "ended": timeline.state(job),
            "names": timeline.names(scene),
            "busy": self.queue.is_busy,
            "worker runs": Path(f"/proc/{worker}").exists(),
            "temporary": [path.name for path in job.places.cache.joinpath("temporary").iterdir()],
        }
        timeline.select(scene, "pictures")
        told["error"] = timeline.stylize(style="starry-night")
        told["next"] = timeline.last_job()
        return told

    def two_at_once(self) -> dict[str, Any]:
        scene = self.fresh("two at once")
        timeline.image_strip(timeline.strips(scene), "more", self.files[:6], 1, 101)
        timeline.select(scene, "pictures")
        first = timeline.press(style="starry-night").jobs[0]
        timeline.select(scene, "more")
        second = timeline.press(style="great-wave").jobs[0]
        refused = ""
        timeline.select(scene, "pictures")
        try:
            timeline.press(style="the-scream")
        except Exception as error:
            refused = str(error)
        timeline.tick_until(lambda: first.state.has_ended)
        second_while_first_ended = second.state.stage.value
        return {
            "first": self.to_the_end(first),
            "second": self.to_the_end(second),
            "second while the first ended": second_while_first_ended,
            "refused": refused,
            "names": timeline.names(scene),
        }

    def cancelled_while_waiting(self) -> dict[str, Any]:
        scene = self.fresh("cancelled while waiting")
        timeline.image_strip(timeline.strips(scene), "more", self.files[:6], 1, 101)
        timeline.select(scene, "pictures", "more")
        jobs = timeline.press(style="starry-night").jobs
        self.queue.tick()
        self.queue.cancel_all()
        return {"ended": [self.to_the_end(job) for job in jobs], "busy": self.queue.is_busy}

    def disk_runs_full(self) -> dict[str, Any]:
        """The cache lies on a small disk; afterwards on a large one."""
        scene = self.fresh("disk runs full")
        preferences = bpy.context.preferences.addons["bl_ext.user_default.brushflow"].preferences
        preferences.cache_folder = os.environ["BRUSHFLOW_TEST_SMALL_DISK"]
        sentence = timeline.stylize(style="starry-night")
        ended = timeline.last_job()
        preferences.cache_folder = ""
        again = timeline.stylize(style="starry-night")
        return {"sentence": sentence, "ended": ended, "names": timeline.names(scene), "again": again}

    def damaged_cache(self) -> dict[str, Any]:
        self.fresh("damaged cache")
        timeline.stylize(style="starry-night")
        first = timeline.last_job()
        stored = [path for path in (self.work / "damaged cache/brushflow/stages").rglob("*") if path.is_file()]
        for number, path in enumerate(stored):
            content = path.read_bytes()
            half = content[: len(content) // 2]
            path.unlink()
            path.write_bytes((half, b"", half + b"\0" * (len(content) - len(half)))[number % 3])
        timeline.stylize(style="starry-night")
        return {"first": first, "second": timeline.last_job(), "damaged": len(stored)}


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Every mishap in turn; the worker of one serves the next unless it died."""
    scene_of = Play(work, options)
    told = {}
    for name in options["mishaps"]:
        told[name] = getattr(scene_of, name)()
    bpy.ops.wm.read_homefile(use_empty=True)
    return told
