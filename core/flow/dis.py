# SPDX-License-Identifier: GPL-3.0-or-later
"""Dense Inverse Search (Kroeger et al. 2016), OpenCV's estimator: a few milliseconds a frame. Free of bpy and torch."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .motion import Motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Motion is smooth: measured at this size it is as exact for carrying strokes as at full size, and never slow.
_LONGEST_SIDE = 640
# Below this the estimator's 8-pixel patches do not fit at any level of its pyramid.
_SHORTEST_SIDE = 32


class DisFlow:
    """Flow by OpenCV's DIS. Safe to use from several threads: each has its own estimator.

    Args:
        preset: "ultrafast", "fast" or "medium"; medium is the most exact.
    """

    def __init__(self, preset: str = "medium") -> None:
        presets = {
            "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
            "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
            "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
        }
        self._preset = presets[preset]
        self.key = f"dis-{preset}-{_LONGEST_SIDE}-1"
        self._local = threading.local()

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        """Motion between two pictures, (H, W, 3) uint8 RGB of one size, estimated in both directions."""
        prev_grey, cur_grey = (_grey_at_working_size(picture) for picture in (prev, cur))
        if min(prev_grey.shape) < _SHORTEST_SIDE:
            still = np.zeros((2, *prev_grey.shape), np.float32)
            return Motion(still, still)
        if np.array_equal(prev_grey, cur_grey):  # held frames: no estimate is more exact than none
            still = np.zeros((2, *prev_grey.shape), np.float32)
            return Motion(still, still)
        return Motion(self._flow(cur_grey, prev_grey), self._flow(prev_grey, cur_grey))

    def _flow(self, source: NDArray[np.uint8], target: NDArray[np.uint8]) -> NDArray[np.float32]:
        estimator = getattr(self._local, "estimator", None)
        if estimator is None:
            estimator = self._local.estimator = cv2.DISOpticalFlow.create(self._preset)
        # A given third picture would be taken as a first guess; the type stub does not know that it may be left out.
        field = estimator.calc(source, target, None)  # type: ignore[call-overload]
        return np.ascontiguousarray(field.transpose(2, 0, 1))


def working_size(height: int, width: int) -> tuple[int, int]:
    """Height and width at which flow is estimated for a frame of this size."""
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _grey_at_working_size(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = working_size(*rgb.shape[:2])
    if (height, width) != rgb.shape[:2]:
        rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
