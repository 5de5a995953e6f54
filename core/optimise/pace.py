# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a job is whose frames take long and cost unlike amounts. Free of bpy and torch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..desk import Watch


class Pace:
    """Tells a watch how many frames are done, and what is left at the pace so far.

    Args:
        costs: of each frame that is to be done, in any unit; 0 for those that are there already.
    """

    def __init__(self, watch: Watch, costs: Sequence[float]) -> None:
        self._watch = watch
        self._frames, self._total = len(costs), sum(costs)
        self._done, self._spent = 0, 0.0
        self._started = time.monotonic()
        self._tell()

    def spent(self, cost: float) -> None:
        """So much of the cost is behind us."""
        self._spent += cost
        self._tell()

    def frame_done(self) -> None:
        """One frame more is done."""
        self._done += 1
        self._tell()

    def seconds_left(self) -> float:
        """For all frames; negative while unknown."""
        if not self._spent:
            return -1.0
        return (time.monotonic() - self._started) / self._spent * max(0.0, self._total - self._spent)

    def _tell(self) -> None:
        if self._frames:
            self._watch.progress("Painting", self._done, self._frames, self.seconds_left())


class FramesOnly:
    """Hands on what the desk says of frames, and not its estimate: it counts frames, which cost unlike amounts here."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.frame_done = watch.frame_done
        self.should_stop = watch.should_stop

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        """See ``core.desk.Watch``; ``Pace`` tells it instead."""
