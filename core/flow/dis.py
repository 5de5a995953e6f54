# SPDX-License-Identifier: GPL-3.0-or-later
"""Dense Inverse Search (Kroeger et al. 2016), OpenCV's estimator: a few milliseconds a frame. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import resize_flow
from .far import found_again
from .grid import LONGEST_SIDE, at_flow_size, at_working_size, grid_size, still_motion
from .match import as_quick
from .motion import Motion
from .rims import drawn_to_rims

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class DisQuality:
    """How carefully to look.

    Attributes:
        finest_scale: the level of the pyramid at which the search ends: 0 = whole, 1 = half, 2 = a quarter.
        descents: steps of gradient descent for each patch.
        stride: pixels from one 8-pixel patch to the next.
        refinements: rounds of variational refinement on each level.
    """

    finest_scale: int
    descents: int
    stride: int
    refinements: int


# "medium" is OpenCV's preset of that name with fewer descents and a wider stride, which gives up a little for half the
# time; "fine" is that preset without its two shortcuts. What each costs and gives stands in docs/motion.md.
_QUALITIES = {
    "fast": DisQuality(finest_scale=1, descents=8, stride=5, refinements=0),
    "medium": DisQuality(finest_scale=1, descents=8, stride=5, refinements=3),
    "fine": DisQuality(finest_scale=0, descents=25, stride=3, refinements=5),
}
_VERSION = 5


class DisSearch:
    """Searches where the pixels of one grey picture lie in another. Safe to use from several threads."""

    def __init__(self, quality: DisQuality) -> None:
        self._quality = quality
        self._local = threading.local()

    def flow(self, source: NDArray[np.uint8], target: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(2, h, w) on the grid of ``source``, (h, w) uint8 like ``target``: from each pixel to its place there."""
        estimator = getattr(self._local, "estimator", None)
        if estimator is None:
            estimator = self._local.estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
            estimator.setFinestScale(self._quality.finest_scale)
            estimator.setGradientDescentIterations(self._quality.descents)
            estimator.setPatchStride(self._quality.stride)
            estimator.setVariationalRefinementIterations(self._quality.refinements)
        # A given third picture would be taken as a first guess; the type stub does not know that it may be left out.
        field = estimator.calc(source, target, None)  # type: ignore[call-overload]
        return np.ascontiguousarray(field.transpose(2, 0, 1))


class DisFlow:
    """Flow by OpenCV's DIS. Safe to use from several threads.

    Args:
        quality: "fast", "medium" (the default of the product) or "fine".
    """

    def __init__(self, quality: str = "medium") -> None:
        self._search = DisSearch(_QUALITIES[quality])
        self.key = f"dis-{quality}-{LONGEST_SIDE}-{_VERSION}"

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        """See ``core.flow.motion.FlowEstimator``."""
        height, width = prev.shape[:2]
        prev_grey, cur_grey = (_grey_at_working_size(picture) for picture in (prev, cur))
        still = still_motion(prev_grey, cur_grey, height, width)
        if still is not None:
            return still
        grid = grid_size(height, width)
        there, back = self._search.flow(cur_grey, prev_grey), self._search.flow(prev_grey, cur_grey)
        small_prev, small_cur = (as_quick(at_flow_size(picture)) for picture in (prev, cur))
        return Motion(
            self._mended(resize_flow(there, *grid), small_cur, small_prev),
            self._mended(resize_flow(back, *grid), small_prev, small_cur),
        )

    def _mended(
        self, flow: NDArray[np.float32], here: NDArray[np.uint8], there: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """The flow with what moved too far for the search, and with rims where they are seen."""
        field = np.ascontiguousarray(flow.transpose(1, 2, 0))
        field = drawn_to_rims(found_again(field, here, there, self._search.flow), here, there)
        return np.ascontiguousarray(field.transpose(2, 0, 1))


def _grey_at_working_size(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(at_working_size(rgb), cv2.COLOR_RGB2GRAY), np.uint8)
