# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a painting to the size of its frame, neither soft nor jagged. Free of bpy and torch.

Enlarged by interpolation alone, a painting shows its pixels: slanting contours become strings of beads, and every
stroke a soft rim. So it is first smoothed along the contours of the *source*, which joins the beads and leaves strokes
on plain ground alone, and then sharpened across them, which gives strokes their rim back (the two steps of
coherence-enhancing filtering, Kyprianidis and Kang 2011).

Contours are followed at no more than twice the painting's size, strokes sharpened up to four times, and the rest is
interpolation, so that time and memory grow slower than the frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import warp
from .resolution import resized

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARGIN = 14
"""How far, in pixels of the painting, a pixel of the painting or of its source can reach in the result."""

_LARGEST_STEP = 2.0
# Along a contour each pixel is averaged with what lies this far to either side, in pixels of the painting, and the
# result once more: nine samples over a length of five. From bead to bead it is two to four.
_ALONG = (0.75, 1.75)
# Contours are followed this far beside them too, for there the painter still answers to them (standard deviation,
# in pixels of the painting).
_BESIDE = 2.0
_BESIDE_KERNEL = (13, 13)
# Squared gradient of the source, in steps of 255 a pixel, below which a contour is not followed.
_FAINT = 1.0
# Share of what lies above or below the neighbourhood's mean that is added once more after doubling; more draws
# outlines.
_SHARPENING = 0.8
# Nothing is sharpened beyond what lies beside it: no light or dark rim can appear.
_BESIDE_PIXEL = np.ones((3, 3), np.uint8)


def enlarge(painted: NDArray[np.uint8], source: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The painting at the frame's size; a local function with ``MARGIN``.

    Args:
        painted: (h, w, 3) uint8 RGB.
        source: (h, w, 3) uint8 RGB, what was painted.
        height, width: of the frame. Where it is no larger, the painting is only made smaller.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    low_height, low_width = painted.shape[:2]
    if height <= low_height or width <= low_width:
        return resized(painted, height, width)
    factor = _next_step(painted, height, width)
    step = round(low_height * factor), round(low_width * factor)
    way = _contours(source, *step) * np.float32(factor)
    large = _sharpened(_smoothed_along(resized(painted, *step), way), factor)
    factor = _next_step(large, height, width)
    large = _sharpened(resized(large, round(step[0] * factor), round(step[1] * factor)), factor)
    return resized(large, height, width)


def _next_step(picture: NDArray[np.uint8], height: int, width: int) -> float:
    """By which factor the picture is enlarged next on its way to this size, 1 … 2."""
    low_height, low_width = picture.shape[:2]
    return float(max(1.0, min(_LARGEST_STEP, height / low_height, width / low_width)))


def _contours(source: NDArray[np.uint8], height: int, width: int) -> NDArray[np.float32]:
    """(2, height, width), x then y: the direction of the contour at or beside each pixel, of length 0 … 1.

    The length says how surely there is one direction: nearly 1 on a contour, nearly 0 on plain ground and in corners.
    """
    grey = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY)
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, x, y, ksize=3, scale=1 / 8) for x, y in ((1, 0), (0, 1)))
    # The structure tensor as the vector of twice the contour's angle, and its trace: both may be averaged.
    tensor = cv2.merge([dy * dy - dx * dx, -2.0 * dx * dy, dx * dx + dy * dy])
    tensor = cv2.GaussianBlur(tensor, _BESIDE_KERNEL, _BESIDE)
    double_x, double_y, trace = cv2.split(cv2.resize(tensor, (width, height), interpolation=cv2.INTER_LINEAR))
    sureness = cv2.magnitude(double_x, double_y) / (trace + np.float32(_FAINT))
    angle = 0.5 * cv2.phase(double_x, double_y)
    # A view of pairs, as a flow is turned when something is warped along it.
    return np.asarray(cv2.merge(cv2.polarToCart(sureness, angle)), np.float32).transpose(2, 0, 1)


def _smoothed_along(picture: NDArray[np.uint8], way: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Each pixel averaged with what lies before and behind it on its ``way``, (2, H, W) in pixels."""
    # OpenCV samples four channels in half the time of three.
    smooth = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)
    for distance in _ALONG:
        behind, ahead = (warp(smooth, signed * way) for signed in (-distance, distance))
        sides = cv2.addWeighted(behind, 0.5, ahead, 0.5, 0.0)
        smooth = np.asarray(cv2.addWeighted(smooth, 1 / 3, sides, 2 / 3, 0.0), np.uint8)
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGBA2RGB), np.uint8)


def _sharpened(picture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """What a picture gets back that was just enlarged by this factor; at 1 it is left as it is."""
    amount = _SHARPENING * (factor - 1.0)
    if amount <= 0.0:
        return picture
    side = 2 * round(3.0 * factor) + 1
    soft = cv2.GaussianBlur(picture, (side, side), factor)
    sharp = cv2.addWeighted(picture, 1.0 + amount, soft, -amount, 0.0)
    lowest, highest = cv2.erode(picture, _BESIDE_PIXEL), cv2.dilate(picture, _BESIDE_PIXEL)
    return np.asarray(cv2.min(cv2.max(sharp, lowest), highest), np.uint8)
