# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that run: one after another, extraction first, then the worker, and what Blender shows of them.

In a window a timer takes a few milliseconds of each step. In background mode timers never run, so the same steps are
taken in a loop, with progress on the console.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
import traceback
from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import core_link, extract, job_request, preferences, result_strip
from .core_link import errors
from .job_state import JobState, Stage
from .painted_state import PaintedState
from .worker_client import WorkerClient

_TICK_SECONDS = 0.05
_MESSAGES_A_TICK = 60  # about 5 ms
_LOOK_FOR_STRIP_SECONDS = 0.5
_IDLE_SECONDS = 60.0  # then the worker is ended and its memory given back


@dataclasses.dataclass(eq=False)
class Job:
    """One strip to be painted.

    Attributes:
        job_id: its name towards the worker.
        facts: the strip as it was when Stylize was pressed.
        places: its folders.
        copy: the .blend its frames are read from.
        result_uid: identifier of its result strip.
        settings: what to paint with, as JSON.
    """

    job_id: str
    facts: job_request.StripFacts
    places: job_request.Places
    copy: Path
    result_uid: str
    settings: dict[str, Any]
    state: JobState = dataclasses.field(init=False)
    extraction: extract.Extraction | None = None

    def __post_init__(self) -> None:
        self.state = JobState(total=self.facts.length, wanted=len(self.facts.wanted))

    @property
    def temporary(self) -> Path:
        """The folder that is removed when the last job using it has ended."""
        return self.copy.parent


@dataclasses.dataclass(frozen=True)
class Notice:
    """What the panel says about the last job: a sentence, what to do, and where the details are."""

    sentence: str
    hint: str = ""
    log: str = ""
    is_error: bool = True


