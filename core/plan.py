# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order a clip is painted: stretches between anchors, nearest to the playhead first. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Iterable

from .shots import Shot


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
        anchors = [*range(shot.start, shot.stop - 1, spacing), shot.stop - 1]
        if len(anchors) == 1:
            anchors.append(anchors[0])
        for first, last in itertools.pairwise(anchors):
            stop = last + 1 if last == shot.stop - 1 else last
            frames = tuple(i for i in range(first, stop) if i in wanted)
            if frames:
                stretches.append(Stretch(shot, first, last, frames))
    return sorted(stretches, key=lambda stretch: (*stretch.distance(focus), stretch.first))
