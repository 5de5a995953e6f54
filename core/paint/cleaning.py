# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleans a painting along the contours of its source: no strings of beads, no rims. Free of bpy and torch.

*Beads*: the network works on a coarse grid, so a slanting contour meets it at another place in every row, and comes out
as a string of dots. Along the contour each pixel is averaged with its neighbours, which joins the beads (the first
step of coherence-enhancing filtering, Kyprianidis and Kang 2011).

*Rims*: painters draw light and dark lines beside contours: that is contrast, and style losses are lowest where contrast
is highest. Training against them (``core.training.halo_loss``) leaves a little. So beside every strong contour the
painting may not swing beyond what it is on both sides, a few pixels away, by more than the source itself does: a rim
goes, a thin thing of the source, which swings as well, stays.

Away from strong contours nothing changes, and strokes lie as they were. Where contours run and what lies beside them is
looked at at half the size, where it costs a quarter.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = 24
"""Pixels: nothing farther away than this changes a pixel of the result."""

# Mean squared gradient of the source at half the size, in steps of 255 a pixel: from the first on a contour counts,
# from the second on fully. Lower ones take the strokes on strong textures away, too.
_BEADED = 150.0, 600.0
_RIMMED = 300.0, 1200.0
_PLAIN = 4.0
# A contour counts this far beside itself, in pixels of half the size (standard deviation).
_BESIDE, _BESIDE_KERNEL = 1.0, (7, 7)
# Beads lie three to four pixels apart; a mean of three samples so far from each other has none.
_BEAD = 1.25
# How far to either side of a contour the painting is looked at, and how much it is smoothed for that, at half the size.
_ASIDE = 2.5
_SOFT, _SOFT_KERNEL = 0.6, (5, 5)
# Steps of 255 by which a painting may swing beyond both sides, and how many times as far as its source.
_SWING = 4.0
_OF_SOURCE = 1.5


def cleaned(
    painted: NDArray[np.uint8], source: NDArray[np.uint8], *, beads: bool = True, rims: bool = True
) -> NDArray[np.uint8]:
    """The painting (H, W, 3) uint8 RGB, clean along contours; ``source`` is what was painted, of the same size.

    Args:
        beads, rims: which of the two are taken away.
    """
    height, width = painted.shape[:2]
    grey = np.asarray(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), np.uint8)
    contours = _contours(np.asarray(_halved(grey), np.uint8))
    if beads:
        painted = _joined(painted, contours.along(_BEAD, height, width))
    if rims:
        painted = _without_rims(painted, grey, contours)
    return painted


@dataclasses.dataclass(frozen=True)
class _Contours:
    """Where contours run, at half the size.

    Attributes:
        angle: (h, w) float32, of the way across, from x to y, in radians.
        sureness: (h, w) float32, 0 … 1: nearly 1 where there is one direction, nearly 0 on plain ground and in corners.
        energy: (h, w) float32, mean squared gradient.
    """

    angle: NDArray[np.float32]
    sureness: NDArray[np.float32]
    energy: NDArray[np.float32]

    def weight(self, faint: float, strong: float) -> NDArray[np.float32]:
        """(h, w) 0 … 1: how much of a contour there is."""
        strength = np.clip((self.energy - np.float32(faint)) / np.float32(strong - faint), 0.0, 1.0)
        return np.asarray(self.sureness * strength, np.float32)

    def along(self, length: float, height: int, width: int) -> NDArray[np.float32]:
        """The way along contours, (2, height, width) in pixels of the whole size; shorter where they are faint."""
        lengths = self.weight(*_BEADED) * np.float32(length)
        way = _pairs(lengths, self.angle + np.float32(np.pi / 2))
        return np.asarray(cv2.resize(way, (width, height)), np.float32).transpose(2, 0, 1)

    def across(self, length: float) -> NDArray[np.float32]:
        """The way across contours, (2, h, w) in pixels of half the size."""
        return _pairs(np.full_like(self.angle, length), self.angle).transpose(2, 0, 1)


def _contours(grey: NDArray[np.uint8]) -> _Contours:
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, x, y, ksize=3, scale=1 / 8) for x, y in ((1, 0), (0, 1)))
    # The structure tensor as the vector of twice the angle, and its trace: both may be averaged.
    tensor = cv2.merge([dx * dx - dy * dy, 2.0 * dx * dy, dx * dx + dy * dy])
    double_x, double_y, trace = cv2.split(cv2.GaussianBlur(tensor, _BESIDE_KERNEL, _BESIDE))
    sureness = np.square(cv2.magnitude(double_x, double_y) / (trace + np.float32(_PLAIN)))
    angle = np.asarray(0.5 * cv2.phase(double_x, double_y), np.float32)
    return _Contours(angle, np.asarray(sureness, np.float32), np.asarray(trace, np.float32))


def _joined(picture: NDArray[np.uint8], way: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Each pixel averaged with what lies before and behind it on its ``way``, (2, H, W)."""
    # OpenCV samples four channels in half the time of three.
    four = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)
    sides = cv2.addWeighted(warp(four, -way), 0.5, warp(four, way), 0.5, 0.0)
    mean = cv2.addWeighted(four, 1 / 3, sides, 2 / 3, 0.0)
    return np.asarray(cv2.cvtColor(mean, cv2.COLOR_RGBA2RGB), np.uint8)


def _without_rims(painted: NDArray[np.uint8], grey: NDArray[np.uint8], contours: _Contours) -> NDArray[np.uint8]:
    height, width = grey.shape
    weight = contours.weight(*_RIMMED)
    if not weight.any():
        return painted
    aside = contours.across(_ASIDE)
    soft = np.asarray(cv2.GaussianBlur(_halved(cv2.merge([*cv2.split(painted), grey])), _SOFT_KERNEL, _SOFT), np.uint8)
    sides = warp(soft, aside), warp(soft, -aside)
    *low, grey_low = cv2.split(cv2.resize(cv2.min(*sides), (width, height)))
    *high, grey_high = cv2.split(cv2.resize(cv2.max(*sides), (width, height)))
    # OpenCV's sums and differences of bytes stop at 0 and 255.
    above, below = (_allowance(swing) for swing in (cv2.subtract(grey, grey_high), cv2.subtract(grey_low, grey)))
    highest = cv2.merge([cv2.add(channel, above) for channel in high])
    lowest = cv2.merge([cv2.subtract(channel, below) for channel in low])
    kept = cv2.min(cv2.max(painted, lowest), highest)
    amount = np.asarray(cv2.resize(weight, (width, height)), np.float32)
    return np.asarray(cv2.blendLinear(kept, painted, amount, 1.0 - amount), np.uint8)


def _allowance(swing: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """By how much the painting may swing where its source swings so far."""
    return cv2.addWeighted(swing, _OF_SOURCE, swing, 0.0, _SWING)


def _halved(picture: cv2.typing.MatLike) -> cv2.typing.MatLike:
    height, width = picture.shape[:2]
    return cv2.resize(picture, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)


def _pairs(lengths: NDArray[np.float32], angle: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, 2) x and y of vectors, as a flow is turned when something is warped along it."""
    return np.asarray(cv2.merge(cv2.polarToCart(lengths, angle)), np.float32)
