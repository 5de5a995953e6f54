# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling by a chain: each frame is made from the one before, from the first of its shot on. Free of bpy and torch.

Here for comparison with what the project does by itself: a frame hangs on all before it, so a look into the middle of
a shot makes its beginning first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Generic, TypeVar

from ..crew import Crew
from ..paint.painter import ShotStatistics
from ..plan import Stretch, plan_exposures
from ..shots.cuts import Shot
from ..stages import Stages
from ..storage.cache import cache_key
from .method import Settled
from .turns import Rule, Turns

Prepared = TypeVar("Prepared")


class ChainSettling(Generic[Prepared]):
    """Runs a rule through shots.

    Args:
        stages: the clip's stages.
        name: the rule's name, version and settings, for cache keys.
        rule: makes a rule for a shot: its first frame and its statistics.
        crew: does the work.
    """

    def __init__(
        self, stages: Stages, name: str, rule: Callable[[int, ShotStatistics], Rule[Prepared, Settled]], crew: Crew
    ) -> None:
        self._stages = stages
        self._name = name
        self._rule = rule
        self._crew = crew

    def plan(self, shots: Iterable[Shot], wanted: Collection[int], focus: int) -> list[Stretch]:
        """See ``core.settling.method.Settling``: whole shots."""
        return plan_exposures(shots, None, wanted, focus)

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """See ``core.settling.method.Settling``."""
        own = self._stages.painted_key(frame_index, statistics)
        return cache_key(
            self._name,
            own,
            self._stages.keys[stretch.first : frame_index],
            self._stages.motion_key(stretch.first, frame_index),
        )

    def begin(self, stretch: Stretch, statistics: ShotStatistics, missing: Sequence[int]) -> Callable[[int], Settled]:
        """See ``core.settling.method.Settling``; frames are asked for in the order of ``missing``."""
        return Turns(stretch.first, missing, self._rule(stretch.first, statistics), self._crew).make
