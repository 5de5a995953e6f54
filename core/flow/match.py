# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a flow explains a picture by another one. Free of bpy and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float32]
    Picture = NDArray[np.uint8]


def as_quick(rgb: Picture) -> Picture:
    """(h, w, 4) of an (h, w, 3) picture: OpenCV samples four channels twice as fast as three."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)


def as_grey(quick: Picture) -> Picture:
    """(h, w) of an (h, w, 4) picture."""
    return np.asarray(cv2.cvtColor(quick, cv2.COLOR_RGBA2GRAY), np.uint8)


def unexplained(field: Field, here: Picture, there: Picture, around: int) -> NDArray[np.float32]:
    """How much a picture differs around each place from what it is said to have been in another one.

    Args:
        field: (h, w, 2) from each pixel of ``here`` to its place in ``there``, x then y.
        here, there: the two pictures, (h, w, 4) uint8.
        around: over so many pixels each way.

    Returns:
        (h, w), levels of 255.
    """
    gap = cv2.absdiff(warp(there, field.transpose(2, 0, 1)), here)
    return np.asarray(cv2.boxFilter(as_grey(np.asarray(gap, np.uint8)), cv2.CV_32F, (around, around)), np.float32)
