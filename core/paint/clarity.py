# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a painting show more of its frame: faint contours come out, plain ground stays calmer. Free of bpy and torch.

Strokes are as strong on a white animal before a white cloud as anywhere, and run over a contour that is fainter than
they are. So a frame is taken apart into broad light and shade with all strong contours, which stay, and what is faint
on top of it, which is made stronger: the guided filter of He et al. 2013, guided by the frame itself, and its use for
detail. The stronger a contour, the less of a rim appears beside it; around a blurred picture's it would be the more.
And what strokes on plain ground grow from, the canvas, gets less grain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 5.0  # times what is faint, on top of itself, at clarity 1
_WINDOW = 9.0  # windows of the filter across the shorter side of a frame: as broad as a face in a half-length portrait
_FAINT = 700.0  # variance of brightness in a window, in squared steps of 255: half of what varies so much is faint
_GRAIN = 1.2  # deviation in pixels: finer things are grain and texture, and stay as they are
_PLAIN = 6.0  # variance of what is faint, likewise: below, it is what film and compression leave on plain ground
_CALM = 0.8  # of the canvas's grain, which strokes on plain ground grow from, is taken away at clarity 1


def grain_left(clarity: float) -> float:
    """What the canvas (``core.paint.canvas``) is multiplied by, at a clarity from 0 … 1: at 0 it is as in training."""
    return 1.0 - _CALM * clarity


def clearer(rgb: NDArray[np.uint8], clarity: float) -> NDArray[np.uint8]:
    """The frame (H, W, 3) uint8 RGB with faint contours made stronger, its colours as they are.

    Args:
        clarity: 0 leaves it as it is, 1 is the most that helps.
    """
    if clarity <= 0.0:
        return rgb
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
    faint = _faint(grey)
    strong_enough = _mean(faint * faint)
    faint *= np.float32(_MOST * clarity) * strong_enough / (strong_enough + np.float32(_PLAIN))
    return np.asarray(cv2.add(rgb, cv2.merge([faint] * 3), dtype=cv2.CV_8U), np.uint8)


def _faint(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """What lies on top of broad light and shade and strong contours, and is no grain."""
    mean = _mean(grey)
    variance = np.asarray(np.maximum(_mean(grey * grey) - mean * mean, 0.0), np.float32)
    squared = variance * variance  # steeper than the filter's own share: less of a strong contour counts as faint
    share = np.asarray(squared / (squared + np.float32(_FAINT * _FAINT)), np.float32)
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), _GRAIN), np.float32)
    return smooth - _mean(share) * smooth - _mean(mean - share * mean)


def _mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    side = 2 * round(min(plane.shape) / _WINDOW / 2) + 1
    return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
