# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker: a process that paints, and learns styles, as Blender asks. Free of bpy; torch only when it is chosen.

Requests come on stdin, messages go to stdout, logs to stderr, as ``core.worker.protocol`` says. A thread reads the
requests, so that a cancel is seen while a job runs; jobs run one after the other. The end of stdin means that Blender
is gone: the worker stops after the frame in hand.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from ..colour_lock import lock_colours
from ..errors import BrushflowError, Cancelled, MediaError, ProtocolError, SettingsError
from ..estimators import estimator_of
from ..flow.given import GivenMotion
from ..flow.motion import FlowEstimator
from ..master import refuse_without_packages, stylize_master
from ..paint.choice import available_engines, device_in_use, make_painter
from ..paint.feedforward import FeedForwardPainter
from ..peak_memory import PeakOfJobs
from ..pipeline import ClipJob, stylize
from ..quality import FILE_NAME
from ..settings import StylizeSettings
from ..storage.cache import Cache
from ..storage.frames import Clip, Frame, read_frame, write_frame
from ..styles.weights import ModelLibrary
from . import protocol
from .training import train
from .trying import try_styles

_log = logging.getLogger("brushflow.worker")

# Progress is told at most this often; frames are always told.
_PROGRESS_SECONDS = 0.1


def main() -> int:
    """Run until stdin ends or a shutdown is asked for."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # The real stdout belongs to the protocol: a stray print, also from a C library, goes to the log instead.
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    Worker(pipe).serve(_lines(0))
    return 0


def _lines(descriptor: int) -> Iterator[str]:
    """The lines that come through a pipe, each as soon as it is there; bytes that are no text are replaced.

    Not through ``sys.stdin``: the thread that waits there for a line holds its lock, and the process could not end.
    """
    rest = b""
    while data := os.read(descriptor, 1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
    yield rest.decode("utf-8", "replace")


class Worker:
    """Serves requests.

    Args:
        pipe: where messages go, one a line.
        library: the models; the shipped ones when left out.
    """

    def __init__(self, pipe: TextIO, library: ModelLibrary | None = None) -> None:
        self._pipe = pipe
        self._library = library
        self._requests: queue.Queue[protocol.Request | None] = queue.Queue()
        self._cancelled: set[str] = set()
        self._ending = threading.Event()
        self._sending = threading.Lock()
        self._peak = PeakOfJobs()

    def serve(self, lines: Iterable[str]) -> None:
        """Answer every request of ``lines`` until they end or one is ``Shutdown``."""
        threading.Thread(target=self._read, args=(lines,), name="requests", daemon=True).start()
        while (request := self._requests.get()) is not None:
            match request:
                case protocol.Hello():
                    self._greet(request)
                case protocol.Stylize() | protocol.Preview() | protocol.TryStyles() | protocol.TrainStyle():
                    self._run(request)
                case protocol.Cancel() | protocol.Shutdown():
                    pass  # taken by the reading thread already
            if self._ending.is_set():
                break

    def send(self, message: protocol.Message) -> None:
        """Write one message. When nobody reads any more, everything is stopped."""
        try:
            with self._sending:
                self._pipe.write(message.encode() + "\n")
                self._pipe.flush()
        except (BrokenPipeError, ValueError):
            self._ending.set()

    def should_stop(self, job_id: str) -> bool:
        """Whether this job is to stop."""
        return self._ending.is_set() or job_id in self._cancelled

    def _read(self, lines: Iterable[str]) -> None:
        """Take requests in as they come; a cancel acts at once, ahead of all that waits."""
        try:
            for line in lines:
                if not line.strip():
                    continue
                try:
                    request = protocol.decode_request(line)
                except ProtocolError as error:
                    _log.error("%s", error)
                    self.send(protocol.Failed(protocol.job_id_of(line), error.message, error.hint))
                    continue
                if isinstance(request, protocol.Cancel):
                    self._cancelled.add(request.job_id)
                if isinstance(request, protocol.Shutdown):
                    break
                self._requests.put(request)
        finally:  # whatever ends the reading ends the worker: nobody could stop it any more
            self._ending.set()
            self._requests.put(None)

    def _greet(self, request: protocol.Hello) -> None:
        if request.protocol != protocol.VERSION:
            self.send(
                protocol.Failed(
                    "",
                    f"Blender speaks protocol {request.protocol}, the worker protocol {protocol.VERSION}.",
                    "Reinstall the add-on and restart Blender, so that both come from one version.",
                )
            )
            return
        self.send(protocol.Ready(protocol.VERSION, available_engines(), device_in_use(), os.getpid()))

    def _run(self, request: protocol.Stylize | protocol.Preview | protocol.TryStyles | protocol.TrainStyle) -> None:
        """Do one job; it ends with exactly one of Done, CancelledByRequest and Failed."""
        watch = _JobWatch(self, request.job_id)
        try:
            if watch.should_stop():  # cancelled while it waited
                raise Cancelled
            if isinstance(request, protocol.TrainStyle):
                self.send(train(request, self.send, watch.should_stop))
            elif isinstance(request, protocol.TryStyles):
                self.send(try_styles(request, self._models(), self.send, watch.should_stop))
            else:
                self.send(self._paint(request, watch))
        except Cancelled:
            self.send(protocol.CancelledByRequest(request.job_id, watch.finished))
        except BrushflowError as error:
            _log.error("%s", error)
            self.send(protocol.Failed(request.job_id, error.message, error.hint))
        except MemoryError:
            _log.exception("out of memory")
            hint = "Close other programs, or lower the resolution of the render."
            self.send(protocol.Failed(request.job_id, "There is not enough memory.", hint))
        except Exception as error:  # the boundary of the process: whatever it is, the editor hears of it
            _log.exception("job %s failed", request.job_id)
            text = f"The painter stopped unexpectedly ({type(error).__name__}: {error})."
            self.send(protocol.Failed(request.job_id, text, "The log says more; what is finished is kept."))
        finally:
            self._cancelled.discard(request.job_id)

    def _models(self) -> ModelLibrary:
        self._library = self._library or ModelLibrary()
        return self._library

    def _paint(self, request: protocol.Stylize | protocol.Preview, watch: _JobWatch) -> protocol.Done:
        settings = StylizeSettings.from_json(request.settings)
        if settings.quality == "master":
            refuse_without_packages()
        painter = make_painter(settings, self._models())
        if isinstance(request, protocol.Preview):
            return _preview(request, settings, painter, watch)
        return self._stylize(request, settings, painter, watch)

    def _stylize(
        self,
        request: protocol.Stylize,
        settings: StylizeSettings,
        painter: FeedForwardPainter,
        watch: _JobWatch,
    ) -> protocol.Done:
        count = len(request.source_names)
        wanted = frozenset(request.wanted or range(count))
        if len(request.output_names) != count or not wanted <= set(range(count)):
            raise SettingsError(
                f"The job names {count} sources, {len(request.output_names)} targets "
                f"and frames from {min(wanted, default=0)} to {max(wanted, default=0)}.",
                "Names must be as many as frames, and wanted frames among them.",
            )
        self.send(protocol.Accepted(request.job_id, len(wanted)))
        output = Path(request.output_dir)
        job = ClipJob.of(
            settings,
            Clip.from_folder(Path(request.source_dir), request.source_names),
            tuple(output / name for name in request.output_names),
            wanted,
            focus=request.focus,
            quality=output / FILE_NAME,
        )
        cache = Cache(Path(request.cache_dir), request.cache_limit_bytes)
        size = job.clip.read(min(wanted)).size
        if settings.quality == "master":
            summary = stylize_master(job, settings, self._models(), cache, watch)
        else:
            summary = stylize(job, painter, self._estimator(request, settings), cache, watch)
        held = self._peak.after((settings.quality, size))
        return protocol.Done(request.job_id, summary.painted, summary.reused, summary.seconds, memory=held)

    def _estimator(self, request: protocol.Stylize, settings: StylizeSettings) -> FlowEstimator:
        """Blender's own motion where it was sent along; where it cannot be read the editor hears of it."""
        estimator = estimator_of(settings)
        if not request.motion_dir:
            return estimator
        try:
            return GivenMotion(Path(request.motion_dir), estimator)
        except MediaError as error:
            _log.error("%s", error)
            self.send(protocol.Warned(request.job_id, f"{error.message} It is estimated from the pictures instead."))
            return estimator


