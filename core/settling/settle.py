# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling: strokes stay on what they are painted on. Free of bpy and torch.

Every few frames is an *anchor*, painted wholly afresh. Between two anchors the paint is carried along the optical flow,
forward from the anchor before and backward from the anchor after, and the two cross over; what neither could see is
taken from the frame's own painting. So a stretch between two anchors depends on nothing outside it, and no error
outlives it. (Ruder et al. 2016 carry the previous result frame by frame instead; that chain runs through the whole
shot, and each resampling blurs it a little more.)

The flows are chained and the anchor's painting is sampled once, so carried paint is as sharp after eight frames as
after one. Trust in it is the product of the occlusion checks along the chain, of one direct comparison (where the
anchor's *source*, carried along the same way, does not look like this frame's source, the flow was wrong), and of how
little the flow tears the paint.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import compose, lands_inside, resize_flow, warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..flow.motion import Motion

VERSION = 10

# Carried source and real source may differ by this much (of 255, mean over 5x5 pixels) and be trusted fully …
_SAME_LOOK = 5.0
# … and by this much more until nearly nothing of the trust is left (exp(-1/2 · 2²)).
_OTHER_LOOK = 12.0
# A stroke may lie this far off, in pixels of the flow's grid (half of the frame's), as a share of the step at an edge.
_EDGE_ERROR = 0.5
# … but no more than this is forgiven, of 255: in strong texture all around, wrong flow would be trusted too.
_MOST_FORGIVEN = 15.0
_AROUND = np.ones((3, 3), np.uint8)
# The chained flow may stretch paint by this many pixels a pixel more along one axis than across it …
_WHOLE = 0.55
# … make strokes 1.6 times as broad or as narrow as they were painted, and turn them as it likes, and be trusted fully.
_ZOOMED = math.log(1.6)
# So much more of either, and nearly nothing of the trust is left.
_TORN = 0.4
# Softens the rim of what is not trusted, in pixels of the flow's grid, so that no edge shows where new paint begins.
_RIM = 5
_CHANNEL_MEAN = np.full((1, 3), 1.0 / 3.0, np.float32)
# Contrast is compared over about the width of a stroke, and at most raised by this factor.
_NEIGHBOURHOOD = (7, 7)
_MOST_GAIN = 1.5
# Below this much trust in total, carried paint is not looked at.
_NO_TRUST = 1e-3
# Above this everywhere, less than one step of 255 would come from the frame's own painting.
_ALL_TRUST = 0.998


@dataclasses.dataclass(frozen=True)
class Link:
    """The way from a frame back to an anchor, stored small: a few dozen are in hand at a time.

    Attributes:
        flow: (2, h, w) float16 on the frame's grid: where each pixel lies in the anchor.
        visible: (h, w) uint8, 255 = seen all along the way by the occlusion checks.
    """

    flow: NDArray[np.float16]
    visible: NDArray[np.uint8]

    @classmethod
    def of(cls, flow: NDArray[np.float32], visible: NDArray[np.float32]) -> Link:
        """From numbers of full length; ``visible`` 0 … 1."""
        return cls(flow.astype(np.float16), np.asarray(cv2.convertScaleAbs(visible, alpha=255.0), np.uint8))

    def onward(self, further: Link) -> Link:
        """From this link's frame to its anchor and from there along ``further``, which begins in that anchor."""
        flow = self.flow.astype(np.float32)
        visible = self.visible.astype(np.float32) * warp(further.visible.astype(np.float32), flow)
        return Link.of(compose(flow, further.flow.astype(np.float32)), visible / np.float32(255.0**2))


@dataclasses.dataclass(frozen=True)
class Carried:
    """Paint carried from an anchor to a frame.

    Attributes:
        flow: (2, h, w) float32 on the frame's grid: where each pixel lies in the anchor.
        flow_confidence: (h, w) float32, 0 … 1; 1 = trusted.
    """

    flow: NDArray[np.float32]
    flow_confidence: NDArray[np.float32]

    @classmethod
    def still(cls, grid: tuple[int, ...]) -> Carried:
        """Paint that stays where it is; ``grid`` is height and width of the flow."""
        return cls(np.zeros((2, *grid), np.float32), np.ones(grid, np.float32))

    def is_all(self, stability: float = 1.0) -> bool:
        """Whether nothing but carried paint would be seen, if so much of it counts where it is trusted."""
        return float(self.flow_confidence.min()) * stability > _ALL_TRUST


