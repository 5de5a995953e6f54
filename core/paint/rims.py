# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes light and dark rims along contours out of a painting. Free of bpy and torch.

Painters draw rims: along a contour they are contrast, and style losses are lowest where contrast is highest. Training
against them (``core.training.halo_loss``) leaves a little. So beside every strong contour of the source the painting
may not swing beyond what it is on both sides, a few pixels away, by more than the source itself does: a rim goes, a
thin thing of the source, which swings as well, stays. Away from contours nothing changes, and strokes lie as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import warp
from .structure import structure_tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = 12
"""Pixels: nothing farther away than this changes a pixel of the result."""

# How far to either side of a contour the painting is looked at, and how much that is smoothed, in pixels.
_ASIDE = 5.0
_SOFT, _SOFT_KERNEL = 1.5, (9, 9)
# Steps of 255 by which a painting may swing beyond both sides, and how many times as far as its source.
_SWING = 4.0
_OF_SOURCE = 1.5
# Mean squared gradient of the source from which on a contour counts, and that from which on it counts fully.
_FAINT, _STRONG = 30.0, 150.0
_PLAIN = 4.0


def without_rims(painted: NDArray[np.uint8], source: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The painting without rims, (H, W, 3) uint8 RGB; ``source`` is what was painted, of the same size."""
    double_x, double_y, trace = (np.asarray(part, np.float32) for part in cv2.split(structure_tensor(source)))
    weight = _weight(double_x, double_y, trace)
    across = 0.5 * cv2.phase(double_x, double_y) + np.float32(np.pi / 2)
    aside = np.asarray(cv2.merge(cv2.polarToCart(np.full_like(across, _ASIDE), across)), np.float32).transpose(2, 0, 1)
    grey = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY)
    soft = np.asarray(cv2.GaussianBlur(cv2.merge([*cv2.split(painted), grey]), _SOFT_KERNEL, _SOFT), np.uint8)
    sides = warp(soft, aside), warp(soft, -aside)
    *low, grey_low = cv2.split(cv2.min(*sides))
    *high, grey_high = cv2.split(cv2.max(*sides))
    # OpenCV's sums and differences of bytes stop at 0 and 255.
    above, below = (_allowance(swing) for swing in (cv2.subtract(grey, grey_high), cv2.subtract(grey_low, grey)))
    highest = cv2.merge([cv2.add(channel, above) for channel in high])
    lowest = cv2.merge([cv2.subtract(channel, below) for channel in low])
    kept = cv2.min(cv2.max(painted, lowest), highest)
    return np.asarray(cv2.blendLinear(kept, painted, weight, 1 - weight), np.uint8)


def _weight(
    double_x: NDArray[np.float32], double_y: NDArray[np.float32], trace: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How surely and how strongly a contour runs at each pixel, 0 … 1."""
    sureness = np.square(cv2.magnitude(double_x, double_y) / (trace + np.float32(_PLAIN)))
    strength = np.clip((trace - np.float32(_FAINT)) / np.float32(_STRONG - _FAINT), 0, 1)
    return np.asarray(sureness * strength, np.float32)


def _allowance(swing: cv2.typing.MatLike) -> NDArray[np.uint8]:
    """By how much the painting may swing where its source swings so far."""
    return np.asarray(cv2.addWeighted(swing, _OF_SOURCE, swing, 0.0, _SWING), np.uint8)
