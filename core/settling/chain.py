# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling by a chain: each frame is made from the one before, from the first of its shot on. Free of bpy and torch.

Here for comparison with what the project does by itself: a frame hangs on all before it, so a look into the middle of
a shot makes its beginning first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from ..crew import Crew
from ..errors import Cancelled
from ..paint.painter import ShotStatistics
from ..plan import Stretch, plan_exposures
from ..shots.cuts import Shot
from ..stages import Stages
from ..storage.cache import cache_key
from .method import Settled

Prepared = TypeVar("Prepared")

_LOOK_SECONDS = 0.05


class Rule(Protocol[Prepared]):
    """How a chain goes on; one is made for each run through a shot and holds what it needs of the frame before."""

    def prepare(self, frame_index: int) -> Prepared:
        """What does not hang on the frame before; several frames are prepared at once."""
        ...

    def go_on(self, prepared: Prepared) -> Settled:
        """The next frame of the chain."""
        ...


class ChainSettling(Generic[Prepared]):
    """Runs a rule through shots.

    Args:
        stages: the clip's stages.
        name: the rule's name, version and settings, for cache keys.
        rule: makes a rule for a shot: its first frame and its statistics.
        crew: does the work.
    """

    def __init__(
        self, stages: Stages, name: str, rule: Callable[[int, ShotStatistics], Rule[Prepared]], crew: Crew
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
        run = _Run(stretch.first, self._rule(stretch.first, statistics), self._crew)

        return lambda frame_index: run.paint(frame_index, missing)


class _Run(Generic[Prepared]):
    """One run of a rule through a shot. Frames are prepared side by side and go on one after the other."""

    def __init__(self, first: int, rule: Rule[Prepared], crew: Crew) -> None:
        self._next = first
        self._rule = rule
        self._crew = crew
        self._turn = threading.Condition()
        self._is_broken = False

    def paint(self, frame_index: int, missing: Sequence[int]) -> Settled:
        """Waits for the wanted frames before this one, and makes those that nobody wants itself."""
        try:
            prepared = self._rule.prepare(frame_index)
            place = missing.index(frame_index)
            before = missing[place - 1] + 1 if place else self._next
            with self._turn:
                while self._next < before:
                    self._crew.check()
                    if self._is_broken:
                        raise Cancelled
                    self._turn.wait(_LOOK_SECONDS)
                while self._next < frame_index:
                    self._crew.check()
                    self._rule.go_on(self._rule.prepare(self._next))
                    self._next += 1
                painted = self._rule.go_on(prepared)
                self._next += 1
                self._turn.notify_all()
        except BaseException:
            self._is_broken = True
            raise
        return painted
