# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of coherence and sharpness. Free of bpy and torch.

All pictures are (H, W, 3) uint8 RGB, all results fractions of the full range 0 … 1 unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .warp import resize_flow, warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .flow.motion import Motion


def warp_error(prev: NDArray[np.uint8], cur: NDArray[np.uint8], motion: Motion) -> float:
    """How much the painting changes on what is painted (E_warp, Lai et al. 2018).

    The earlier frame is carried to the later one along the flow of the *source*; the mean of the squared difference is
    taken where the source was visible in both.

    Args:
        motion: of the sources, from ``prev`` to ``cur``; may be many frames apart.

    Returns:
        Mean squared difference, 0 … 1; not a number when nothing was visible in both.
    """
    height, width = cur.shape[:2]
    flow = resize_flow(motion.flow_cur_to_prev, height, width)
    hidden = cv2.resize(motion.occlusion_mask().astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    carried = warp(prev.astype(np.float32), flow)
    squared = np.square((carried - cur) / 255.0).mean(axis=2)
    return float(squared[hidden == 0].mean()) if (hidden == 0).any() else float("nan")


def sharpness(picture: NDArray[np.uint8]) -> float:
    """Root mean square of the brightness gradient: falls when paint is blurred."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32) / 255.0
    dx, dy = np.diff(grey, axis=1), np.diff(grey, axis=0)
    return float(np.sqrt(np.square(dx).mean() + np.square(dy).mean()))


def contrast(picture: NDArray[np.uint8]) -> float:
    """Standard deviation of brightness: what a warp error should be compared with."""
    return float(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32).std()) / 255.0


def flicker(pictures: Sequence[NDArray[np.uint8]]) -> float:
    """Mean over frames of how much the mean brightness turns from frame to frame (second difference): pumping."""
    means = np.array([picture.mean() / 255.0 for picture in pictures])
    return float(np.abs(np.diff(means, n=2)).mean()) if len(means) >= 3 else 0.0


def noise_gain(
    source: NDArray[np.uint8], noisy: NDArray[np.uint8], painted: NDArray[np.uint8], painted_noisy: NDArray[np.uint8]
) -> float:
    """How many times as large as the noise put into a source the change of its painting is, both as mean absolutes.

    1 hands the noise on as it is; not a number when there was none.
    """
    put_in = float(cv2.absdiff(noisy, source).mean())
    return float(cv2.absdiff(painted_noisy, painted).mean()) / put_in if put_in else float("nan")
