# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow that bleeds over the rims of what moves is drawn back to them. Free of bpy and torch.

An estimator that looks at patches gives a strip along each rim the motion of the wrong side, whenever more of the patch
lies on the other one. The right motion is that of a place a few pixels away. So each place tries its neighbours' motion
and takes the one that explains it best (propagation, as in Barnes et al. 2009, without the random search).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from .match import unexplained

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Neighbours are so many pixels of the grid away: to the right, left, below and above.
_REACH = 4
_SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))
# A strip is narrow, so little is looked at of it; and motion must be better by so many levels of 255 to be taken.
_AROUND = 3
_BETTER = 1.0
# Where the flow differs by no more than this from pixel to pixel there is no rim, in pixels of the grid.
_JUMP = 0.5
_BESIDE = np.ones((3, 3), np.uint8)


def drawn_to_rims(field: NDArray[np.float32], here: NDArray[np.uint8], there: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The flow with the rims of what moves where they are seen; arguments as of ``core.flow.match.unexplained``."""
    if float(cv2.morphologyEx(field, cv2.MORPH_GRADIENT, _BESIDE).max()) <= _JUMP:
        return field
    height, width = field.shape[:2]
    best = field.copy()
    least = unexplained(field, here, there, _AROUND) - np.float32(_BETTER)
    bordered = cv2.copyMakeBorder(field, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_REPLICATE)
    for down, right in _SIDES:
        top, left = _REACH * (1 + down), _REACH * (1 + right)
        neighbours: NDArray[np.float32] = bordered[top : top + height, left : left + width].astype(np.float32)
        left_over = unexplained(neighbours, here, there, _AROUND)
        is_better = cv2.compare(left_over, least, cv2.CMP_LT)
        cv2.copyTo(left_over, is_better, least)
        cv2.copyTo(neighbours, is_better, best)
    return best
