# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour lock: the source's colours under the painting's light and shade. Free of bpy and torch.

A picture is taken apart as television does: luma, and what each channel lies above or below it (the chroma). The
painting keeps its luma, so that no stroke is lost; its chroma becomes the source's. Where the two together leave what
a screen can show, the chroma is drawn in until they fit, and luma and hue stay: a plain clip would flatten dark strokes
in strong colours and turn their hue.

It is done last, on the settled frame with that frame's own source: a change of the lock paints nothing anew, and as
source and settled painting are both coherent, so is the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from .storage.cache import cache_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VERSION = 1
_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)  # ITU-R BT.601, full range
_CHROMA = np.eye(3, dtype=np.float32) - _LUMA
# Each pixel is looked at by itself: a large frame is done in strips, so that memory does not grow with it.
_STRIP_PIXELS = 1 << 20
_TINY = np.float32(1e-3)


def locked_key(key: str, amount: float) -> str:
    """Names a frame with its colours locked, from the key of the painting; that key itself where nothing is locked."""
    return key if amount <= 0.0 else cache_key("colour-lock", _VERSION, key, amount)


def lock_colours(painted: NDArray[np.uint8], source: NDArray[np.uint8], amount: float) -> NDArray[np.uint8]:
    """The painting with its colours drawn towards the source's.

    Args:
        painted, source: (H, W, 3) uint8 RGB of one size.
        amount: 0 … 1; at 0 the painting itself, bit for bit, at 1 the source's chroma.

    Returns:
        (H, W, 3) uint8 RGB; its luma is the painting's within rounding.
    """
    if amount <= 0.0:
        return painted
    height, width = painted.shape[:2]
    rows = max(1, _STRIP_PIXELS // width)
    locked = np.empty_like(painted)
    for top in range(0, height, rows):
        strip = slice(top, top + rows)
        locked[strip] = _locked(painted[strip].astype(np.float32), source[strip].astype(np.float32), amount)
    return locked


def _locked(painted: NDArray[np.float32], source: NDArray[np.float32], amount: float) -> NDArray[np.uint8]:
    luma = np.asarray(cv2.transform(painted, _LUMA), np.float32).reshape(painted.shape[:2])
    chroma = cv2.addWeighted(cv2.transform(painted, _CHROMA), 1.0 - amount, cv2.transform(source, _CHROMA), amount, 0.0)
    channels = [np.asarray(channel, np.float32) for channel in cv2.split(chroma)]
    above = np.maximum(np.maximum(channels[0], channels[1]), channels[2])
    below = np.minimum(np.minimum(channels[0], channels[1]), channels[2])
    # The largest share of the chroma with which no channel leaves 0 … 255. Chroma adds up to nothing when weighted
    # with the luma's weights, so it always reaches to both sides of the luma.
    room = np.minimum((np.float32(255.0) - luma) / np.maximum(above, _TINY), luma / np.maximum(-below, _TINY))
    share = np.minimum(room, np.float32(1.0))
    planes = [np.clip(luma + share * channel + np.float32(0.5), 0.0, 255.0).astype(np.uint8) for channel in channels]
    return np.asarray(cv2.merge(planes), np.uint8)
