# SPDX-License-Identifier: GPL-3.0-or-later
"""Between RGB and the luma and chroma planes of video, rounded to the nearest step. Free of bpy and torch.

FFmpeg's own quick conversions round down, which darkens a picture by one step of 255 each way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Weights of red and blue in luma by the matrix's number in ITU-T H.273: BT.709, BT.2020; all others are BT.601.
_WEIGHTS = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)


def to_yuv(rgb: NDArray[np.uint8], matrix: int, *, halved: bool) -> NDArray[np.uint8]:
    """Planes of limited range (16 … 235, 16 … 240).

    Args:
        rgb: (H, W, 3) uint8.
        matrix: colour matrix, as a number of ITU-T H.273.
        halved: 4:2:0, chroma at half the size; H and W must be even. Else 4:4:4.

    Returns:
        (3 * H / 2, W) or (3, H, W) uint8: Y, then U, then V, laid out as PyAV takes them.
    """
    weights, offsets = _weights(matrix)
    planes = np.asarray(cv2.transform(rgb.astype(np.float32), np.column_stack((weights, offsets))), np.float32)
    height, width = rgb.shape[:2]
    if not halved:
        return _rounded(planes.transpose(2, 0, 1))
    half = np.asarray(cv2.resize(planes[..., 1:], (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32)
    chroma = half.transpose(2, 0, 1).reshape(height // 2, width)
    return _rounded(np.concatenate((planes[..., 0], chroma)))


def to_rgb(yuv: NDArray[np.uint8], matrix: int) -> NDArray[np.uint8]:
    """The picture of 4:2:0 planes of limited range, (3 * H / 2, W) uint8 in, (H, W, 3) uint8 out."""
    rows, width = yuv.shape
    height = rows * 2 // 3
    half = yuv[height:].reshape(2, height // 2, width // 2).transpose(1, 2, 0)
    chroma = cv2.resize(np.ascontiguousarray(half, np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    weights, offsets = _weights(matrix)
    inverse = np.linalg.inv(weights.astype(np.float64))
    back = np.column_stack((inverse, -inverse @ offsets)).astype(np.float32)
    planes = np.dstack((yuv[:height].astype(np.float32), chroma))
    return _rounded(np.asarray(cv2.transform(planes, back), np.float32))


def _weights(matrix: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(3, 3) and (3,): from RGB 0 … 255 to Y, U, V of limited range (ITU-T H.273, equations 38 to 43)."""
    red, blue = _WEIGHTS.get(matrix, _BT601)
    luma = np.array([red, 1.0 - red - blue, blue])
    u = (np.array([0.0, 0.0, 1.0]) - luma) / (2.0 * (1.0 - blue))
    v = (np.array([1.0, 0.0, 0.0]) - luma) / (2.0 * (1.0 - red))
    rows = np.stack((luma * 219.0, u * 224.0, v * 224.0)) / 255.0
    return rows.astype(np.float32), np.array([16.0, 128.0, 128.0], np.float32)


def _rounded(planes: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.clip(np.rint(planes), 0, 255), np.uint8)
