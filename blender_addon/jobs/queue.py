# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that run: one after another, a strip's extraction first, then the worker, and what Blender shows of them.

In a window a timer (``timer.py``) takes a few milliseconds for each step. In background mode timers never run, so the
same steps are taken in a loop, with progress on the console.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy

from .. import preferences
from ..core_link import errors
from ..processes import worker_start
from ..storage import run_folder
from ..storage.painted_state import PaintedState
from ..timeline import extract, result_strip
from . import job_request
from .job import Change, Job, Notice, TrainingJob, outcome
from .job_state import JobState, Stage

_MESSAGES_A_TICK = 60  # about 5 ms
_SHOW_SECONDS = 0.5  # new pictures are shown together: each showing makes Blender read and draw anew
LOOK_FOR_STRIP_SECONDS = 0.5
_READ_AGAIN = "Press Stylize again. If that does not help: the log says more."
_IDLE_SECONDS = 60.0  # then the worker is ended and its memory given back


class JobQueue:
    """Runs jobs in the order in which they came."""

    def __init__(self) -> None:
        self.jobs: list[Job | TrainingJob] = []
        self.painted = PaintedState()
        self.notice: Notice | None = None
        self.is_paused = False
        self.followers: list[Callable[[Job], None]] = []  # called at each step of a painting and at its end
        self.worker = worker_start.WorkerSeat()
        self._looked_at = 0.0
        self._shown_at = 0.0
        self._idle_since = 0.0
        self._has_new_pictures = False

    @property
    def current(self) -> Job | TrainingJob | None:
        """The job that is being worked on; None when there is none."""
        return next((job for job in self.jobs if not job.state.has_ended), None)

    @property
    def paintings(self) -> list[Job]:
        """The jobs that paint a strip."""
        return [job for job in self.jobs if isinstance(job, Job)]

    @property
    def is_busy(self) -> bool:
        """True while a job has not ended."""
        return self.current is not None

    @property
    def is_settled(self) -> bool:
        """True when no job is left, and the worker has stopped with those that were cancelled."""
        return not self.is_busy and not self.worker.has_jobs

    def add(self, jobs: Sequence[Job | TrainingJob]) -> None:
        """Takes jobs in; the timer or ``run_blocking`` works on them."""
        self.notice, self.is_paused = None, self.is_paused and self.is_busy
        self.jobs = [job for job in self.jobs if not job.state.has_ended or self.worker.has(job.job_id)]
        self.jobs += jobs

    def job_of(self, result: Any) -> Job | None:
        """The job that has not ended and paints this result."""
        uid = result.brushflow.uid
        return next((job for job in self.paintings if job.result_uid == uid and not job.state.has_ended), None)

    def take_back(self, job: Job) -> None:
        """Makes the worker stop with a job that is not to end."""
        self.worker.cancel(job.job_id)

    def cancel(self, job: Job | TrainingJob, sentence: str = "") -> None:
        """Stops one job, for the eye at once. What is done stays, and so does what is just being finished."""
        self.worker.cancel(job.job_id)
        self._end(job, job.state.cancelled(sentence))

    def cancel_all(self) -> None:
        """Stops every job, those that wait first."""
        for job in reversed(self.jobs):
            if not job.state.has_ended:
                self.cancel(job)

    def drop_all(self) -> None:
        """Forgets every job at once and ends the worker: another file is loaded, or the add-on goes."""
        self.worker.stop(grace_seconds=0.3)
        for job in self.jobs:
            if not job.state.has_ended:
                self._end(job, job.state.cancelled())
            self._clean(job)
        self.jobs.clear()
        self.notice = None

    def tick(self) -> Change:
        """Does what can be done without waiting; says what changed for the eye."""
        job = self.current
        before = [other.state for other in self.jobs]
        if job is not None:
            try:
                self._step(job)
            except (errors.BrushflowError, OSError) as error:
                message, hint = getattr(error, "message", str(error)), getattr(error, "hint", "")
                self._end(job, job.state.failed(message, hint))
        self._hear_worker()
        if self._has_new_pictures and self._may_show() and self._show_new_pictures():
            return Change.PICTURES
        return Change.STATE if before != [other.state for other in self.jobs] else Change.NOTHING

    def fail_current(self, sentence: str, hint: str) -> None:
        """Ends the job that is being worked on, because this add-on itself failed."""
        if self.current is not None:
            self._end(self.current, self.current.state.failed(sentence, hint))

    def run_blocking(self) -> None:
        """Works until every job has ended, with progress on the console. Ctrl-C cancels."""
        self.is_paused = False
        for job in self.jobs:
            said, said_at = "", 0.0
            while not job.state.has_ended or self.worker.has(job.job_id):
                try:
                    self.tick()
                    time.sleep(0.005)
                except KeyboardInterrupt:
                    self.cancel_all()
                if job.state.progress_text != said and time.monotonic() - said_at > 1.0:
                    said, said_at = job.state.progress_text, time.monotonic()
                    print(f"Brushflow: {job.name}: {said}", flush=True)
            print(f"Brushflow: {job.name}: {outcome(job)}", flush=True)

    def idle_too_long(self) -> bool:
        """True when there was nothing to do for a while; the worker has then been ended."""
        if not self.is_settled:
            self._idle_since = time.monotonic()
            return False
        if time.monotonic() - self._idle_since < _IDLE_SECONDS:
            return False
        self.worker.stop()
        return True

    def _step(self, job: Job | TrainingJob) -> None:
        """Moves one job on: starts its extraction, follows it, hands it to the worker."""
        if self.is_paused and job.state.stage is Stage.WAITING:
            return
        if isinstance(job, TrainingJob):
            if job.state.stage is Stage.WAITING:
                job.state = job.state.training()
                self.worker.taken().train(job.request)
            return
        if job.state.stage is Stage.WAITING:
            job.extraction = extract.Extraction(
                job.copy,
                scene=job.facts.scene,
                strip=job.facts.name,
                first_frame=job.facts.first_frame,
                folder=job.places.frames,
                names=job_request.frame_names(job.facts.length),
                resolution=int(job.settings["resolution"]),
                motion=job.places.motion if job.facts.exact_motion else None,
                log=worker_start.log_file("extract"),
            )
            job.state = job.state.extracting()
        elif job.state.stage is Stage.EXTRACTING and job.extraction is not None:
            job.listen(job.extraction)
            if job.extraction.problem:
                sentence = f"The frames of {job.facts.name!r} could not be read: {job.extraction.problem}."
                hint = run_folder.room_hint(job.temporary) or _READ_AGAIN
                self._end(job, job.state.failed(sentence, hint, str(job.extraction.log)))
            elif job.extraction.is_complete and not self.is_paused:
                self._begin_painting(job)
        self._tell_followers(job)
        if time.monotonic() - self._looked_at > LOOK_FOR_STRIP_SECONDS and not job.state.has_ended:
            self._looked_at = time.monotonic()
            if not result_strip.find(job.result_uid, job.places.run):
                self.cancel(job, f"The result of {job.facts.name!r} was removed, so its painting was stopped.")

    def _begin_painting(self, job: Job) -> None:
        job.state = job.state.painting()
        if not job.facts.wanted:
            self._end(job, job.state.done())
            return
        self.worker.taken().paint(job.request())

    def _hear_worker(self) -> None:
        by_id = {job.job_id: job for job in self.jobs}
        for message in self.worker.messages(_MESSAGES_A_TICK):
            job = by_id.get(getattr(message, "job_id", ""))
            if job is None:
                continue
            if isinstance(job, TrainingJob):
                job.hear(message)
            before, job.state = job.state, job.state.after(message)
            self._has_new_pictures |= job.state.finished != before.finished
            if job.state.has_ended and not before.has_ended:
                self._end(job, job.state)
            elif not self.worker.has(job.job_id):
                self._clean(job)
        if (ready := self.worker.ready) is not None:
            report = f"Painting with {', '.join(ready.engines)} on {ready.device}"
            preferences.BrushflowPreferences.worker_report = report

    def _may_show(self) -> bool:
        """Not too often, and never while Blender renders from the very pictures."""
        is_time = not self.is_busy or time.monotonic() - self._shown_at > _SHOW_SECONDS
        return is_time and not bpy.app.is_job_running("RENDER")

    def _show_new_pictures(self) -> bool:
        """Makes Blender read them anew when they are next looked at; True when that is now.

        Only the picture under the playhead is in view, and drawing the preview and the timeline costs the most.
        """
        self._has_new_pictures, self._shown_at = False, time.monotonic()
        is_in_view = not self.is_busy
        for job in self.paintings:
            new = job.state.finished - self.painted.known(job.places.run)
            if not new:
                continue
            self.painted.set(job.places.run, job.state.finished)
            for result in result_strip.find(job.result_uid, job.places.run):
                result_strip.refresh(result)
                is_in_view |= result_strip.index_under_playhead(result) in new
        return is_in_view

    def _end(self, job: Job | TrainingJob, state: JobState) -> None:
        """The end of every job: its child is gone, its extracted frames are removed, the editor is told."""
        job.state = state
        if isinstance(job, Job):
            if job.extraction is not None:
                job.extraction.kill()
            self._tell_followers(job)
        if not self.worker.has(job.job_id):  # else it still reads them
            self._clean(job)
        self._has_new_pictures |= bool(state.finished)
        if state.style:
            self.notice = Notice(f"The style {job.name!r} is ready: it is in the list of styles.", is_error=False)
        if not state.sentence:
            if isinstance(job, Job) and state.warnings:  # short jobs end before they can be read
                self.notice = Notice(state.warnings[-1], is_error=False)
            return
        self.notice = Notice(state.sentence, state.hint, state.log, is_error=state.stage is Stage.FAILED)
        if state.stage is Stage.FAILED and not bpy.app.background:
            with contextlib.suppress(RuntimeError):  # reporting an error raises it, too
                bpy.ops.brushflow.tell("INVOKE_DEFAULT", message=f"{state.sentence} {state.hint}".strip())

    def _tell_followers(self, job: Job) -> None:
        for follow in self.followers:
            follow(job)

    def _clean(self, job: Job | TrainingJob) -> None:
        """Removes the job's extracted frames, and after the last job of a press the copy of the file."""
        if isinstance(job, TrainingJob):
            return
        is_shared = any(other.temporary == job.temporary and not other.state.has_ended for other in self.paintings)
        self._remove(job.places.frames if is_shared else job.temporary)

    def _remove(self, folder: Path) -> None:
        """Deletes a folder; in a window beside it, as thousands of pictures take their time."""
        removing = threading.Thread(target=run_folder.remove, args=(folder,), name="brushflow-remove")
        removing.start()
        if bpy.app.background:
            removing.join()


QUEUE = JobQueue()
