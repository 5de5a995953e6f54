# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one frame: read by a child Blender, painted by the worker, in one style or in many. Free of bpy.

    reading → painting → done                       many styles at once: a trial
    reading → painting → showing → done             one style, to be shown over the preview

A look may be cancelled or fail on its way. Of each kind there is one at a time: a new one takes the older one's place.
A preview is wanted at once, so it goes ahead of a trial, which goes on afterwards with the styles that are left.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core_link import errors, protocol
from ..processes.frame_reader import FrameReader
from ..processes.worker_client import WorkerClient
from ..storage import run_folder


class LookStage(enum.Enum):
    """Where a look is."""

    READING = "reading"
    PAINTING = "painting"
    SHOWING = "showing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


_ENDED = frozenset({LookStage.DONE, LookStage.CANCELLED, LookStage.FAILED})


@dataclasses.dataclass(eq=False)
class Look:
    """One frame of a strip, to be painted.

    Attributes:
        name: the strip's name.
        scene: name of the scene on whose timeline it lies.
        frame: timeline_frame.
        copy: the .blend it is read from; all pictures of the look lie beside it.
        settings: what to paint with, as JSON.
        styles: the styles to try, most wanted first; empty = a preview in the style of the settings.
        through_view: the preview region shows pictures through a view transform, so it takes one more step.
        painted: the picture of each style that is there.
        shown: of a finished preview, the source and its painting as the preview region shows them.
        warnings: styles that could not be painted.
    """

    name: str
    scene: str
    frame: int
    copy: Path
    settings: dict[str, Any]
    styles: tuple[str, ...] = ()
    through_view: bool = False
    look_id: str = dataclasses.field(default_factory=run_folder.new_uid)
    stage: LookStage = LookStage.READING
    painted: dict[str, Path] = dataclasses.field(default_factory=dict)
    shown: tuple[Path, Path] | None = None
    warnings: tuple[str, ...] = ()
    sentence: str = ""
    hint: str = ""
    job_id: str = ""

    @property
    def is_trial(self) -> bool:
        """True when many styles are tried."""
        return bool(self.styles)

    @property
    def has_ended(self) -> bool:
        """True once nothing more will happen."""
        return self.stage in _ENDED

    @property
    def folder(self) -> Path:
        """Where everything of this look lies."""
        return self.copy.parent

    @property
    def source(self) -> Path:
        """The frame as Stylize reads it."""
        return self.folder / "source.png"

    @property
    def left(self) -> tuple[str, ...]:
        """The styles that are still to be tried. One that cannot be painted is not tried again."""
        return self.styles[len(self.painted) + len(self.warnings) :]

    def place(self) -> dict[str, Any]:
        """Scene, frame and working resolution, for the child."""
        resolution = self.settings["resolution"]
        return {"blend": str(self.copy), "scene": self.scene, "frame": self.frame, "resolution": resolution}

    def end(self, stage: LookStage, sentence: str = "", hint: str = "") -> None:
        """Nothing more will happen."""
        if not self.has_ended:
            self.stage, self.sentence, self.hint = stage, sentence, hint


