# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain recurrence of Ruder et al. 2016, cheaply: the frame before, carried along, under new paint. Free of bpy
and torch.

The yardstick of the literature for a network that paints single frames: 0.8 of the result before, where it was seen,
and 0.2 of the new painting. It samples paint anew in each frame, so paint gets softer the longer a shot is.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..crew import Crew
from ..flow.grid import at_flow_size
from ..paint.painter import ShotStatistics
from ..stages import Stages
from ..warp import resize_flow, warp
from . import settle
from .chain import ChainSettling
from .method import Settled
from .paintings import Paintings
from .settle import Carried, CarriedPaint, Link

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = 0.8
"""How much of the result before stays where it can be trusted."""

VERSION = 1


def recurrence(stages: Stages, stability: float, crew: Crew) -> ChainSettling[_Prepared]:
    """The recurrence; at less stability less of the result before stays."""
    paintings = Paintings(stages, crew)
    name = f"recurrence-{VERSION}-{settle.VERSION}-{stability!r}"

    def rule(first: int, statistics: ShotStatistics) -> _Recurrence:
        return _Recurrence(first, statistics, stages, paintings, KEPT * stability)

    return ChainSettling(stages, name, rule, crew)


@dataclasses.dataclass(frozen=True)
class _Prepared:
    """A frame's own painting, and how it fetches paint from the frame before; None at the first frame."""

    frame_index: int
    own: NDArray[np.uint8]
    way: tuple[Link, Carried] | None


class _Recurrence:
    """See ``core.settling.turns.Rule``."""

    def __init__(
        self, first: int, statistics: ShotStatistics, stages: Stages, paintings: Paintings, kept: float
    ) -> None:
        self._first = first
        self._statistics = statistics
        self._stages = stages
        self._paintings = paintings
        self._kept = kept
        self._before: NDArray[np.uint8] | None = None

    def prepare(self, frame_index: int) -> _Prepared:
        own = self._paintings.now(frame_index, self._statistics)
        return _Prepared(frame_index, own, None if frame_index == self._first else step_back(frame_index, self._stages))

    def go_on(self, prepared: _Prepared) -> Settled:
        settled = Settled(prepared.own)
        if self._before is not None and prepared.way is not None:
            link, carried = prepared.way
            height, width = prepared.own.shape[:2]
            paint = warp(self._before, resize_flow(carried.flow, height, width))
            amount = cv2.resize(carried.flow_confidence, (width, height)) * np.float32(self._kept)
            mixed = CarriedPaint(paint, np.asarray(amount, np.float32))
            settled = Settled(mixed.over(prepared.own), mixed.share(), {prepared.frame_index: link})
        self._before = settled.picture
        return settled


def step_back(frame_index: int, stages: Stages) -> tuple[Link, Carried]:
    """The way to the frame before, and how to fetch its paint."""
    before, frame = stages.frame(frame_index - 1), stages.frame(frame_index)
    ((link, _),) = settle.follow([stages.motion(frame_index, before, frame)])
    return link, settle.trusted(link, at_flow_size(before.rgb), at_flow_size(frame.rgb))
