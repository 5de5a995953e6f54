# SPDX-License-Identifier: GPL-3.0-or-later
"""What neither anchor can give: a frame's own painting, handed on from frame to frame. Free of bpy and torch.

Where no anchor's paint can be trusted a frame shows its own painting. Made anew for each frame that boils: a few
percent of the picture made up two fifths of all change from frame to frame. So inside a stretch own paint is carried,
too: each frame takes it from the frame before and paints only what came into view since. It is the recurrence of Ruder
et al. 2016, but no longer than a stretch, and seen only where anchors give nothing.

Along the rim of what moves otherwise than its surroundings an estimated flow is right to some pixels only, and paint
handed on again and again leaks over contours. There each frame keeps the painting of its own. Where Blender tells the
motion, it tells too what is hidden, and nothing leaks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..crew import Crew
from . import settle
from .links import Links
from .settle import Carried, Paint
from .turns import Turns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Painting = NDArray[np.uint8]

VERSION = 2

# Within so many pixels of the flow's grid around a place …
_AROUND = np.ones((7, 7), np.uint8)
# … the motion may differ by this many, and paint is handed on; so many more, and nearly nothing is (exp(-1/2 · 2²)).
_SAME_MOTION = 0.75
_OTHER_MOTION = 0.5
_RIM = 5
# Below the one trust nothing is handed on, above the other all: half of each painting is softer than either.
_NOTHING, _ALL = 0.25, 0.75


@dataclasses.dataclass(frozen=True)
class _Step:
    """How a frame fetches paint from the frame before, and its own painting; None where it would not show."""

    carried: Carried
    own: Painting | None


class _HandOn:
    """How a stretch goes on where no anchor can be trusted; see ``core.settling.turns.Rule``.

    Args:
        links: of the stretch.
        first: paint of its first anchor, with which it begins.
        own: paints a frame by itself; called in pieces of work.
        stability: how much of what is handed on counts where it is trusted, 0 … 1.
    """

    def __init__(self, links: Links, first: Future[Paint], own: Callable[[int], Painting], stability: float) -> None:
        self._links = links
        self._first = first
        self._own = own
        self._stability = stability
        self._shown: Painting | None = None

    def prepare(self, frame_index: int) -> _Step:
        """The way from the frame before, and the frame's own painting where that will show."""
        carried = self._links.carried_step(frame_index)
        carried = within_one_motion(carried) if frame_index in self._links.guessed else wholly_or_not(carried)
        return _Step(carried, None if carried.is_all(self._stability) else self._own(frame_index))

    def go_on(self, prepared: _Step) -> Painting:
        """What the next frame shows, (H, W, 3) uint8."""
        before = self._first.result().picture if self._shown is None else self._shown
        held = settle.hold(before, prepared.carried, self._stability)
        self._shown = held.paint if prepared.own is None else held.over(prepared.own)
        return self._shown


def fills(
    links: Links,
    first: Future[Paint],
    missing: Sequence[int],
    own: Callable[[int], Painting],
    stability: float,
    crew: Crew,
) -> Callable[[int], Painting]:
    """What frames of a stretch show where no anchor can be trusted.

    Frames that are finished already, but in between, are prepared by the crew at once: those behind them wait for it.
    Missing ones are not, so that the first of them is finished before the last is begun.

    Args:
        links: of the stretch.
        first: paint of its first anchor, with which it begins.
        missing: frame_index of the frames between the anchors that will be asked for, in this order.
        own: paints a frame by itself.
        stability: how much of what is handed on counts where it is trusted, 0 … 1.
        crew: does the work.

    Returns:
        Makes one of these, (H, W, 3) uint8, in the piece of work that asks for it.
    """
    between = sorted({*range(links.first + 1, max(missing, default=links.first))} - {*missing})
    return Turns(links.first + 1, missing, _HandOn(links, first, own, stability), crew, between).make


def within_one_motion(carried: Carried) -> Carried:
    """The same, trusted wholly or not, and not near places where the motion is another."""
    spans = [cv2.morphologyEx(part, cv2.MORPH_GRADIENT, _AROUND) for part in carried.flow]
    excess = np.maximum(cv2.max(spans[0], spans[1]) - _SAME_MOTION, 0.0) / _OTHER_MOTION
    calm = np.exp(np.float32(-2.0) * excess * excess)
    trust = np.asarray(carried.flow_confidence * cv2.blur(calm, (_RIM, _RIM)), np.float32)
    return wholly_or_not(dataclasses.replace(carried, flow_confidence=trust))


def wholly_or_not(carried: Carried) -> Carried:
    """The same, trusted wholly or not at all nearly everywhere."""
    trust = np.clip((carried.flow_confidence - _NOTHING) / (_ALL - _NOTHING), 0.0, 1.0)
    return dataclasses.replace(carried, flow_confidence=trust)
