# SPDX-License-Identifier: GPL-3.0-or-later
"""One strip to be painted, from the press of Stylize to the end."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from . import extract, job_request
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


def outcome(state: JobState) -> str:
    """One job's end in a line for the console."""
    if state.stage is Stage.FAILED:
        return f"failed: {state.sentence} {state.hint}".strip()
    painted, reused = len(state.finished) - state.reused, state.reused
    return f"{state.stage.value}, {painted} painted, {reused} reused, {state.total - state.wanted} not needed"