def _preview(
    request: protocol.Preview, settings: StylizeSettings, painter: FeedForwardPainter, watch: _JobWatch
) -> protocol.Done:
    """Paint one picture with its own statistics."""
    started = time.monotonic()
    frame = read_frame(Path(request.source))
    painted = painter.paint(frame.rgb, painter.measure([frame.rgb]))
    locked = lock_colours(painted, frame.rgb, settings.colour_lock)
    write_frame(Path(request.output), Frame(locked, frame.alpha))
    watch.frame_done(0, Path(request.output), False)
    return protocol.Done(request.job_id, 1, 0, time.monotonic() - started)


class _JobWatch:
    """Turns the pipeline's reports into messages."""

    def __init__(self, worker: Worker, job_id: str) -> None:
        self._worker = worker
        self._job_id = job_id
        self._told = 0.0
        self.finished = 0

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        now = time.monotonic()
        if now - self._told < _PROGRESS_SECONDS and done < total:
            return
        self._told = now
        self._worker.send(protocol.Progress(self._job_id, stage, done, total, seconds_left))

    def frame_done(self, frame_index: int, path: Path, reused: bool) -> None:
        self.finished += 1
        self._worker.send(protocol.FrameDone(self._job_id, frame_index, str(path), reused))

    def should_stop(self) -> bool:
        return self._worker.should_stop(self._job_id)
