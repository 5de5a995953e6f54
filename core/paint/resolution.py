# SPDX-License-Identifier: GPL-3.0-or-later
"""At which resolution a frame is painted: strokes have a size in the picture, not in pixels. Free of bpy and torch.

The network's strokes have a width in pixels, learnt on pictures with a short side of 200 to 600. A frame is therefore
brought to one short side before it is painted, whatever its own resolution, and the painting is brought back to the
frame's size: a draft and the final show the same strokes, and a large frame takes a small part of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# At brush size 1. The upper end of what the network has seen, where the finest things are still told apart.
_SHORT_SIDE = 360
# A small frame is enlarged at most so much: beyond that there is nothing more in it to paint.
_MOST_ENLARGED = 2.0
# The finest brush on a 16:9 frame. Only very wide frames under a fine brush come to it.
_MOST_PIXELS = 1280 * 720


def working_size(height: int, width: int, brush_size: float) -> tuple[int, int]:
    """Height and width in pixels at which a frame of this size is painted.

    The short side is 360 / brush_size pixels and the sides keep their ratio. A frame below half of that is painted at
    twice its own size, and none is painted at more than 1280 x 720 pixels in all.

    Args:
        height, width: of the frame, at least 1.
        brush_size: see ``core.settings.StylizeSettings``.
    """
    scale = min(
        _SHORT_SIDE / (brush_size * min(height, width)),
        _MOST_ENLARGED,
        (_MOST_PIXELS / (height * width)) ** 0.5,
    )
    return max(1, round(height * scale)), max(1, round(width * scale))


def resized(rgb: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The picture at another size, (height, width, 3) uint8: means of pixels on the way down, bicubic on the way up."""
    if rgb.shape[:2] == (height, width):
        return rgb
    method = cv2.INTER_AREA if height < rgb.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=method), np.uint8)
