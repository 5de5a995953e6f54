# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order a clip is painted: stretches between anchors, nearest to the playhead first. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Iterable

from .shots.cuts import Shot


@dataclasses.dataclass(frozen=True)
class Stretch:
    """Frames between two anchors of one shot; each stretch can be painted without any other.

    Attributes:
        shot: the shot it lies in.
        first, last: frame indices of the two anchors; equal in a shot of one frame.
        wanted: the frames this stretch gives, in order. The last anchor belongs to the next stretch, if there is one.
    """

    shot: Shot
    first: int
    last: int
    wanted: tuple[int, ...]

    def position(self, frame_index: int) -> float:
        """Where a frame lies between the anchors, 0 … 1."""
        return (frame_index - self.first) / max(1, self.last - self.first)

    def distance(self, frame_index: int) -> tuple[int, int]:
        """How far from that frame, for sorting; what comes after it is taken before what lies as far behind."""
        if frame_index < self.first:
            return self.first - frame_index, 0
        return max(0, frame_index - self.last), 1


def plan_stretches(shots: Iterable[Shot], spacing: int, wanted: Collection[int], focus: int) -> list[Stretch]:
    """Cut shots into stretches that give the wanted frames, nearest to ``focus`` first.

    Anchors lie every ``spacing`` frames from the start of the shot, and on its last frame.
    """
    stretches = []
    for shot in shots:
        anchors = _anchors(shot, spacing)
        for first, last in itertools.pairwise(anchors):
            stop = last + 1 if last == shot.stop - 1 else last
            frames = tuple(i for i in range(first, stop) if i in wanted)
            if frames:
                stretches.append(Stretch(shot, first, last, frames))
    return sorted(stretches, key=lambda stretch: (*stretch.distance(focus), stretch.first))


def plan_exposures(shots: Iterable[Shot], exposure: int | None, wanted: Collection[int], focus: int) -> list[Stretch]:
    """Cut shots into stretches of ``exposure`` frames, each of which gives all of its own, nearest to ``focus`` first.

    ``None`` leaves shots whole.
    """
    stretches = []
    for shot in shots:
        step = exposure or len(shot)
        for first in range(shot.start, shot.stop, step):
            last = min(first + step, shot.stop) - 1
            frames = tuple(i for i in range(first, last + 1) if i in wanted)
            if frames:
                stretches.append(Stretch(shot, first, last, frames))
    return sorted(stretches, key=lambda stretch: (*stretch.distance(focus), stretch.first))


@dataclasses.dataclass(frozen=True)
class Block:
    """Stretches between two keys: anchors whose paint is carried over all the anchors between them.

    Attributes:
        anchors: frame indices of the anchors, in order, keys included.
    """

    anchors: tuple[int, ...]

    @property
    def first(self) -> int:
        """Frame index of the first key."""
        return self.anchors[0]

    @property
    def last(self) -> int:
        """Frame index of the last key; in the last block that of the shot's last frame."""
        return self.anchors[-1]


def block_of(stretch: Stretch, spacing: int, key_spacing: int) -> Block:
    """The block in which a stretch lies.

    Keys lie about every ``key_spacing`` frames from the start of the shot, on anchors; the last block ends with the
    shot. A rest at the end that is shorter than half of that belongs to the block before: its key would change all
    strokes for a few frames.
    """
    anchors = _anchors(stretch.shot, spacing)
    step = max(1, round(key_spacing / spacing))
    count = max(1, (len(anchors) - 1 + step // 2) // step)
    block = min(anchors.index(stretch.first) // step, count - 1)
    stop = len(anchors) if block == count - 1 else (block + 1) * step + 1
    return Block(tuple(anchors[block * step : stop]))


def _anchors(shot: Shot, spacing: int) -> list[int]:
    """Frame indices; a shot of one frame has its anchor twice, so that a stretch lies between."""
    anchors = [*range(shot.start, shot.stop - 1, spacing), shot.stop - 1]
    return anchors if len(anchors) > 1 else anchors * 2
