# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one job, as the editor sees it. Free of bpy; pure: every step gives a new state.

    waiting → extracting → painting → done | cancelled | failed      a strip
    waiting → training → done | cancelled | failed                   a style

A job that has ended stays as it ended, whatever arrives late; only frames that were under way then still count.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import replace

from ..core_link import protocol


class Stage(enum.Enum):
    """Where a job is."""

    WAITING = "waiting"
    EXTRACTING = "extracting"
    PAINTING = "painting"
    TRAINING = "training"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDED = frozenset({Stage.DONE, Stage.CANCELLED, Stage.FAILED})

# What each kind of work takes of the bar, about as long as it lasts; other words of the worker count as "Reading", or
# as "Training".
_SPANS = {"Waiting": (0.0, 0.0), "Extracting": (0.0, 0.12), "Reading": (0.12, 0.2), "Painting": (0.2, 1.0)}
_SPANS["Motion"] = (0.12, 0.12)  # of a scene strip alone, after its frames are extracted
_SPANS["Training"] = (0.0, 1.0)  # a job of its own: all of the bar


@dataclasses.dataclass(frozen=True)
class JobState:
    """What is known about a job.

    Attributes:
        total: frames of the strip.
        wanted: frames to be painted; the others have strength 0.
        stage: where the job is.
        doing: the present work as a word for the editor, "Extracting", "Painting".
        step, steps: how far that work is; a training in hundredths.
        finished: frame_index of every frame that lies painted on the timeline.
        reused: how many of them came out of the cache.
        seconds_left: estimate for the whole job; negative = not known.
        sentence, hint, log: what went wrong, what to do, and where the details are; empty when nothing did.
        warnings: sentences about things that did not stop the job.
        losses: of a training, its style loss and content loss, smaller is nearer; None before its first step.
        style: identifier of the style that was learnt; empty before.
        memory: bytes that the worker held at the most; 0 = no more than in a job before, or not known.
    """

    total: int
    wanted: int
    stage: Stage = Stage.WAITING
    doing: str = "Waiting"
    step: int = 0
    steps: int = 0
    finished: frozenset[int] = frozenset()
    reused: int = 0
    seconds_left: float = -1.0
    sentence: str = ""
    hint: str = ""
    log: str = ""
    warnings: tuple[str, ...] = ()
    losses: tuple[float, float] | None = None
    style: str = ""
    memory: int = 0

    @property
    def has_ended(self) -> bool:
        """True once nothing more will happen."""
        return self.stage in ENDED

    @property
    def fraction(self) -> float:
        """How far the whole job is, 0 … 1: the bar fills once, though the work changes under it."""
        if self.stage is Stage.DONE:
            return 1.0
        other = "Training" if self.stage is Stage.TRAINING else "Reading"
        begin, end = _SPANS.get(self.doing, _SPANS[other])
        return begin + (end - begin) * (min(1.0, self.step / self.steps) if self.steps else 0.0)

    @property
    def progress_text(self) -> str:
        """The words on the progress bar."""
        text = f"{self.doing} {self.step} / {self.steps}" if self.steps else self.doing
        if self.losses is not None:
            text = f"{self.doing} {self.step} %"
        return f"{text} · {clock(self.seconds_left)} left" if self.seconds_left >= 0 else text

    def extracting(self) -> JobState:
        """The strip's frames are being read."""
        self._must_be(Stage.WAITING)
        return replace(self, stage=Stage.EXTRACTING, doing="Extracting", step=0, steps=self.total)

    def extracted(self, count: int) -> JobState:
        """``count`` frames of the strip have been read."""
        return self if self.has_ended else replace(self, step=count)

    def telling_motion(self, done: int, total: int) -> JobState:
        """The exact motion of ``done`` of ``total`` frames has been rendered."""
        return self if self.has_ended else replace(self, doing="Motion", step=done, steps=total)

    def painting(self) -> JobState:
        """The worker has the job."""
        self._must_be(Stage.EXTRACTING)
        return replace(self, stage=Stage.PAINTING, doing="Starting", step=0, steps=0)

    def training(self) -> JobState:
        """The worker has the job, which is to learn a style."""
        self._must_be(Stage.WAITING)
        return replace(self, stage=Stage.TRAINING, doing="Starting", step=0, steps=0)

    def done(self) -> JobState:
        """Everything wanted is there."""
        return self._end(Stage.DONE)

    def cancelled(self, sentence: str = "") -> JobState:
        """The job was stopped; finished frames stay."""
        return self._end(Stage.CANCELLED, sentence)

    def failed(self, sentence: str, hint: str = "", log: str = "") -> JobState:
        """The job ended with an error; finished frames stay."""
        return self._end(Stage.FAILED, sentence, hint, log)

    def after(self, message: protocol.Message) -> JobState:
        """The state once the worker has said ``message``."""
        if isinstance(message, protocol.FrameDone):
            finished = self.finished | {message.frame_index}
            return replace(self, finished=finished, reused=self.reused + message.reused)
        if self.has_ended:
            return self
        match message:
            case protocol.Progress():
                word, left = message.stage, message.seconds_left
                return replace(self, doing=word, step=message.done, steps=message.total, seconds_left=left)
            case protocol.TrainingProgress():
                step, left = int(100 * message.share), message.seconds_left
                losses = (message.style_loss, message.content_loss)
                return replace(self, doing="Training", step=step, steps=100, seconds_left=left, losses=losses)
            case protocol.Warned():
                return replace(self, warnings=(*self.warnings, message.message))
            case protocol.Done():
                return replace(self.done(), style=message.style, memory=message.memory)
            case protocol.CancelledByRequest():
                return self.cancelled()
            case protocol.Failed():
                return self.failed(message.message, message.hint, message.log)
            case _:
                return self

    def _must_be(self, stage: Stage) -> None:
        if self.stage is not stage:
            raise ValueError(f"The job is {self.stage.value}; {stage.value} was expected.")

    def _end(self, stage: Stage, sentence: str = "", hint: str = "", log: str = "") -> JobState:
        if self.has_ended:
            return self
        return replace(self, stage=stage, seconds_left=-1.0, sentence=sentence, hint=hint, log=log)


def clock(seconds: float) -> str:
    """A time span as an editor reads it: "0:07", "12:30", "1:02:05"."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
