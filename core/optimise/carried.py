# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint carried from other frames to the one in hand, and how far it is to be trusted. Free of bpy and torch.

Ruder et al. 2016: from the frame before, and from frames further back where the nearer ones could not see (their
long-term consistency). Trust is that of settling: both ways of the flow agree, the carried source looks like the real
one, and the flow does not tear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..flow.grid import at_flow_size
from ..flow.motion import FlowEstimator
from ..settling.settle import follow, trusted
from ..warp import resize_flow, warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTANCES = (1, 2, 4)
"""Frames: how far away paint is fetched from, the nearest first."""


@dataclass(frozen=True)
class PaintedFrame:
    """A frame that is painted already: its source and its painting, (H, W, 3) uint8 RGB, of any two sizes."""

    source: NDArray[np.uint8]
    painting: NDArray[np.uint8]


@dataclass(frozen=True)
class Carried:
    """Paint carried to a frame.

    Attributes:
        paint: (h, w, 3) float32, 0 … 1.
        confidence: (h, w) float32, 0 … 1: how far it is trusted beyond what nearer frames could tell.
    """

    paint: NDArray[np.float32]
    confidence: NDArray[np.float32]


def carried_from(others: Sequence[PaintedFrame], source: NDArray[np.uint8], estimator: FlowEstimator) -> list[Carried]:
    """The paint of other frames, the nearest first, carried to a frame; at the size of their paintings.

    Args:
        source: the frame, (H, W, 3) uint8 RGB, as large as the others' sources.
    """
    found: list[Carried] = []
    for other in others:
        height, width = other.painting.shape[:2]
        motion = estimator.estimate(other.source, source)
        ((link, _),) = follow([motion])
        way = trusted(link, at_flow_size(other.source), at_flow_size(source))
        paint = other.painting.astype(np.float32) / 255.0
        paint = np.clip(warp(paint, resize_flow(way.flow, height, width), sharp=True), 0.0, 1.0)
        trust = np.asarray(cv2.resize(way.flow_confidence, (width, height)), np.float32)
        # Ruder et al. 2016, section 4.2: a farther frame counts only where no nearer one does.
        for nearer in found:
            trust = np.maximum(trust - nearer.confidence, 0.0)
        found.append(Carried(paint, trust))
    return found


def begun_with(own: NDArray[np.uint8], carried: Sequence[Carried], share: float = 1.0) -> NDArray[np.float32]:
    """What a frame's optimisation begins with, (h, w, 3) float32 0 … 1: carried paint, and its own elsewhere.

    Args:
        own: (h, w, 3) uint8, what to begin with where nothing is carried.
        share: how much carried paint counts where it is trusted, 0 … 1.
    """
    start = own.astype(np.float32) / 255.0
    for one in carried:
        start += (share * one.confidence)[..., np.newaxis] * (one.paint - start)
    return start
