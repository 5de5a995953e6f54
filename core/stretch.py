# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting one stretch between two anchors. Free of bpy and torch."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from . import settle
from .cache import cache_key
from .crew import Crew
from .draft import stand_in
from .flow.motion import Motion
from .frames import Frame
from .paint.painter import ShotStatistics
from .plan import Stretch
from .settle import Carried
from .stages import Stages, at_flow_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Painting = NDArray[np.uint8]

# Two stretches are in hand at a time; from one stretch to its neighbour, also when they are taken in turn on both
# sides of the playhead, no anchor is painted or read twice.
_ANCHORS_IN_HAND = 4


class StretchPainter:
    """Paints and settles the frames of stretches.

    Args:
        stages: the clip's stages.
        stability: how much carried paint counts, 0 … 1; at 0 no motion is looked at.
        crew: does the work.
        is_draft: no frame between two anchors is painted; see ``core.draft``.
    """

    def __init__(self, stages: Stages, stability: float, crew: Crew, *, is_draft: bool = False) -> None:
        self._stages = stages
        self._stability = stability
        self._crew = crew
        self._is_draft = is_draft
        self._anchors: collections.OrderedDict[str, Future[Painting]] = collections.OrderedDict()

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """Names a settled frame by everything it depends on."""
        own = self._stages.painted_key(frame_index, statistics)
        if not self._is_carried(frame_index, stretch):
            return own
        sources = self._stages.keys[stretch.first : stretch.last + 1]
        place = frame_index - stretch.first
        motion = self._stages.motion_key(stretch.first, stretch.last)
        return cache_key(settle.VERSION, own, place, sources, self._stability, motion)

    def begin(self, stretch: Stretch, statistics: ShotStatistics, missing: Sequence[int]) -> Callable[[int], Frame]:
        """Give the crew what the missing frames of a stretch have in common.

        Returns:
            Makes one of these frames; alpha is the source's. A piece of work for the crew, too.
        """
        if not any(self._is_carried(i, stretch) for i in missing):
            return lambda i: self._alone(self._stages.clip.read(i), i, statistics)
        common = self._common(stretch, statistics)

        def make(frame_index: int) -> Frame:
            self._crew.check()
            frame = common.frames[frame_index].result()
            if self._is_carried(frame_index, stretch):
                return self._settled(frame, frame_index, stretch, statistics, common)
            return Frame(common.anchors[frame_index].result(), frame.alpha)

        return make

    def _is_carried(self, frame_index: int, stretch: Stretch) -> bool:
        return self._stability > 0.0 and frame_index not in (stretch.first, stretch.last)

    def _alone(self, frame: Frame, frame_index: int, statistics: ShotStatistics) -> Frame:
        self._crew.check()
        return Frame(self._stages.painted(frame_index, frame, statistics), frame.alpha)

    def _settled(
        self, frame: Frame, frame_index: int, stretch: Stretch, statistics: ShotStatistics, common: _Common
    ) -> Frame:
        crossed = settle.cross(
            (common.anchors[stretch.first].result(), common.before.result()[frame_index]),
            (common.anchors[stretch.last].result(), common.after.result()[frame_index]),
            stretch.position(frame_index),
            self._stability,
        )
        if crossed.covers_all():
            return Frame(crossed.paint, frame.alpha)
        if self._is_draft:
            is_early = 2 * frame_index <= stretch.first + stretch.last
            anchor, ways = (stretch.first, common.before) if is_early else (stretch.last, common.after)
            own = stand_in(common.anchors[anchor].result(), ways.result()[frame_index].flow)
            return Frame(crossed.over(own), frame.alpha)
        return Frame(crossed.over(self._alone(frame, frame_index, statistics).rgb), frame.alpha)

    def _common(self, stretch: Stretch, statistics: ShotStatistics) -> _Common:
        """In the order in which pieces wait for each other, with something to do in between."""
        submit, stages = self._crew.submit, self._stages
        indices = range(stretch.first, stretch.last + 1)
        frames = {i: submit(stages.clip.read, i) for i in indices}
        motions = {i: submit(self._motion, i, frames) for i in indices[1:]}
        anchors = {i: self._anchor(i, frames[i], statistics) for i in (stretch.first, stretch.last)}
        before, after = (submit(_carried, stretch, frames, motions, forward=way) for way in (True, False))
        return _Common(frames, anchors, before, after)

    def _motion(self, frame_index: int, frames: dict[int, Future[Frame]]) -> Motion:
        prev, cur = frames[frame_index - 1].result(), frames[frame_index].result()
        return self._stages.motion(frame_index, prev, cur)

    def _anchor(self, frame_index: int, frame: Future[Frame], statistics: ShotStatistics) -> Future[Painting]:
        """An anchor's painting, from the neighbouring stretch where that has it in hand."""
        key = self._stages.painted_key(frame_index, statistics)
        if key not in self._anchors:
            paint = self._stages.painted
            self._anchors[key] = self._crew.submit(lambda: paint(frame_index, frame.result(), statistics))
        self._anchors.move_to_end(key)
        while len(self._anchors) > _ANCHORS_IN_HAND:
            self._anchors.popitem(last=False)
        return self._anchors[key]


@dataclasses.dataclass(frozen=True)
class _Common:
    """What the frames of a stretch have in common; all of it being made.

    Attributes:
        frames: the sources, by frame index.
        anchors: the paintings of the two anchors, by frame index.
        before, after: how to fetch the first and the last anchor's paint, by frame index.
    """

    frames: dict[int, Future[Frame]]
    anchors: dict[int, Future[Painting]]
    before: Future[dict[int, Carried]]
    after: Future[dict[int, Carried]]


def _carried(
    stretch: Stretch, frames: dict[int, Future[Frame]], motions: dict[int, Future[Motion]], *, forward: bool
) -> dict[int, Carried]:
    """How to fetch an anchor's paint for each frame of the stretch: the first anchor's, or the last one's."""

    def small(frame_index: int) -> Painting:
        return at_flow_size(frames[frame_index].result().rgb)

    if forward:
        anchor, way = stretch.first, range(stretch.first + 1, stretch.last)
        steps = ((motions[i].result(), small(i)) for i in way)
    else:
        anchor, way = stretch.last, range(stretch.last - 1, stretch.first, -1)
        steps = ((motions[i + 1].result().backward(), small(i)) for i in way)
    return dict(zip(way, settle.carry(small(anchor), steps), strict=True))