class JobQueue:
    """Runs jobs in the order in which they came."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.painted = PaintedState()
        self.notice: Notice | None = None
        self._worker: WorkerClient | None = None
        self._worker_python: Path | None = None
        self._report = "Nothing was painted in this session yet"
        self._looked_at = 0.0
        self._idle_since = 0.0
        self._needs_refresh = False

    @property
    def current(self) -> Job | None:
        """The job that is being worked on; None when there is none."""
        return next((job for job in self.jobs if not job.state.has_ended), None)

    @property
    def is_busy(self) -> bool:
        """True while a job has not ended."""
        return self.current is not None

    def add(self, jobs: list[Job]) -> None:
        """Takes jobs in; the timer or ``run_blocking`` works on them."""
        self.notice = None
        self.jobs = [job for job in self.jobs if not job.state.has_ended] + jobs
        if not bpy.app.background and not bpy.app.timers.is_registered(_on_timer):
            bpy.app.timers.register(_on_timer, first_interval=0.0, persistent=True)

    def job_of(self, result: Any) -> Job | None:
        """The job that has not ended and paints this result."""
        uid = result.brushflow.uid
        return next((job for job in self.jobs if job.result_uid == uid and not job.state.has_ended), None)

    def cancel(self, job: Job, sentence: str = "") -> None:
        """Stops one job. What is painted stays."""
        if job.state.stage is Stage.PAINTING and self._worker is not None and not sentence:
            self._worker.cancel(job.job_id)  # its answer ends the job
        elif not job.state.has_ended:
            if self._worker is not None:
                self._worker.cancel(job.job_id)
            self._end(job, job.state.cancelled(sentence))

    def cancel_all(self) -> None:
        """Stops every job, those that wait first."""
        for job in reversed([job for job in self.jobs if not job.state.has_ended]):
            self.cancel(job)

    def drop_all(self) -> None:
        """Forgets every job at once and ends the worker: another file is loaded, or the add-on goes."""
        if self._worker is not None:
            self._worker.stop(grace_seconds=0.3)
        for job in self.jobs:
            if not job.state.has_ended:
                self._end(job, job.state.cancelled())
        self.jobs.clear()
        self.notice = None

    def worker_report(self) -> str:
        """A line for the preferences: what the worker said it can do."""
        return self._report

    @property
    def worker_process_id(self) -> int | None:
        """The worker's number in the system; None while there is none."""
        return self._worker.process_id if self._worker else None

    def tick(self) -> bool:
        """Does what can be done without waiting; True when something changed for the eye."""
        job = self.current
        before = [other.state for other in self.jobs]
        if job is not None:
            try:
                self._step(job)
            except (errors.BrushflowError, OSError) as error:
                message, hint = getattr(error, "message", str(error)), getattr(error, "hint", "")
                self._end(job, job.state.failed(message, hint))
        self._hear_worker()
        if self._needs_refresh and not bpy.app.is_job_running("RENDER"):
            self._show_new_pictures()
        return before != [other.state for other in self.jobs]

    def run_blocking(self) -> None:
        """Works until every job has ended, with progress on the console. Ctrl-C cancels."""
        said, said_at = "", 0.0
        try:
            while (job := self.current) is not None:
                self.tick()
                text = f"Brushflow: {job.facts.name}: {job.state.progress_text}"
                if job.state.has_ended:
                    text = f"Brushflow: {job.facts.name}: {_outcome(job.state)}"
                if text != said and (job.state.has_ended or time.monotonic() - said_at > 1.0):
                    print(text, flush=True)
                    said, said_at = text, time.monotonic()
                time.sleep(0.005)
        except KeyboardInterrupt:
            self.cancel_all()
            while self.is_busy:
                self.tick()
                time.sleep(0.005)

    def idle_too_long(self) -> bool:
        """True when there was nothing to do for a while; the worker has then been ended."""
        if self.is_busy:
            self._idle_since = time.monotonic()
            return False
        if time.monotonic() - self._idle_since < _IDLE_SECONDS:
            return False
        if self._worker is not None:
            self._worker.stop()
        return True

    def _step(self, job: Job) -> None:
        """Moves one job on: starts its extraction, follows it, hands it to the worker."""
        if job.state.stage is Stage.WAITING:
            names = job_request.frame_names(job.facts.length)
            log = preferences.user_folder("logs") / f"extract-{os.getpid()}.log"
            job.extraction = extract.Extraction(
                job.copy,
                scene=job.facts.scene,
                strip=job.facts.name,
                first_frame=job.facts.first_frame,
                folder=job.places.frames,
                names=names,
                log=log,
            )
            job.state = job.state.extracting()
        elif job.state.stage is Stage.EXTRACTING and job.extraction is not None:
            job.extraction.listen()
            job.state = job.state.extracted(job.extraction.done)
            if job.extraction.problem:
                sentence = f"The frames of {job.facts.name!r} could not be read: {job.extraction.problem}."
                self._end(job, job.state.failed(sentence, "The log says more.", str(job.extraction.log)))
            elif job.extraction.is_complete:
                self._begin_painting(job)
        if time.monotonic() - self._looked_at > _LOOK_FOR_STRIP_SECONDS and not job.state.has_ended:
            self._looked_at = time.monotonic()
            if not result_strip.find(job.result_uid, job.places.run):
                self.cancel(job, f"The result of {job.facts.name!r} was removed, so its painting was stopped.")

    def _begin_painting(self, job: Job) -> None:
        job.state = job.state.painting()
        if not job.facts.wanted:
            self._end(job, job.state.done())
            return
        self._worker_for_now().paint(job_request.build(job.job_id, job.facts, job.places, job.settings))

    def _worker_for_now(self) -> WorkerClient:
        """The worker; another one after the preferences named another Python."""
        chosen = preferences.preferences().torch_python
        python = Path(bpy.path.abspath(chosen)) if chosen else core_link.own_python()
        if self._worker is None or python != self._worker_python:
            if self._worker is not None:
                self._worker.stop()
            self._worker_python = python
            self._worker = WorkerClient(
                core_link.worker_command(python),
                core_link.worker_environment(is_own_python=not chosen),
                core_link.ENGINE_FOLDER,
                preferences.user_folder("logs") / f"worker-{os.getpid()}.log",
            )
        return self._worker

    def _hear_worker(self) -> None:
        if self._worker is None:
            return
        by_id = {job.job_id: job for job in self.jobs}
        for message in self._worker.messages(_MESSAGES_A_TICK):
            job = by_id.get(getattr(message, "job_id", ""))
            if job is None or job.state.has_ended:
                continue
            known = len(job.state.finished)
            after = job.state.after(message)
            if after.has_ended:
                self._end(job, after)
            else:
                job.state = after
            self._needs_refresh |= len(job.state.finished) != known
        if self._worker.ready is not None:
            ready = self._worker.ready
            self._report = f"Painting with {', '.join(ready.engines)} on {ready.device}"

    def _show_new_pictures(self) -> None:
        self._needs_refresh = False
        for job in self.jobs:
            if job.state.finished:
                self.painted.set(job.places.run, job.state.finished)
                for result in result_strip.find(job.result_uid, job.places.run):
                    result_strip.refresh(result)

    def _end(self, job: Job, state: JobState) -> None:
        """The last step of every job: its child is gone, its extracted frames are removed, the editor is told."""
        job.state = state
        if job.extraction is not None:
            job.extraction.kill()
        shutil.rmtree(job.places.frames, ignore_errors=True)
        if not any(other.temporary == job.temporary and not other.state.has_ended for other in self.jobs):
            shutil.rmtree(job.temporary, ignore_errors=True)
        if state.sentence:
            self.notice = Notice(state.sentence, state.hint, state.log, is_error=state.stage is Stage.FAILED)
            if state.stage is Stage.FAILED and not bpy.app.background:
                with contextlib.suppress(RuntimeError):
                    bpy.ops.brushflow.tell("INVOKE_DEFAULT", message=f"{state.sentence} {state.hint}".strip())
        self._needs_refresh |= bool(state.finished)


QUEUE = JobQueue()


def _outcome(state: JobState) -> str:
    """One job's end in a line for the console."""
    if state.stage is Stage.FAILED:
        return f"failed: {state.sentence} {state.hint}".strip()
    painted, reused = len(state.finished) - state.reused, state.reused
    return f"{state.stage.value}, {painted} painted, {reused} reused, {state.total - state.wanted} not needed"


def redraw() -> None:
    """Shows the panel and the preview anew."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()


def _on_timer() -> float | None:
    """Blender's timer; ends by itself when there has been nothing to do for a while."""
    try:
        if QUEUE.tick():
            redraw()
    except Exception as error:  # a fault of ours must not end the timer silently and leave the job for ever "running"
        traceback.print_exc()
        if QUEUE.current is not None:
            job = QUEUE.current
            sentence = f"Brushflow itself failed ({type(error).__name__}: {error})."
            job.state = job.state.failed(sentence, "Please report this; the console says more.")
            QUEUE.notice = Notice(job.state.sentence, job.state.hint)
        redraw()
    if QUEUE.is_busy:
        QUEUE.idle_too_long()
        return _TICK_SECONDS
    return None if QUEUE.idle_too_long() else 1.0


@persistent
def _before_load(*_arguments: Any) -> None:
    QUEUE.drop_all()


@persistent
def _after_load(*_arguments: Any) -> None:
    QUEUE.painted.forget()


def register() -> None:
    """Watches for other files being loaded."""
    bpy.app.handlers.load_pre.append(_before_load)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Stops everything that runs."""
    QUEUE.drop_all()
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.load_pre.remove(_before_load)
