# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid on which every estimator's flow lies, whatever it was estimated at. Free of bpy and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from .motion import Motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_SIDE = 960
"""Pixels. Motion is smooth: measured at this size it carries strokes as exactly as at full size, and never slowly."""

# OpenCV's presets stop at half of the given size and enlarge the result: keeping that half loses nothing and makes
# everything that follows four times as fast.
_GRID = 0.5
# Below this the 8-pixel patches and cells of the estimators do not fit at any level of their pyramids.
_SHORTEST_SIDE = 32


def grid_size(height: int, width: int) -> tuple[int, int]:
    """Height and width of the grid on which flow lies for a frame of this size."""
    rows, columns = working_size(height, width)
    return max(1, round(rows * _GRID)), max(1, round(columns * _GRID))


def at_flow_size(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture, (H, W, 3) uint8, on the grid of the flow."""
    return _at_size(rgb, grid_size(rgb.shape[0], rgb.shape[1]))


def working_size(height: int, width: int) -> tuple[int, int]:
    """Height and width at which the motion of a frame of this size is estimated."""
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def at_working_size(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture, (H, W, 3) uint8, at the size at which its motion is estimated."""
    return _at_size(rgb, working_size(rgb.shape[0], rgb.shape[1]))


def _at_size(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if rgb.shape[:2] == size:
        return rgb
    return np.asarray(cv2.resize(rgb, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def still_motion(prev: NDArray[np.uint8], cur: NDArray[np.uint8], height: int, width: int) -> Motion | None:
    """No motion at all, for frames of this size; None where there may be some, and it has to be estimated.

    Held frames: no estimate is more exact than none. Tiny frames: there is nothing to see.

    Args:
        prev, cur: what the estimator looks at, at the working size, (h, w) or (h, w, 3) uint8.
    """
    if min(prev.shape[:2]) >= _SHORTEST_SIDE and not np.array_equal(prev, cur):
        return None
    still = np.zeros((2, *grid_size(height, width)), np.float32)
    return Motion(still, still)
