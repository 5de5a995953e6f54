# SPDX-License-Identifier: GPL-3.0-or-later
"""``shots-study`` on the command line: how well shots are told apart, as a table. Free of bpy; needs PyAV for clips."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...shots.cuts import ShotFinder, thumbnail
from ...storage.whole_file import write_whole
from ..clip_source import Span, open_source
from ..console import ConsoleWatch
from ..research.document import Block, Heading, Paragraph, Table, as_markdown, number
from .marks import MARKED
from .sequences import Sample, joins_of, look_alikes, made_shots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .sequences import Frames

_LONGEST = 90  # frames of a real shot that are used in splices


@dataclasses.dataclass
class Count:
    """What was found of the boundaries of some sequences.

    Attributes:
        sequences: how many were looked at.
        joins: boundaries that are there.
        found: of these, those found.
        false: boundaries found where there is none, or a second one in the same join.
    """

    sequences: int = 0
    joins: int = 0
    found: int = 0
    false: int = 0

    @property
    def recall(self) -> float:
        """Share of the boundaries that were found; not a number where there is none."""
        return self.found / self.joins if self.joins else float("nan")

    @property
    def precision(self) -> float:
        """Share of what was found that is right; not a number where nothing was found."""
        told = self.found + self.false
        return self.found / told if told else float("nan")

    def add(self, sample: Sample) -> None:
        """Look at one more sequence."""
        boundaries = boundaries_of(sample.frames)
        hits = [[b for b in boundaries if first <= b <= last] for first, last in sample.joins]
        self.sequences += 1
        self.joins += len(hits)
        self.found += sum(bool(hit) for hit in hits)
        self.false += len(boundaries) - sum(bool(hit) for hit in hits)


def shots_study_from(options: argparse.Namespace) -> None:
    """Measure, write the report and print where it is."""
    print(write_study(Path(options.out), Path(options.assets) if options.assets else None))


def write_study(target: Path, assets: Path | None) -> Path:
    """Measures on the sequences made by code and, with the assets' clips, on real ones; writes a report in Markdown.

    Raises:
        MediaError: a clip is missing or damaged.
    """
    made = made_shots()
    pairs = list(itertools.permutations(range(len(made)), 2))
    blocks: list[Block] = [Heading("Shots", 1), Paragraph(_EXPLAINED)]
    blocks += [Heading("Joins of made shots"), _table(counted(joins_of(made, pairs)))]
    blocks += [Heading("What only looks like a join"), _table(counted(look_alikes()))]
    if assets is not None:
        clips = dict(_clips(assets / "clips"))
        real = [shot[:_LONGEST] for name, frames in clips.items() for shot in _split(frames, MARKED[name])]
        shots = [shot for shot in real if len(shot) > 30]
        pairs = list(itertools.permutations(range(len(shots)), 2))
        blocks += [Heading("Joins of real shots"), Paragraph(_REAL_EXPLAINED), _table(counted(joins_of(shots, pairs)))]
        marked = [(name, Sample(frames, tuple((m, m) for m in MARKED[name]))) for name, frames in clips.items()]
        blocks += [Heading("Real clips as they are"), _table(counted(marked))]
    write_whole(target, as_markdown(blocks).encode())
    return target


def counted(samples: Iterable[tuple[str, Sample]]) -> dict[str, Count]:
    """What was found, by the name of the kind."""
    counts: dict[str, Count] = {}
    for name, sample in samples:
        counts.setdefault(name, Count()).add(sample)
    return counts


def boundaries_of(frames: Iterable[NDArray[np.uint8]]) -> list[int]:
    """First frames of the shots but the first; of the frames of a dissolve, each a shot by itself, the middle one."""
    finder = ShotFinder()
    for frame in frames:
        finder.add(frame)
    runs: list[list[int]] = []
    for shot in finder.shots()[1:]:
        if runs and runs[-1][-1] == shot.start - 1:
            runs[-1].append(shot.start)
        else:
            runs.append([shot.start])
    return [run[len(run) // 2] for run in runs]


def _table(counts: dict[str, Count]) -> Table:
    rows = []
    for name, count in [*counts.items(), ("all", _sum(counts.values()))]:
        shares = (number(count.recall, ".3f"), number(count.precision, ".3f"))
        rows.append((name, str(count.sequences), str(count.joins), str(count.found), str(count.false), *shares))
    return Table(("", "sequences", "joins", "found", "false", "recall", "precision"), tuple(rows))


def _sum(counts: Iterable[Count]) -> Count:
    total = Count()
    for count in counts:
        for field in dataclasses.fields(Count):
            setattr(total, field.name, getattr(total, field.name) + getattr(count, field.name))
    return total


def _clips(folder: Path) -> Iterator[tuple[str, Frames]]:
    """Thumbnails of every marked clip."""
    for name in MARKED:
        with tempfile.TemporaryDirectory() as work, ConsoleWatch() as watch:
            clip, _ = open_source(folder / name, Span(), Path(work) / "frames", watch)
            yield name, np.stack([thumbnail(clip.read(i).rgb) for i in range(len(clip))])


def _split(frames: Frames, marks: Sequence[int]) -> Iterator[Frames]:
    for start, stop in itertools.pairwise((0, *marks, len(frames))):
        yield frames[start:stop]


_EXPLAINED = (
    "Written by `python -m core shots-study --assets ASSETS --out docs/shots.md`. A boundary counts as found when it "
    "lies at the cut, or anywhere within a dissolve or fade; a second one within the same join counts as false. The "
    "frames of a dissolve, each of which is a shot by itself, count as one boundary in their middle. "
    "Dissolves are named by how many of their frames are mixed, fades by how many are darkened. The cameras of the "
    "made shots move by up to a thirtieth of the picture in each frame: while a dissolve of two seconds lasts, all "
    "that it began with can have left the picture. What is missed is painted as if nothing were."
)
_REAL_EXPLAINED = (
    "Every shot of the assets' clips joined to every other, at the size at which shots are looked for. Thresholds were "
    "chosen by looking at splices of the same clips, so on others it may do a little worse; the marks of the clips "
    "themselves were made by eye."
)
