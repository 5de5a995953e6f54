# SPDX-License-Identifier: GPL-3.0-or-later
"""Draft quality: the same strokes at a smaller size, less of them painted afresh. Free of bpy and torch.

A draft is to show where strokes lie, how wide they are and how they travel, in less than half the time of the final. So
frames are made small before anything is done with them (the painter's strokes have a size in the picture, see
``core.paint.resolution``, so they stay as wide), and between two anchors nothing is painted: where neither anchor's
paint can be trusted, the nearer one's is shown as if it could. What suffers is fine contours, and what comes into view
behind something that moves.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from .paint.resolution import resized
from .storage.cache import cache_key
from .storage.frames import Clip, Frame
from .warp import resize_flow, warp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHORT_SIDE = 240
_VERSION = 1


@dataclasses.dataclass(frozen=True)
class DraftClip(Clip):
    """A clip whose frames are read small: their short side is at most ``SHORT_SIDE`` pixels."""

    def read(self, frame_index: int) -> Frame:
        """The frame's pixels, made small as means of pixels. Its alpha stays as large as it was: it is only handed on,
        and the frame need not be read once more for it. Errors as of ``Clip.read``."""
        frame = super().read(frame_index)
        height, width = frame.size
        scale = SHORT_SIDE / min(height, width)
        return (
            Frame(resized(frame.rgb, round(height * scale), round(width * scale)), frame.alpha) if scale < 1 else frame
        )


def draft_key(key: str, size: tuple[int, int]) -> str:
    """Names a draft by the key of the frame it was made from and by its own height and width."""
    return cache_key("draft", _VERSION, SHORT_SIDE, key, *size)


def full_size(painted: Frame, size: tuple[int, int]) -> Frame:
    """The draft at a height and width, (H, W, 3) uint8, by interpolation alone."""
    return Frame(resized(painted.rgb, *size), painted.alpha)


def stand_in(anchor: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    """An anchor's painting carried to a frame, trusted or not, in the place of the frame's own.

    Args:
        anchor: the painting, (H, W, 3) uint8.
        flow: (2, h, w) float32, where each pixel lies in the anchor, on the grid of the flow.
    """
    return warp(anchor, resize_flow(flow, anchor.shape[0], anchor.shape[1]))