def follow(motions: Iterable[Motion]) -> Iterator[tuple[Link, Link]]:
    """For each next frame, going away from an anchor, the way back to it, and the step back to the frame before.

    Args:
        motions: of each step; its "prev" is the frame before, seen from the anchor.
    """
    flow: NDArray[np.float32] | None = None
    visible: NDArray[np.float32] | None = None
    for motion in motions:
        step = motion.flow_cur_to_prev
        seen = 1.0 - motion.occlusion_mask().astype(np.float32)
        flow = step if flow is None else compose(step, flow)
        visible = seen if visible is None else seen * warp(visible, step)
        yield Link.of(flow, visible), Link.of(step, seen)


def trusted(link: Link, anchor: NDArray[np.uint8], source: NDArray[np.uint8]) -> Carried:
    """How to fetch the anchor's paint, and how far to trust it.

    Args:
        anchor, source: sources of the anchor and of the frame, (h, w, 3) uint8 at the flow's resolution.
    """
    flow = link.flow.astype(np.float32)
    # Each step may end half a pixel outside the picture; many of them lead far out, where only the border is repeated.
    visible = link.visible.astype(np.float32) * np.float32(1.0 / 255.0) * lands_inside(flow)
    return Carried(flow, _softened(visible * _likeness(warp(anchor, flow), source) * _wholeness(flow)))


