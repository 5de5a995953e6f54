# SPDX-License-Identifier: GPL-3.0-or-later
"""Where contours of a picture run, and how strong they are. Free of bpy and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Contours are followed this far beside them too, for there the painter still answers to them (standard deviation, in
# pixels of the painting).
_BESIDE = 2.0
_BESIDE_KERNEL = (13, 13)

REACH = 7
"""Pixels: nothing farther away than this changes the tensor."""


def structure_tensor(source: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The smoothed structure tensor of a picture (H, W, 3) uint8 RGB, as three numbers a pixel, (H, W, 3).

    The first two are the vector of twice the contour's angle, the third is the trace, the mean squared gradient in
    squared steps of 255 a pixel: unlike the angle itself they may be averaged and resized. Where there is one direction
    the vector is as long as the trace; on plain ground and in corners it is short.
    """
    grey = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY)
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, x, y, ksize=3, scale=1 / 8) for x, y in ((1, 0), (0, 1)))
    tensor = cv2.merge([dy * dy - dx * dx, -2.0 * dx * dy, dx * dx + dy * dy])
    return np.asarray(cv2.GaussianBlur(tensor, _BESIDE_KERNEL, _BESIDE), np.float32)
