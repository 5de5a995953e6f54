# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of which each needs the one before, made by several threads: all but that need side by side. Free of bpy."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Generic, Protocol, TypeVar

from ..crew import Crew
from ..errors import Cancelled

Prepared = TypeVar("Prepared")
Made = TypeVar("Made", covariant=True)

_LOOK_SECONDS = 0.05


class Rule(Protocol[Prepared, Made]):
    """How a chain of frames goes on; one is made for each run and holds what it needs of the frame before."""

    def prepare(self, frame_index: int) -> Prepared:
        """What does not hang on the frame before; several frames are prepared at once."""
        ...

    def go_on(self, prepared: Prepared) -> Made:
        """The next frame of the chain."""
        ...


class Turns(Generic[Prepared, Made]):
    """One run of a rule. Frames are prepared side by side and go on one after the other.

    Args:
        first: frame_index of the run's first frame.
        missing: frame_index of the frames that will be asked for, in this order, each by a piece of work of its own.
        rule: how to go on.
        crew: whose pieces ask.
        ahead: frame_index of those in between that the crew prepares at once, though nobody asks for them.
    """

    def __init__(
        self,
        first: int,
        missing: Sequence[int],
        rule: Rule[Prepared, Made],
        crew: Crew,
        ahead: Collection[int] = (),
    ) -> None:
        self._next = first
        self._missing = missing
        self._rule = rule
        self._crew = crew
        self._ahead = {i: crew.submit(rule.prepare, i) for i in ahead}
        self._turn = threading.Condition()
        self._is_broken = False

    def make(self, frame_index: int) -> Made:
        """Waits for the wanted frames before this one, and makes those that nobody wants itself."""
        try:
            prepared = self._rule.prepare(frame_index)
            place = self._missing.index(frame_index)
            before = self._missing[place - 1] + 1 if place else self._next
            with self._turn:
                while self._next < before:
                    self._crew.check()
                    if self._is_broken:
                        raise Cancelled
                    self._turn.wait(_LOOK_SECONDS)
                while self._next < frame_index:
                    self._crew.check()
                    ahead = self._ahead.get(self._next)
                    self._rule.go_on(self._rule.prepare(self._next) if ahead is None else ahead.result())
                    self._next += 1
                made = self._rule.go_on(prepared)
                self._next += 1
                self._turn.notify_all()
        except BaseException:
            self._is_broken = True
            raise
        return made