@dataclasses.dataclass(frozen=True)
class CarriedPaint:
    """What the two anchors give to a frame between them.

    Attributes:
        paint: (H, W, 3) uint8.
        amount: (H, W) float32, 0 … 1: how much of it shows; the rest is the frame's own painting.
    """

    paint: NDArray[np.uint8]
    amount: NDArray[np.float32]

    def share(self) -> float:
        """How much of the picture it covers, 0 … 1."""
        return float(cv2.mean(self.amount)[0])

    def covers_all(self) -> bool:
        """Whether the frame's own painting would not show anywhere, so that it need not be made."""
        return float(self.amount.min()) > _ALL_TRUST

    def over(self, own: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The settled painting, (H, W, 3) uint8: carried paint where it is trusted, the frame's own elsewhere."""
        return _blended(self.paint, own, self.amount, 1.0 - self.amount)


@dataclasses.dataclass(frozen=True)
class Paint:
    """A painting that is to be carried.

    Attributes:
        picture: (H, W, 3) uint8.
        spread: (h, w) float32 at the flow's resolution: the contrast of its strokes, which carried paint is to keep.
    """

    picture: NDArray[np.uint8]
    spread: NDArray[np.float32]

    @classmethod
    def of(cls, picture: NDArray[np.uint8], grid: tuple[int, ...]) -> Paint:
        """Measures the contrast; ``grid`` is height and width of the flow."""
        return cls(picture, _spread(picture, grid))


def hold(painting: NDArray[np.uint8], carried: Carried, stability: float = 1.0) -> CarriedPaint:
    """What one painting gives to a frame that it is held for.

    Args:
        painting: (H, W, 3) uint8, and ``carried`` how to fetch it.
        stability: how much of it counts where it is trusted, 0 … 1.
    """
    height, width = painting.shape[:2]
    paint = warp(painting, resize_flow(carried.flow, height, width), sharp=True)
    confidence = np.asarray(cv2.resize(carried.flow_confidence, (width, height)), np.float32)
    return CarriedPaint(paint, confidence * np.float32(stability))


def cross(
    before: tuple[Paint, Carried], after: tuple[Paint, Carried], position: float, stability: float = 1.0
) -> CarriedPaint:
    """Cross from the paint of the anchor before to that of the anchor after.

    Args:
        before, after: the anchor's painting, and how to fetch it.
        position: where the frame lies between them, 0 … 1. The crossing is even: any other curve changes faster
            somewhere, and that is seen.
        stability: how much carried paint counts where it is trusted, 0 … 1.
    """
    height, width = before[0].picture.shape[:2]
    sides = before, after
    paints = [warp(p.picture, resize_flow(c.flow, height, width), sharp=True) for p, c in sides]
    trust = [carried.flow_confidence for _, carried in sides]
    small = [  # what the one leaves is the other's, so little trust is outweighed by much, wherever the frame lies
        trust[0] * (np.float32(1.0) - np.float32(position) * trust[1]),
        trust[1] * (np.float32(1.0) - np.float32(1.0 - position) * trust[0]),
    ]
    weights = [np.asarray(cv2.resize(weight, (width, height)), np.float32) for weight in small]
    spreads = [warp(paint.spread, carried.flow) for paint, carried in sides]
    share = small[0] / np.maximum(small[0] + small[1], _NO_TRUST)
    mixed = _blended(paints[0], paints[1], weights[0], weights[1])
    amount = np.maximum(before[1].flow_confidence, after[1].flow_confidence) * np.float32(stability)
    amount[small[0] + small[1] < _NO_TRUST] = 0.0
    wanted = spreads[1] + share * (spreads[0] - spreads[1])
    shown = np.asarray(cv2.resize(amount, (width, height)), np.float32)
    return CarriedPaint(_with_contrast(mixed, wanted), shown)


def _likeness(carried: NDArray[np.uint8], source: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w) 0 … 1: how much the carried source looks like the real one."""
    # The mean over the channels, not their maximum: a change of hue alone is what painting forgives most.
    difference = np.asarray(cv2.transform(cv2.absdiff(carried, source), _CHANNEL_MEAN), np.float32)
    # Beside an edge, half a pixel of error in the flow makes a large difference that no stroke would show.
    grey = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY)
    edges = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, _AROUND), np.float32)
    forgiven = np.minimum(_EDGE_ERROR * np.asarray(cv2.blur(edges, (5, 5)), np.float32), _MOST_FORGIVEN)
    excess = np.maximum(np.asarray(cv2.blur(difference, (5, 5)), np.float32) - _SAME_LOOK - forgiven, 0.0) / _OTHER_LOOK
    return np.asarray(np.exp(np.float32(-2.0) * excess * excess), np.float32)


def _wholeness(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) 0 … 1: how little the flow tears, shears and stretches the paint; turning it is allowed.

    The change of place, the unit matrix and the flow's gradient, is split into a similarity, which turns and zooms, and
    the rest, which stretches along one axis and shrinks along the other. Where a flow tears it jumps in one direction;
    such a gradient has rank one, and there the rest is as large as the gradient itself, however it is turned.
    """
    (xx, xy), (yx, yy) = ((_slope(part, 1, 0), _slope(part, 0, 1)) for part in flow)
    stretched = cv2.magnitude(xx - yy, xy + yx)  # the larger of the two factors less the smaller one
    xx += yy
    xx += 2.0
    yx -= xy
    zoomed = np.abs(cv2.log(np.maximum(cv2.magnitude(xx, yx), 1e-3)) - np.float32(math.log(2.0)))
    excess = np.maximum(np.maximum(stretched - _WHOLE, zoomed - _ZOOMED), 0.0) / _TORN
    return np.asarray(np.exp(np.float32(-2.0) * excess * excess), np.float32)


def _slope(part: NDArray[np.float32], dx: int, dy: int) -> NDArray[np.float32]:
    """How a component of a flow changes along x or y, (h, w), pixels a pixel."""
    return np.asarray(cv2.Sobel(part, cv2.CV_32F, dx, dy, ksize=3, scale=1 / 8), np.float32)


def _softened(trust: NDArray[np.float32]) -> NDArray[np.float32]:
    """Trust that falls off towards what is not trusted, and is nowhere higher than it was."""
    return np.asarray(cv2.blur(cv2.erode(trust, _AROUND), (_RIM, _RIM)) * (trust > 0.0), np.float32)


def _with_contrast(mixed: NDArray[np.uint8], wanted: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Two pictures mixed without the dull middle of a cross-fade, nor what sampling took off their edges.

    Where strokes differ, their mean has less contrast than either. The mix is stretched about its local mean until its
    contrast is the mean of theirs, as it was before they were carried (the variance-preserving blending of Heitz and
    Neyret 2018, with what was lost measured where it lies).

    Args:
        wanted: the contrast, (h, w) float32 at the flow's resolution.
    """
    missing = np.clip(wanted / np.maximum(_spread(mixed, wanted.shape), 1.0), 1.0, _MOST_GAIN)
    gain: NDArray[np.float32] = cv2.resize(missing, (mixed.shape[1], mixed.shape[0])).astype(np.float32)
    return _blended(mixed, np.asarray(cv2.blur(mixed, _NEIGHBOURHOOD), np.uint8), gain, np.float32(1.0) - gain)


def _spread(picture: NDArray[np.uint8], grid: tuple[int, ...]) -> NDArray[np.float32]:
    """Standard deviation of brightness around each place, (h, w) float32 on a grid of that height and width."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    mean = cv2.boxFilter(grey, cv2.CV_32F, _NEIGHBOURHOOD)
    variance = cv2.subtract(cv2.sqrBoxFilter(grey, cv2.CV_32F, _NEIGHBOURHOOD), cv2.multiply(mean, mean))
    small = cv2.resize(variance, (grid[1], grid[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(np.maximum(small, 0.0)), np.float32)


def _blended(
    one: NDArray[np.uint8], other: NDArray[np.uint8], weight: NDArray[np.float32], other_weight: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """The mean of two pictures, each pixel with its own weights; they need not add up to 1."""
    return np.asarray(cv2.blendLinear(one, other, weight, np.ascontiguousarray(other_weight)), np.uint8)
