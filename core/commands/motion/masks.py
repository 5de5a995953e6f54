# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to tell what was hidden in the frame before. Free of bpy and torch.

The product's own is ``core.flow.motion.Motion.occlusion_mask``; the others are here to be compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ...flow.motion import Motion
from ...warp import lands_inside, warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Picture = NDArray[np.uint8]

# Of Sundaram et al. 2010: the share of the motion that a point may miss itself by, squared.
_RELATIVE = 0.01
_STRICT_PIXELS = 0.05
_LEAST_COVERAGE = 0.7
_LEAST_AREA = 0.6
_OTHER_LOOK = 25.0

Way = Callable[[Motion, "Picture", "Picture"], "Mask"]
"""(h, w) True = hidden, from the motion and the two pictures, (h, w, 3) uint8, on the grid of the flow."""


def consistency(motion: Motion, pixels: float) -> Mask:
    """True where going to prev and back misses by more than ``pixels`` squared (Sundaram et al. 2010)."""
    there = motion.flow_cur_to_prev
    field = warp(np.ascontiguousarray(motion.flow_prev_to_cur.transpose(1, 2, 0)), there)
    back = field.transpose(2, 0, 1)
    gap = np.square(there + back).sum(axis=0)
    allowed = _RELATIVE * (np.square(there).sum(axis=0) + np.square(back).sum(axis=0)) + pixels
    mask: Mask = (gap > allowed) | ~lands_inside(there)
    return mask


def coverage(motion: Motion) -> NDArray[np.float32]:
    """(h, w) how much of prev lands on each pixel of cur, in pixels (the range map of Wang et al. 2018).

    Each pixel of prev is laid down where it goes to, shared out between the four nearest pixels.
    """
    _, height, width = motion.flow_prev_to_cur.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns + motion.flow_prev_to_cur[0], rows + motion.flow_prev_to_cur[1]
    left, top = np.floor(x), np.floor(y)
    total = np.zeros((height + 2) * (width + 2))
    for right in (0, 1):
        for down in (0, 1):
            share = np.abs(1 - right - (x - left)) * np.abs(1 - down - (y - top))
            # A rim of one pixel takes what falls outside.
            column = np.clip(left + right, -1, width).astype(np.int64) + 1
            row = np.clip(top + down, -1, height).astype(np.int64) + 1
            total += np.bincount((row * (width + 2) + column).ravel(), share.ravel(), len(total))
    return np.asarray(total.reshape(height + 2, width + 2)[1:-1, 1:-1], np.float32)


def area(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) the area that a pixel of the flow's grid has in the other frame, in pixels; negative where it is folded.

    Around what was hidden an estimator draws the pixels beside it over it, so many pixels come from few.
    """
    across, down = (
        [np.asarray(cv2.Sobel(part, cv2.CV_32F, dx, 1 - dx, ksize=1, scale=0.5), np.float32) for part in flow]
        for dx in (1, 0)
    )
    return (1 + across[0]) * (1 + down[1]) - down[0] * across[1]


def other_look(motion: Motion, prev: Picture, cur: Picture) -> Mask:
    """True where prev, carried along the flow, does not look like cur."""
    difference = cv2.absdiff(warp(prev, motion.flow_cur_to_prev), cur).mean(axis=2).astype(np.float32)
    mask: Mask = np.asarray(cv2.blur(difference, (3, 3))) > _OTHER_LOOK
    return mask


def _out_of_picture(motion: Motion) -> Mask:
    return ~lands_inside(motion.flow_cur_to_prev)


WAYS: Mapping[str, Way] = {
    "consistency (the default)": lambda motion, prev, cur: motion.occlusion_mask(),
    "strict consistency": lambda motion, prev, cur: consistency(motion, _STRICT_PIXELS),
    "coverage": lambda motion, prev, cur: (coverage(motion) < _LEAST_COVERAGE) | _out_of_picture(motion),
    "other look": other_look,
    "consistency or coverage": lambda motion, prev, cur: motion.occlusion_mask() | (coverage(motion) < _LEAST_COVERAGE),
    "consistency or area": lambda motion, prev, cur: (
        motion.occlusion_mask() | (area(motion.flow_cur_to_prev) < _LEAST_AREA)
    ),
    "consistency or other look": lambda motion, prev, cur: motion.occlusion_mask() | other_look(motion, prev, cur),
}
