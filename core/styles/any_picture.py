# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads any picture an editor may choose as a style (free of bpy and torch)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import MediaError
from ..storage.frames import decode_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALLEST_SIDE = 64
"""Pixels: below, there are no strokes to take over."""

_KEPT_SHORT_SIDE = 512  # more than strokes are learnt at
_LONGEST = 3.0  # times the shorter side
_FLAT = 2.0  # standard deviation, of 255


def read_any_picture(path: Path) -> NDArray[np.uint8]:
    """A picture of any kind and size, made fit to be a style: (H, W, 3) uint8 RGB.

    Grey and CMYK become RGB, what is translucent lies on white, a turned photograph is set upright (Exif). A large
    picture is reduced to a shorter side of 512 pixels; of a long one the middle is kept, three times as long as wide.

    Raises:
        MediaError: it is missing, no picture, damaged, of more than a thousand million pixels, smaller than 64 pixels,
            or of one colour.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise MediaError(f"Cannot read {path}: {error.strerror or error}.", "Check that the file exists.") from error
    return _fit(_on_white(data, path), path)


def _on_white(data: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    frame = decode_frame(data, str(path))
    if frame.alpha is not None:
        alpha = frame.alpha[..., np.newaxis].astype(np.float32) / 255
        return np.asarray(np.rint(frame.rgb * alpha + 255 * (1 - alpha)), np.uint8)
    upright = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)  # the other way of reading does not heed Exif
    return frame.rgb if upright is None else np.asarray(upright, np.uint8)


def _fit(picture: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    short = min(height, width)
    if short < SMALLEST_SIDE:
        raise MediaError(
            f"{path} has {width}x{height} pixels; at least {SMALLEST_SIDE} on the shorter side were expected.",
            "Choose a larger scan or photograph of the picture.",
        )
    tall, wide = min(height, round(_LONGEST * short)), min(width, round(_LONGEST * short))
    y, x = (height - tall) // 2, (width - wide) // 2
    middle = picture[y : y + tall, x : x + wide]
    if short > _KEPT_SHORT_SIDE:
        factor = _KEPT_SHORT_SIDE / short
        middle = np.asarray(
            cv2.resize(middle, (round(wide * factor), round(tall * factor)), interpolation=cv2.INTER_AREA), np.uint8
        )
    if middle.std(axis=(0, 1)).max() < _FLAT:
        raise MediaError(f"{path} is one flat colour; there are no strokes to take over.", "Choose another picture.")
    return np.ascontiguousarray(middle)
