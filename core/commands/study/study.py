# SPDX-License-Identifier: GPL-3.0-or-later
"""The study's painters and measurements, each made once and kept. Free of bpy, needs torch and the assets."""

from __future__ import annotations

import dataclasses
import functools
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ...errors import MediaError, SettingsError
from ...storage.cache import cache_key
from ...styles.weights import ModelLibrary
from ...training.checkpoint import HousePainter
from ...training.critics.choice import LOSS_NETWORKS
from ..alone import alone
from ..clip_source import Span
from ..research.rows import Keyed, RowStore, file_name
from .courses import Course, read_painter, recipe_of, take
from .judge import Artist, Judge, Marks, artist_of

# Counts up when the same painter would be taught or measured otherwise.
_VERSION = 1
CLIP = "clips/sintel_mountain_2"
SPAN = Span(0, 24)

Figures = TypeVar("Figures")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to study.

    Attributes:
        assets: folder of photographs, clips, style pictures, loss networks and peers.
        folder: of the report, and of all that is kept.
        styles: presets whose pictures are learnt; figures are means over them.
        steps: how long each training is.
        loss_networks: those to compare with VGG-19.
        clip: a movie or folder of pictures that moves; None for the one in the assets.
        height: at which painters are judged, in pixels.
        seeds: how often the trainings of loss networks and temporal losses are made, each time with other random
            numbers.
    """

    assets: Path
    folder: Path
    styles: tuple[str, ...] = ("starry-night",)
    steps: int = 80
    loss_networks: tuple[str, ...] = LOSS_NETWORKS
    clip: Path | None = None
    height: int = 360
    seeds: int = 1

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise SettingsError(f"{self.steps} steps teach nothing.", "Name at least 1; 80 tell painters apart.")
        if self.seeds < 1:
            raise SettingsError(f"{self.seeds} seeds are no training.", "Name at least 1; 3 show what is chance.")
        if not (self.assets / "clips").is_dir():
            raise MediaError(
                f"There are no clips at {self.assets / 'clips'}, and painters are judged on their frames.",
                "Name the folder they lie in with --assets.",
            )


@dataclasses.dataclass(frozen=True)
class Learnt:
    """A painter that took its course: its file, and what learning it cost."""

    file: Path
    seconds_a_step: float
    megabytes: float


@dataclasses.dataclass(frozen=True)
class _Numbers(Keyed):
    """Numbers by name."""

    numbers: dict[str, float]


class Study:
    """Teaches and measures what a plan asks for, but for what lies in its folder already."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._network_key = ModelLibrary().network("house").key
        self._rows = plan.folder / "rows"
        self._store = RowStore(self._rows, _Numbers)

    @functools.cached_property
    def judge(self) -> Judge:
        """Who measures all painters."""
        return Judge(self.plan.assets, self._clip, SPAN, self.plan.height)

    def course(self, style: str, **changes: object) -> Course:
        """A course of the plan's length."""
        return dataclasses.replace(Course(style, self.plan.steps), **changes)  # type: ignore[arg-type]

    def courses(self, **changes: object) -> list[list[Course]]:
        """Courses of one kind: for each seed of the plan, one in each of its styles."""
        return [
            [self.course(style, **changes, seed=seed) for style in self.plan.styles] for seed in range(self.plan.seeds)
        ]

    def learnt(self, course: Course) -> Learnt:
        """The painter of a course. It learns in a process of its own, whose memory is told."""
        name, file = f"learnt {course.name}", self.plan.folder / "painters" / f"{file_name(course.name)}.safetensors"

        def learn() -> dict[str, float]:
            seconds, megabytes = alone(take, course, self.plan.assets, file)
            return {"seconds_a_step": seconds, "megabytes": megabytes}

        if not file.is_file():  # what was noted of it is of no use
            (self._rows / f"{file_name(name)}.json").unlink(missing_ok=True)
        return Learnt(file, **self.kept(name, self.key_of(course), learn))

    def painter(self, course: Course) -> HousePainter:
        """The painter itself."""
        return read_painter(self.learnt(course).file)

    def marks(self, course: Course) -> Marks:
        """What is measured of a course's painter."""
        learnt, key = self.learnt(course), self.key_of(course)
        return self.marks_of(course.name, key, lambda: artist_of(read_painter(learnt.file)), course.style)

    def marks_of(self, name: str, key: str, artist: Callable[[], Artist], style: str) -> Marks:
        """What is measured of any painter of a style; ``key`` is of what it depends on."""
        whole = cache_key("marks", _VERSION, key, str(self._clip), SPAN, self.plan.height)
        marks = self.kept(f"marks {name}", whole, lambda: dataclasses.asdict(self.judge.marks(artist(), style)))
        return Marks(**marks)

    def kept(self, name: str, key: str, make: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Numbers that were kept under a name and a key, or are made now and kept."""
        row = self._store.read(file_name(name), key)
        if row is None:
            print(f"study: {name}", file=sys.stderr, flush=True)
            row = _Numbers(key, make())
            self._store.write(file_name(name), row)
        return row.numbers

    def key_of(self, course: Course) -> str:
        """A key of everything that a course's painter depends on."""
        return cache_key("course", _VERSION, course, recipe_of(course, self.plan.assets), self._network_key)

    @property
    def _clip(self) -> Path:
        return self.plan.clip or self.plan.assets / CLIP


def mean_of(figures: Sequence[Figures]) -> Figures:
    """The means of dataclasses of numbers, field by field."""
    first = figures[0]
    names = [field.name for field in dataclasses.fields(first)]  # type: ignore[arg-type]
    return type(first)(**{name: statistics.fmean(getattr(one, name) for one in figures) for name in names})
