# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are painted one after the other, each by a child Blender of its own. Free of bpy.

    waiting → painting → painted | passed over | stopped | failed

A file that cannot be painted gets its sentence, and the next one goes on.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..core_link import errors
from ..processes.file_painter import FilePainter, FileProgress

WAITING, PAINTING = "waiting", "painting"
PAINTED, PASSED_OVER, STOPPED, FAILED = "painted", "passed over", "stopped", "failed"
_LATE_SECONDS = 30.0  # a child that is to stop may be saving a large file
_NOT_OPENED = "It was not opened."
_STEADY_FRAMES = 4  # before so many are painted, how long the rest takes would be a guess


@dataclasses.dataclass(frozen=True)
class FileState:
    """One file of the list.

    Attributes:
        path: the .blend.
        stage: one of the words above.
        sentence: what the editor reads once it has ended.
        progress: of the file that is painted.
        seconds_left: for it; negative = not known yet.
    """

    path: Path
    stage: str = WAITING
    sentence: str = ""
    progress: FileProgress = dataclasses.field(default_factory=lambda: FileProgress("", 0, 0))
    seconds_left: float = -1.0

    @property
    def has_ended(self) -> bool:
        """True once nothing more will happen to it."""
        return self.stage not in (WAITING, PAINTING)


class FileList:
    """Works on files without waiting.

    Args:
        paths: the files; one that is named twice is painted once.
        begin: starts the child for a file; may raise ``BrushflowError`` or ``OSError``.
        refuse: why a file is not to be opened now; empty = it may be. Asked when its turn comes, and while it lasts.
    """

    def __init__(
        self, paths: Sequence[Path], begin: Callable[[Path], FilePainter], refuse: Callable[[Path], str]
    ) -> None:
        self.files = [FileState(path) for path in dict.fromkeys(path.resolve() for path in paths)]
        self.is_stopping = False
        self._begin, self._refuse = begin, refuse
        self._painter: FilePainter | None = None
        self._why_stopped = ""
        self._late_at = 0.0
        self._first: tuple[float, int] | None = None  # when frames were first seen, and how many there were

    @property
    def current(self) -> FileState | None:
        """The file that is painted; None between two, and when all have ended."""
        return next((file for file in self.files if file.stage == PAINTING), None)

    @property
    def is_busy(self) -> bool:
        """True while a file has not ended."""
        return not all(file.has_ended for file in self.files)

    @property
    def number(self) -> int:
        """How many have begun, the current one counted: "2" of "2 / 5"."""
        return sum(file.stage != WAITING for file in self.files)

    @property
    def process_id(self) -> int | None:
        """The child's number in the system; None while there is none."""
        return self._painter.process_id if self._painter is not None else None

    def tick(self) -> bool:
        """Does what can be done without waiting; True when something changed for the eye."""
        before = list(self.files)
        if self._painter is None:
            self._next()
        else:
            self._follow(self._painter)
        return before != self.files

    def stop(self) -> None:
        """Puts the brush down: the file in hand keeps what is whole, those that wait are not opened."""
        self.is_stopping = True
        self.files = [self._ended(file, STOPPED, _NOT_OPENED) if file.stage == WAITING else file for file in self.files]
        self._ask_to_stop("")

    def drop(self, grace_seconds: float) -> None:
        """The same, at once: Blender closes, or the add-on goes."""
        self.stop()
        if self._painter is not None:
            self._painter.stop(grace_seconds)
            self._painter = None
        self.files = [file if file.has_ended else self._ended(file, STOPPED, "") for file in self.files]

    def _next(self) -> None:
        place = next((number for number, file in enumerate(self.files) if file.stage == WAITING), None)
        if place is None:
            return
        file = self.files[place]
        self._why_stopped, self._late_at, self._first = "", 0.0, None
        try:
            refused = self._refuse(file.path)
            if not refused:
                self._painter = self._begin(file.path)
        except (errors.BrushflowError, OSError) as error:
            self.files[place] = self._ended(file, FAILED, str(error))
            return
        self.files[place] = (
            self._ended(file, PASSED_OVER, refused) if refused else dataclasses.replace(file, stage=PAINTING)
        )

    def _follow(self, painter: FilePainter) -> None:
        file = self.current
        assert file is not None
        report = painter.listen()
        if report is not None:
            painter.stop(0.0)
            self._painter = None
            sentence = self._why_stopped if self._why_stopped and report.outcome == STOPPED else report.sentence
            self._put(self._ended(file, report.outcome, sentence))
            return
        self._put(dataclasses.replace(file, progress=painter.progress, seconds_left=self._left(painter.progress)))
        if not self._late_at and (refused := self._refuse(file.path)):
            self._ask_to_stop(refused)
        if self._late_at and time.monotonic() > self._late_at:
            painter.stop(0.0)

    def _ask_to_stop(self, why: str) -> None:
        if self._painter is not None and not self._late_at:
            self._why_stopped, self._late_at = why, time.monotonic() + _LATE_SECONDS
            self._painter.ask_to_stop(may_save=not why)

    def _left(self, progress: FileProgress) -> float:
        """From the time the frames took so far; what came from the cache at the beginning is not counted in."""
        if self._first is None and progress.done:
            self._first = time.monotonic(), progress.done
        if self._first is None or progress.done - self._first[1] < _STEADY_FRAMES:
            return -1.0
        since, before = self._first
        return (time.monotonic() - since) / (progress.done - before) * (progress.total - progress.done)

    def _put(self, file: FileState) -> None:
        self.files = [file if other.path == file.path else other for other in self.files]

    @staticmethod
    def _ended(file: FileState, stage: str, sentence: str) -> FileState:
        return dataclasses.replace(file, stage=stage, sentence=sentence, seconds_left=-1.0)
