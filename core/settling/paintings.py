# SPDX-License-Identifier: GPL-3.0-or-later
"""Paintings of single frames for whoever settles them: each is made once while it is in hand. Free of bpy and torch."""

from __future__ import annotations

import collections
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ..crew import Crew
from ..flow.grid import grid_size
from ..paint.painter import ShotStatistics
from ..stages import Stages
from .settle import Paint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Painting = NDArray[np.uint8]

# Two stretches are in hand at a time, and what their blocks begin and end with; from one stretch to its neighbour,
# also when they are taken in turn on both sides of the playhead, no anchor is painted or read twice.
_IN_HAND = 8


class Paintings:
    """Frames painted by themselves.

    Args:
        stages: the clip's stages.
        crew: does the work.
    """

    def __init__(self, stages: Stages, crew: Crew) -> None:
        self._stages = stages
        self._crew = crew
        self._anchors: collections.OrderedDict[str, Future[Paint]] = collections.OrderedDict()

    def key(self, frame_index: int, statistics: ShotStatistics) -> str:
        """Names the painting of a frame."""
        return self._stages.painted_key(frame_index, statistics)

    def now(self, frame_index: int, statistics: ShotStatistics) -> Painting:
        """Made in the piece of work that asks for it."""
        self._crew.check()
        return self._stages.painted(frame_index, self._stages.frame(frame_index), statistics)

    def paint(self, frame_index: int, statistics: ShotStatistics) -> Future[Paint]:
        """An anchor's, made by the crew, or in hand already."""
        key = self.key(frame_index, statistics)
        if key not in self._anchors:
            self._anchors[key] = self._crew.submit(self._to_carry, frame_index, statistics)
        self._anchors.move_to_end(key)
        while len(self._anchors) > _IN_HAND:
            self._anchors.popitem(last=False)
        return self._anchors[key]

    def _to_carry(self, frame_index: int, statistics: ShotStatistics) -> Paint:
        picture = self.now(frame_index, statistics)
        return Paint.of(picture, grid_size(*picture.shape[:2]))
