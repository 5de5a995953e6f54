# SPDX-License-Identifier: GPL-3.0-or-later
"""How the frames between two anchors hang together: motion followed both ways, and small sources.

Free of bpy and torch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ..crew import Crew
from ..flow.grid import at_flow_size
from ..flow.motion import Motion
from ..stages import Stages
from . import settle
from .settle import Carried, Link

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Ways:
    """What following the motion from one anchor to the other gives, by frame index; the other anchor included.

    Attributes:
        back: the way back to the anchor.
        steps: the way to the frame before, one nearer to the anchor.
    """

    back: dict[int, Link]
    steps: dict[int, Link]


@dataclasses.dataclass(frozen=True)
class Links:
    """All of it being made.

    Attributes:
        first, last: frame indices of the anchors.
        small: the sources at the flow's resolution, by frame index.
        before, after: the ways to the first and to the last anchor.
        guessed: frames to which the motion is estimated, not told by Blender.
    """

    first: int
    last: int
    small: dict[int, Future[NDArray[np.uint8]]]
    before: Future[Ways]
    after: Future[Ways]
    guessed: frozenset[int]

    def carried_before(self, frame_index: int) -> Carried:
        """How a frame fetches the paint of the first anchor. Waits."""
        return self._carried(self.before.result(), self.first, frame_index)

    def carried_after(self, frame_index: int) -> Carried:
        """How a frame fetches the paint of the last anchor. Waits."""
        return self._carried(self.after.result(), self.last, frame_index)

    def carried_step(self, frame_index: int) -> Carried:
        """How a frame fetches paint from the frame before. Waits."""
        step, small = self.before.result().steps[frame_index], self.small
        return settle.trusted(step, small[frame_index - 1].result(), small[frame_index].result())

    def steps(self, frame_index: int) -> dict[int, Link]:
        """The step from this frame, and from the last anchor, to the frame before, where there is one. Waits."""
        steps = self.before.result().steps
        return {i: steps[i] for i in (frame_index, self.last) if i in steps}

    def _carried(self, ways: Ways, anchor: int, frame_index: int) -> Carried:
        small = self.small
        return settle.trusted(ways.back[frame_index], small[anchor].result(), small[frame_index].result())


def link(first: int, last: int, stages: Stages, crew: Crew) -> Links:
    """Give the crew all that holds the frames from ``first`` to ``last`` together."""

    def small(frame_index: int) -> NDArray[np.uint8]:
        return at_flow_size(stages.frame(frame_index).rgb)

    def motion(frame_index: int) -> Motion:
        return stages.motion(frame_index, stages.frame(frame_index - 1), stages.frame(frame_index))

    # In the order in which pieces wait for each other.
    smalls = {i: crew.submit(small, i) for i in range(first, last + 1)}
    motions = {i: crew.submit(motion, i) for i in range(first + 1, last + 1)}
    before = crew.submit(_before, motions)
    guessed = frozenset(i for i in motions if stages.is_estimated(i - 1, i))
    return Links(first, last, smalls, before, crew.submit(_after, motions), guessed)


def _before(motions: dict[int, Future[Motion]]) -> Ways:
    return _followed(list(motions), (motion.result() for motion in motions.values()))


def _after(motions: dict[int, Future[Motion]]) -> Ways:
    """To the last anchor: each motion leads from its frame to the one before, going away from it."""
    frames = [frame_index - 1 for frame_index in reversed(motions)]
    return _followed(frames, (motions[frame_index + 1].result().backward() for frame_index in frames))


def _followed(frames: list[int], motions: Iterable[Motion]) -> Ways:
    ways = Ways({}, {})
    for frame_index, (back, step) in zip(frames, settle.follow(motions), strict=True):
        ways.back[frame_index], ways.steps[frame_index] = back, step
    return ways