class LookDesk:
    """Works on looks without waiting.

    Args:
        make_reader, make_worker: give the processes; asked when one is needed. May raise ``BrushflowError``.
    """

    def __init__(self, make_reader: Callable[[], FrameReader], make_worker: Callable[[], WorkerClient]) -> None:
        self._make_reader, self._make_worker = make_reader, make_worker
        self._reader: FrameReader | None = None
        self._worker: WorkerClient | None = None
        self.trial: Look | None = None
        self.preview: Look | None = None

    @property
    def looks(self) -> list[Look]:
        """The looks there are, the urgent one first."""
        return [look for look in (self.preview, self.trial) if look is not None]

    @property
    def is_busy(self) -> bool:
        """True while a look has not ended."""
        return any(not look.has_ended for look in self.looks)

    @property
    def process_ids(self) -> list[int]:
        """The numbers of its processes in the system."""
        found = [part.process_id for part in (self._reader, self._worker) if part is not None]
        return [number for number in found if number is not None]

    def begin(self, look: Look) -> None:
        """Takes a look in; what the older one of its kind left is deleted.

        Raises:
            BrushflowError, OSError: its processes cannot be started.
        """
        old = self.trial if look.is_trial else self.preview
        if old is not None:
            self.drop(old)
        if look.is_trial:
            self.trial = look
        else:
            self.preview = look
        self._reader = self._reader or self._make_reader()
        self._worker = self._worker or self._make_worker()
        self._reader.ask(look.look_id, {"do": "read", "strip": look.name, "picture": str(look.source), **look.place()})
        self._worker.warm_up()  # while the frame is read

    def cancel(self, look: Look) -> None:
        """Stops a look; the pictures that are there stay."""
        look.end(LookStage.CANCELLED)
        if self._worker is not None and look.job_id:
            self._worker.cancel(look.job_id)

    def drop(self, look: Look) -> None:
        """Stops a look and deletes its pictures."""
        self.cancel(look)
        if self.trial is look:
            self.trial = None
        if self.preview is look:
            self.preview = None
        run_folder.remove(look.folder)

    def close(self) -> None:
        """Drops every look and ends the processes."""
        for look in self.looks:
            self.drop(look)
        self.rest()

    def rest(self) -> None:
        """Ends the processes; the pictures stay."""
        if self._reader is not None:
            self._reader.stop()
        if self._worker is not None:
            self._worker.stop(grace_seconds=0.3)
        self._reader = self._worker = None

    def tick(self) -> bool:
        """Does what can be done without waiting; True when there is something new to see."""
        before = [(look.stage, len(look.painted)) for look in self.looks]
        for order_id, problem in self._reader.answers() if self._reader is not None else []:
            look = self._find(lambda one, wanted=order_id: one.look_id == wanted)  # type: ignore[misc]
            if look is not None and problem:
                sentence = f"Frame {look.frame} of {look.name!r} could not be read: {problem}."
                look.end(LookStage.FAILED, sentence, run_folder.room_hint(look.folder) or "Try it again.")
            elif look is not None and look.stage is LookStage.SHOWING:
                look.end(LookStage.DONE)
            elif look is not None:
                self._paint(look)
        for message in self._worker.messages() if self._worker is not None else []:
            wanted = getattr(message, "job_id", "")
            look = self._find(lambda one, wanted=wanted: one.job_id == wanted)  # type: ignore[misc]
            if look is not None:
                self._hear(look, message)
        return before != [(look.stage, len(look.painted)) for look in self.looks]

    def _find(self, is_meant: Callable[[Look], bool]) -> Look | None:
        return next((look for look in self.looks if not look.has_ended and is_meant(look)), None)

    def _paint(self, look: Look) -> None:
        """Hands a look to the worker, a preview ahead of a trial."""
        assert self._worker is not None
        look.stage, look.job_id = LookStage.PAINTING, run_folder.new_uid()
        if look.is_trial:
            pictures = look.folder / look.job_id
            try:
                pictures.mkdir()
            except OSError as error:
                problem = run_folder.cache_error(look.folder, error)
                look.end(LookStage.FAILED, problem.message, problem.hint)
                return
            self._worker.paint(
                protocol.TryStyles(look.job_id, str(look.source), str(pictures), look.left, look.settings)
            )
            return
        if self.trial is not None and not self.trial.has_ended and self.trial.job_id:
            self._worker.cancel(self.trial.job_id)
        target = str(look.folder / "painted.png")
        self._worker.paint(protocol.Preview(look.job_id, str(look.source), target, look.settings))

    def _hear(self, look: Look, message: protocol.Message) -> None:
        match message:
            case protocol.StyleTried():
                look.painted[message.style] = Path(message.path)
            case protocol.Warned():
                look.warnings = (*look.warnings, message.message)
            case protocol.FrameDone():
                look.painted[look.settings["style"]] = Path(message.path)
            case protocol.Done():
                self._painted(look)
            case protocol.CancelledByRequest():  # to let a preview go first, else it would have ended
                self._paint(look)
            case protocol.Failed():
                look.end(LookStage.FAILED, message.message, message.hint)

    def _painted(self, look: Look) -> None:
        if look.is_trial:
            look.end(LookStage.DONE)
            return
        pictures = look.source, next(iter(look.painted.values()))
        look.shown = pictures
        if not look.through_view or self._reader is None:
            look.end(LookStage.DONE)
            return
        look.shown = look.folder / "source-shown.png", look.folder / "painted-shown.png"
        pairs = [[str(picture), str(shown)] for picture, shown in zip(pictures, look.shown, strict=True)]
        look.stage = LookStage.SHOWING
        self._reader.ask(look.look_id, {"do": "show", "pictures": pairs, **look.place()})


NOT_OVER = "Move the playhead over the strip, or select the strip under it."


def refuse_beside(name: str, frame: int, first: int, end: int) -> None:
    """Raises ``MediaError`` where a strip does not show a timeline_frame."""
    if not first <= frame < end:
        raise errors.MediaError(
            f"The playhead (frame {frame}) is not over {name!r}, which shows frames {first} to {end - 1}.", NOT_OVER
        )
