# SPDX-License-Identifier: GPL-3.0-or-later
"""Held strokes, as film is painted by hand: anew every frame, on twos or on threes. Free of bpy and torch.

A painting is held for so many frames, and then another takes its place at once: the strokes are seen to change, at
the animator's rhythm. While it is held its strokes travel with what they lie on, so that the picture moves with its
source, keeps its alpha, and can be mixed with it; where the motion cannot be trusted, the frame's own painting shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from ..crew import Crew
from ..paint.painter import ShotStatistics
from ..plan import Stretch, plan_exposures
from ..shots.cuts import Shot
from ..stages import Stages
from ..storage.cache import cache_key
from . import settle
from .links import link
from .method import Settled
from .paintings import Paintings


class HeldSettling:
    """Paints every so many frames and holds the strokes in between.

    Args:
        stages: the clip's stages.
        stability: how much held paint counts where it is trusted, 0 … 1; at 0 no motion is looked at.
        exposure: frames for which a painting is held; 1 paints every frame by itself.
        crew: does the work.
    """

    def __init__(self, stages: Stages, stability: float, exposure: int, crew: Crew) -> None:
        self._stages = stages
        self._stability = stability
        self._exposure = exposure
        self._crew = crew
        self._paintings = Paintings(stages, crew)

    def plan(self, shots: Iterable[Shot], wanted: Collection[int], focus: int) -> list[Stretch]:
        """See ``core.settling.method.Settling``."""
        return plan_exposures(shots, self._exposure, wanted, focus)

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """See ``core.settling.method.Settling``."""
        own = self._paintings.key(frame_index, statistics)
        if not self._is_held(frame_index, stretch):
            return own
        sources = self._stages.keys[stretch.first : frame_index + 1]
        return cache_key(
            "held", settle.VERSION, own, sources, self._stability, self._stages.motion_key(stretch.first, frame_index)
        )

    def begin(self, stretch: Stretch, statistics: ShotStatistics, missing: Sequence[int]) -> Callable[[int], Settled]:
        """See ``core.settling.method.Settling``."""
        if not any(self._is_held(i, stretch) for i in missing):
            return lambda i: Settled(self._paintings.now(i, statistics))
        links = link(stretch.first, stretch.last, self._stages, self._crew)
        first = self._paintings.paint(stretch.first, statistics)

        def make(frame_index: int) -> Settled:
            self._crew.check()
            steps = links.steps(frame_index)
            if frame_index == stretch.first:
                return Settled(first.result().picture, None, steps)
            held = settle.hold(first.result().picture, links.carried_before(frame_index), self._stability)
            painted = held.paint if held.covers_all() else held.over(self._paintings.now(frame_index, statistics))
            return Settled(painted, held.share(), steps)

        return make

    def _is_held(self, frame_index: int, stretch: Stretch) -> bool:
        return self._stability > 0.0 and frame_index != stretch.first
