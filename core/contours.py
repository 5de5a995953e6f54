# SPDX-License-Identifier: GPL-3.0-or-later
"""How a painting looks across the strong contours of its source: clean steps, or halos. Free of bpy and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = 9
"""Pixels on either side of a contour that are looked at."""

PLATEAU = 6
"""Pixels from a contour: from here on outwards a side shows its own brightness."""

STEP = 0.08
"""Of 0 … 1: where a painting has no step there is nothing to overshoot."""

_STRONG = 0.12  # of 0…1 a pixel, smoothed: contours that an eye follows
_FEWEST = 50


def contour_profile(source: NDArray[np.uint8], painted: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """The painting's mean brightness across the source's strong contours, from side to side.

    Each place on a contour gives one line of pixels at right angles to it, from the dark side of the source to the
    light one, moved and scaled so that the painting's own two sides are 0 and 1. Strokes differ from place to place
    and cancel in the mean; a rim is everywhere, and stays.

    Args:
        source, painted: (H, W, 3) uint8 RGB.

    Returns:
        (2 * REACH + 1,) brightness, or None where there are too few contours.
    """
    grey, paint = (_grey(rgb) for rgb in (source, painted))
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    dx, dy = (np.asarray(cv2.Scharr(smooth, cv2.CV_32F, *order) / 32, np.float32) for order in ((1, 0), (0, 1)))
    slope = np.asarray(np.hypot(dx, dy), np.float32)
    rows, columns = np.nonzero((slope > _STRONG) & _crest(slope, dx, dy))
    inside = (np.minimum(rows, columns) > REACH) & (rows < grey.shape[0] - REACH) & (columns < grey.shape[1] - REACH)
    rows, columns = rows[inside], columns[inside]
    if len(rows) < _FEWEST:
        return None
    lines = _across(paint, rows, columns, dx, dy)
    low, high = (np.median(part, axis=1) for part in (lines[:, : REACH - PLATEAU + 1], lines[:, REACH + PLATEAU :]))
    step = high - low
    seen = np.abs(step) > STEP
    if seen.sum() < _FEWEST:
        return None
    scaled = (lines[seen] - low[seen, np.newaxis]) / step[seen, np.newaxis]
    return np.asarray(np.median(scaled, axis=0), np.float64)


def halo(source: NDArray[np.uint8], painted: NDArray[np.uint8]) -> float:
    """How far a painting swings beyond both sides of the source's strong contours, as a share of the step; 0 is clean.

    The sum of what lies above the upper and below the lower side in ``contour_profile``; not a number without contours.
    """
    profile = contour_profile(source, painted)
    if profile is None:
        return float("nan")
    return float(max(profile.max() - 1, 0.0) + max(-profile.min(), 0.0))


def _grey(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) / np.float32(255), np.float32)


def _crest(slope: NDArray[np.float32], dx: NDArray[np.float32], dy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the slope is steepest on its way across: the contour itself and not its flanks."""
    size = np.maximum(slope, 1e-6)
    x, y = np.meshgrid(np.arange(slope.shape[1], dtype=np.float32), np.arange(slope.shape[0], dtype=np.float32))
    beside = [
        cv2.remap(slope, x + side * dx / size, y + side * dy / size, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for side in (-1, 1)
    ]
    return (slope >= beside[0]) & (slope > beside[1])


def _across(
    paint: NDArray[np.float32],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    dx: NDArray[np.float32],
    dy: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Brightness along a line through each place, up the slope: (places, 2 * REACH + 1)."""
    along = np.arange(-REACH, REACH + 1, dtype=np.float32)
    size = np.hypot(dx, dy)[rows, columns]
    x = columns[:, np.newaxis] + along * (dx[rows, columns] / size)[:, np.newaxis]
    y = rows[:, np.newaxis] + along * (dy[rows, columns] / size)[:, np.newaxis]
    # OpenCV cannot make a picture of more than 32,767 rows, so the places are taken in parts.
    parts = [
        cv2.remap(paint, x[i : i + 30000].astype(np.float32), y[i : i + 30000].astype(np.float32), cv2.INTER_LINEAR)
        for i in range(0, len(x), 30000)
    ]
    return np.asarray(np.concatenate(parts), np.float32)
