# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worked on: a strip that is painted, or a style that is learnt; from the press of the button to the end."""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path
from typing import Any

from ..core_link import protocol
from ..styles.style_list import STYLES
from ..timeline import extract
from . import job_request
from .job_state import JobState, Stage


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
    def name(self) -> str:
        """What the panel calls it."""
        return self.facts.name

    def listen(self, extraction: extract.Extraction) -> None:
        """Takes in how far the extraction is; the editor hears where the motion will have to be estimated."""
        extraction.listen()
        self.state = self.state.extracted(extraction.done)
        if extraction.motion_steps[1]:
            self.state = self.state.telling_motion(*extraction.motion_steps)
        if extraction.is_complete and extraction.motion_problem:
            sentence = f"The motion of {self.name!r} is estimated from its pictures: {extraction.motion_problem}."
            self.state = self.state.after(protocol.Warned(self.job_id, sentence))
            print(f"Brushflow: {sentence}", flush=True)

    def request(self) -> protocol.Stylize:
        """What the worker is asked for once the frames are extracted."""
        has_motion = self.extraction is not None and self.extraction.has_motion
        return job_request.build(self.job_id, self.facts, self.places, self.settings, has_motion=has_motion)

    @property
    def temporary(self) -> Path:
        """The folder that is removed when the last job using it has ended."""
        return self.copy.parent


@dataclasses.dataclass(eq=False)
class TrainingJob:
    """One style to be learnt.

    Attributes:
        request: what the worker is asked for.
        preview_icon: number of the icon that shows what can be painted by now; 0 before there is one.
    """

    request: protocol.TrainStyle
    state: JobState = dataclasses.field(default_factory=lambda: JobState(total=0, wanted=0))
    preview_icon: int = 0

    @property
    def job_id(self) -> str:
        """Its name towards the worker."""
        return self.request.job_id

    @property
    def name(self) -> str:
        """What the panel calls it."""
        return self.request.title

    def hear(self, message: protocol.Message) -> None:
        """Shows a new preview; lists the new style, also when it was finished while it was being cancelled."""
        if isinstance(message, protocol.PreviewReady):
            self.preview_icon = STYLES.icon_of(Path(message.path))
        elif isinstance(message, protocol.Done):
            STYLES.load_own()


@dataclasses.dataclass(frozen=True)
class Notice:
    """What the panel says about the last job: a sentence, what to do, and where the details are."""

    sentence: str
    hint: str = ""
    log: str = ""
    is_error: bool = True


class Change(enum.Enum):
    """What a step changed for the eye."""

    NOTHING = 0
    STATE = 1
    PICTURES = 2


def outcome(job: Job | TrainingJob) -> str:
    """One job's end in a line for the console."""
    state = job.state
    if state.stage is Stage.FAILED:
        return f"failed: {state.sentence} {state.hint}".strip()
    if isinstance(job, TrainingJob):
        return f"the style {state.style!r} is ready" if state.style else f"{state.stage.value}; what was learnt is kept"
    painted, reused = len(state.finished) - state.reused, state.reused
    return f"{state.stage.value}, {painted} painted, {reused} reused, {state.total - state.wanted} not needed"
