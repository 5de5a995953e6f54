# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling between anchors: paint is carried from two anchors and crossed over. Free of bpy and torch.

See ``core.settling.settle`` for how. A stretch between two anchors depends on nothing outside it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ..crew import Crew
from ..draft import stand_in
from ..paint.painter import ShotStatistics
from ..plan import Stretch, plan_stretches
from ..shots.cuts import Shot
from ..stages import Stages
from ..storage.cache import cache_key
from . import fill, settle
from .links import Links, link
from .method import Settled
from .paintings import Paintings
from .settle import Paint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class AnchorSettling:
    """Paints and settles the frames of stretches.

    Args:
        stages: the clip's stages.
        stability: how much carried paint counts, 0 … 1; at 0 no motion is looked at.
        spacing: frames from one anchor to the next.
        crew: does the work.
        is_draft: no frame between two anchors is painted; see ``core.draft``.
    """

    def __init__(self, stages: Stages, stability: float, spacing: int, crew: Crew, *, is_draft: bool = False) -> None:
        self._stages = stages
        self._stability = stability
        self._spacing = spacing
        self._crew = crew
        self._is_draft = is_draft
        self._paintings = Paintings(stages, crew)

    def plan(self, shots: Iterable[Shot], wanted: Collection[int], focus: int) -> list[Stretch]:
        """See ``core.settling.method.Settling``."""
        return plan_stretches(shots, self._spacing, wanted, focus)

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """See ``core.settling.method.Settling``."""
        own = self._paintings.key(frame_index, statistics)
        if not self._is_carried(frame_index, stretch):
            return own
        sources = self._stages.keys[stretch.first : stretch.last + 1]
        versions, place = (settle.VERSION, fill.VERSION), frame_index - stretch.first
        motions = self._stages.motion_key(stretch.first, stretch.last)
        return cache_key(versions, own, place, sources, self._stability, motions)

    def begin(self, stretch: Stretch, statistics: ShotStatistics, missing: Sequence[int]) -> Callable[[int], Settled]:
        """See ``core.settling.method.Settling``."""
        if not any(self._is_carried(i, stretch) for i in missing):
            return lambda i: Settled(self._paintings.now(i, statistics))
        links = self._links(stretch)
        anchors = {i: self._anchor(i, stretch, statistics) for i in (stretch.first, stretch.last)}
        filled = self._filled(links, anchors[stretch.first], statistics, missing)

        def make(frame_index: int) -> Settled:
            self._crew.check()
            steps = links.steps(frame_index)
            if frame_index in anchors:
                return Settled(anchors[frame_index].result().picture, None, steps)
            position = stretch.position(frame_index)
            before = anchors[stretch.first].result(), links.carried_before(frame_index)
            after = anchors[stretch.last].result(), links.carried_after(frame_index)
            below = filled(frame_index) if filled is not None else None  # also unseen: the next frame needs it
            crossed = settle.cross(before, after, position, self._stability)
            if crossed.covers_all():
                return Settled(crossed.paint, crossed.share(), steps)
            if below is None:
                paint, carried = before if position <= 0.5 else after
                below = stand_in(paint.picture, carried.flow)
            return Settled(crossed.over(below), crossed.share(), steps)

        return make

    def _filled(
        self, links: Links, first: Future[Paint], statistics: ShotStatistics, missing: Sequence[int]
    ) -> Callable[[int], NDArray[np.uint8]] | None:
        """What frames show where carried paint is not trusted. None in a draft: there it is the nearer anchor's."""
        if self._is_draft:
            return None
        between = [i for i in missing if i not in (links.first, links.last)]
        own = functools.partial(self._paintings.now, statistics=statistics)
        return fill.fills(links, first, between, own, self._stability, self._crew)

    def _is_carried(self, frame_index: int, stretch: Stretch) -> bool:
        return self._stability > 0.0 and frame_index not in (stretch.first, stretch.last)

    def _links(self, stretch: Stretch) -> Links:
        return link(stretch.first, stretch.last, self._stages, self._crew)

    def _anchor(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> Future[Paint]:
        """An anchor's paint: its own painting, from the neighbouring stretch where that has it in hand."""
        return self._paintings.paint(frame_index, statistics)
