# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixing features instead of pixels (Chen et al. 2017, "Coherent Online Video Style Transfer"). Free of bpy and torch;
the painter it needs runs in torch.

What the network sees in the frame before, on its coarsest grid, is carried along the flow and takes the place of what
it sees in the new frame wherever the flow can be trusted; the rest of the network paints from the mixture, and the
mixture is carried on. So a stroke is decided on once, and drawn anew in each frame.

Like the recurrence it is a chain (``core.settling.chain``): in whatever order frames are asked for they come out the
same, but a frame in the middle of a shot takes all frames before it, and so does going on after a stop.

Departures from the paper: trust is that of the other ways of settling (``core.settling.settle``) instead of a learnt
mask, the flow is not refined by a network of its own, and the painter keeps what it knows of the new frame on its finer
grids.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from ..crew import Crew
from ..errors import EngineError
from ..paint.features import FeaturePainter
from ..paint.painter import Begun, ShotStatistics
from ..stages import Stages
from ..warp import warp
from . import settle
from .chain import ChainSettling
from .method import Settled
from .recurrence import step_back
from .settle import Link

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float32]

VERSION = 1


def features(stages: Stages, stability: float, crew: Crew) -> ChainSettling[_Prepared]:
    """The mixing of features; at less stability less of the features before stays.

    Raises:
        EngineError: the stages' painter cannot paint in two halves.
    """
    painter = stages.painter
    if not isinstance(painter, FeaturePainter):
        raise EngineError(
            "Features are mixed inside a network that runs in torch, and this painter does not.",
            "Choose the engine torch, or another settling.",
        )
    name = f"features-{VERSION}-{settle.VERSION}-{stability!r}"

    def rule(first: int, statistics: ShotStatistics) -> _Features:
        return _Features(first, statistics, stages, painter, crew, stability)

    return ChainSettling(stages, name, rule, crew)


@dataclasses.dataclass(frozen=True)
class _Prepared:
    """What the network sees in a frame, and the way to the frame before: the step, and on the grid of the features the
    flow (2, h, w) in cells and how far to trust it, (h, w) 0 … 1. No way at the first frame."""

    frame_index: int
    begun: Begun
    way: tuple[Link, Field, Field] | None


class _Features:
    """See ``core.settling.turns.Rule``."""

    def __init__(
        self,
        first: int,
        statistics: ShotStatistics,
        stages: Stages,
        painter: FeaturePainter,
        crew: Crew,
        stability: float,
    ) -> None:
        self._first = first
        self._statistics = statistics
        self._stages = stages
        self._painter = painter
        self._crew = crew
        self._stability = stability
        self._before: Field | None = None  # (h, w, C)

    def prepare(self, frame_index: int) -> _Prepared:
        rgb = self._stages.frame(frame_index).rgb
        with self._crew.painting:
            begun = self._painter.begin(rgb, self._statistics, self._crew.check)
        if frame_index == self._first:
            return _Prepared(frame_index, begun, None)
        link, carried = step_back(frame_index, self._stages)
        flow, confidence = self._painter.on_features(carried.flow, carried.flow_confidence, rgb.shape[:2])
        return _Prepared(frame_index, begun, (link, flow, confidence * np.float32(self._stability)))

    def go_on(self, prepared: _Prepared) -> Settled:
        seen = np.ascontiguousarray(prepared.begun.eighth[0].transpose(1, 2, 0))
        share, steps = None, {}
        if self._before is not None and prepared.way is not None:
            link, flow, amount = prepared.way
            seen = seen + amount[..., np.newaxis] * (warp(self._before, flow) - seen)
            share, steps = float(amount.mean()), {prepared.frame_index: link}
        self._before = seen
        mixed = np.ascontiguousarray(seen.transpose(2, 0, 1))[np.newaxis]
        rgb = self._stages.frame(prepared.frame_index).rgb
        with self._crew.painting:
            picture = self._painter.finish(rgb, prepared.begun, mixed, self._statistics)
        return Settled(picture, share, steps)
