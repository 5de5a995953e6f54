# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with the jobs that wait: hold them, put them in order, tell how long they will take."""

from __future__ import annotations

import collections
import dataclasses
import time
from pathlib import Path
from typing import Any

import bpy

from .. import preferences
from ..core_link import errors
from ..storage import run_folder, run_use
from ..timeline import result_state, result_strip, strips, working_size
from . import timer
from .estimates import Estimates, Expected
from .job import Job, TrainingJob
from .job_state import Stage
from .queue import QUEUE, JobQueue

_MOST_PAINTED = 0.75  # of its frames; a job that took more from the cache says nothing about painting

_estimates: Estimates | None = None
_begun: dict[str, float] = {}  # when a job was first seen at work, by the identifier of its result's run


def waiting(queue: JobQueue = QUEUE) -> list[Job | TrainingJob]:
    """The jobs that have not begun, in their order."""
    return [job for job in queue.jobs if not job.state.has_ended and job is not queue.current]


def pause(queue: JobQueue = QUEUE) -> None:
    """Holds everything: the processor is free within a second, and what is painted stays.

    The strip in hand goes on later with the frames that were read for it. To the worker it is another job then, so that
    what the worker still says of this one is not heard. A training is not held: it ends with Cancel and goes on from
    there.
    """
    queue.is_paused = True
    job = queue.current
    if isinstance(job, Job) and job.state.stage is Stage.PAINTING:
        queue.take_back(job)
        job.job_id = run_folder.new_uid()
        job.state = dataclasses.replace(
            job.state, stage=Stage.EXTRACTING, doing="Paused", step=0, steps=0, seconds_left=-1.0
        )


def resume(queue: JobQueue = QUEUE) -> None:
    """Goes on where it was held."""
    queue.is_paused = False


def move(job_id: str, up: bool, queue: JobQueue = QUEUE) -> bool:
    """Changes places with the job that waits before, or after; False where there is none."""
    order = waiting(queue)
    place = next((number for number, job in enumerate(order) if job.job_id == job_id), -1)
    other = place - 1 if up else place + 1
    if place < 0 or not 0 <= other < len(order):
        return False
    one, two = queue.jobs.index(order[place]), queue.jobs.index(order[other])
    queue.jobs[one], queue.jobs[two] = queue.jobs[two], queue.jobs[one]
    return True


def playhead_first(queue: JobQueue = QUEUE) -> None:
    """Puts the strips that wait in the order of their distance from their scene's playhead."""
    order = waiting(queue)
    places = [queue.jobs.index(job) for job in order]
    for place, job in zip(places, sorted(order, key=_distance), strict=True):
        queue.jobs[place] = job


def _distance(job: Job | TrainingJob) -> int:
    scene = bpy.data.scenes.get(job.facts.scene) if isinstance(job, Job) else None
    if scene is None or not isinstance(job, Job):
        return 1 << 30
    first, now = job.facts.first_frame, scene.frame_current
    return max(0, first - now, now - first - job.facts.length + 1)


def estimates() -> Estimates:
    """What earlier jobs on this machine took; read once a session."""
    global _estimates
    if _estimates is None:
        _estimates = Estimates(Path(preferences.user_folder("logs")).parent / "speed.json")
    return _estimates


def follow(job: Job) -> None:
    """Notes when a strip is begun, and, when it has ended well, what it took; called at each of its steps."""
    key = job.places.run.name
    if not job.state.has_ended:
        if job.state.stage is Stage.WAITING or QUEUE.is_paused:
            _begun.pop(key, None)  # a job that was held says nothing about its time
        elif job.state.stage is Stage.EXTRACTING:
            _begun.setdefault(key, time.monotonic())
        return
    begun = _begun.pop(key, None)
    frames = len(job.state.finished)
    painted = frames - job.state.reused
    if begun is None or job.state.stage is not Stage.DONE or painted < _MOST_PAINTED * frames:
        return
    size = run_use.bytes_of(job.places.run, job.places.frames) * painted // frames
    pixels = job.facts.width * job.facts.height
    seconds = time.monotonic() - begun
    estimates().note(str(job.settings["quality"]), pixels, painted, seconds, size, job.state.memory)


def seconds_left(queue: JobQueue = QUEUE) -> float:
    """For all jobs together; negative where nothing can be said."""
    current = queue.current
    total = current.state.seconds_left if current is not None else 0.0
    if total < 0:
        return -1.0
    for job in waiting(queue):
        expected = expected_of(job) if isinstance(job, Job) else None
        if expected is None:
            return -1.0
        total += expected.seconds
    return total


def expected_of(job: Job) -> Expected | None:
    """What a strip that waits will take; None where nothing was measured yet."""
    pixels = job.facts.width * job.facts.height
    return estimates().of(str(job.settings["quality"]), pixels, len(job.facts.wanted))


def expected(scene: Any, lengths: list[int], quality: str) -> Expected | None:
    """What strips of these lengths will take at the chosen size; looks at memory only."""
    width, height = working_size.size_at(scene, scene.brushflow.resolution)
    pixels = width * height
    return estimates().of(quality, pixels, sum(lengths))


def frames_to_paint(scene: Any, sources: list[Any]) -> list[int]:
    """How many frames of each of these strips are not painted yet as they would be painted now; looks at memory only.

    A picture that is missing counts as a choice of which nothing is painted.
    """
    try:
        chosen = scene.brushflow.frozen("", preferences.device())
    except errors.StyleError:
        chosen = None
    painted: collections.Counter[str] = collections.Counter()
    for strip in strips.displayed(scene.sequence_editor):
        if result_strip.is_result(strip) and result_state.painted_settings(strip) == chosen is not None:
            found = QUEUE.painted.of(result_strip.run_of(strip), timer.redraw_soon)
            painted[strip.brushflow.source_uid] += len(found or ())
    return [max(0, strips.length(source) - painted[source.brushflow.uid]) for source in sources]
