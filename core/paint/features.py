# SPDX-License-Identifier: GPL-3.0-or-later
"""The feed-forward painter in two halves, so that what it sees in a frame can be changed before it paints. Free of bpy
and torch; needs an engine that can stop between the halves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..styles.weights import StylePreset
from ..warp import resize_flow
from .feedforward import FeedForwardPainter
from .painter import Begun, ShotStatistics, SplitEngine, go_on
from .resolution import working_size

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FeaturePainter(FeedForwardPainter):
    """Paints as ``FeedForwardPainter`` does, or in two steps. Arguments as of its base."""

    def __init__(self, engine: SplitEngine, style: StylePreset, brush_size: float = 1.0, clarity: float = 0.0) -> None:
        super().__init__(engine, style, brush_size, clarity)
        self._split = engine

    def begin(self, rgb: NDArray[np.uint8], statistics: ShotStatistics, between: Callable[[], None] = go_on) -> Begun:
        """What the network sees in a frame, (H, W, 3) uint8 RGB; ``between`` as of ``Painter.measure``."""
        working = self._at_working_size(rgb)
        between()
        frame = self._as_input(working)
        return self._split.begin(frame, self._canvas(frame), *self._affine(statistics))

    def finish(
        self, rgb: NDArray[np.uint8], begun: Begun, features: NDArray[np.float32], statistics: ShotStatistics
    ) -> NDArray[np.uint8]:
        """The painted picture, (H, W, 3) uint8 RGB.

        Args:
            rgb, begun, statistics: the frame, what ``begin`` gave for it, and what it was given.
            features: paint these in the place of ``begun.eighth``, of the same shape.
        """
        working = self._at_working_size(rgb)
        begun = dataclasses.replace(begun, eighth=features)
        painted = self._split.finish(self._as_input(working), begun, *self._affine(statistics))
        return self._finished(painted, working, rgb)

    def on_features(
        self, flow: NDArray[np.float32], flow_confidence: NDArray[np.float32], size: tuple[int, int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A flow between two frames, as the coarsest features see it, which also cover the frame's border.

        Args:
            flow, flow_confidence: (2, h, w) and (h, w) float32 on any grid over the frame.
            size: height and width of the frame in pixels.

        Returns:
            The flow in cells of the features, and the confidence, both on the grid of ``Begun.eighth``.
        """
        height, width = working_size(*size, self.brush_size)
        field = resize_flow(flow, height, width).transpose(1, 2, 0)
        confidence = cv2.resize(flow_confidence, (width, height))
        stride = self._style.network.stride
        coarse = []
        for plane in (field / np.float32(stride), confidence):
            bordered = self._bordered_by(np.ascontiguousarray(plane), cv2.BORDER_REPLICATE)
            cells = bordered.shape[1] // stride, bordered.shape[0] // stride
            coarse.append(np.asarray(cv2.resize(bordered, cells, interpolation=cv2.INTER_AREA), np.float32))
        return np.ascontiguousarray(coarse[0].transpose(2, 0, 1)), coarse[1]
