# SPDX-License-Identifier: GPL-3.0-or-later
"""The feed-forward painter: one pass of a small network a frame. Free of bpy and torch.

Johnson et al. 2016 with styles as scales and shifts (Dumoulin et al. 2017). Departure from both: the statistics of
the instance normalisation are those of the shot, not of the frame, which makes painting a local function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..weights import StylePreset
from .painter import Engine, ShotStatistics, go_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A picture with more pixels than this is painted in tiles, so that memory does not grow with the frame.
# Full HD with its border is the largest such picture: cut up, it would cost a third more.
_LARGEST_WHOLE = (1920 + 32) * (1080 + 32)
_TILE = 1024  # a multiple of every stride
# Measuring needs no more detail than this, and keeps layers of a whole frame in memory.
_LARGEST_MEASURED = 1280 * 720
_VERSION = 1


class FeedForwardPainter:
    """Paints frames with a network, in tiles when they are large.

    Args:
        engine: what runs the network.
        style: the preset.
        brush_size: strokes this many times as wide as the network's own; the frame is painted at 1 / brush_size of its
            size and enlarged.
    """

    def __init__(self, engine: Engine, style: StylePreset, brush_size: float = 1.0) -> None:
        self._engine = engine
        self._style = style
        self._brush_size = brush_size
        self.channels = style.network.channels
        self.key = f"feedforward-{_VERSION}-{style.network.key}-{style.key}-{brush_size!r}"

    def pixels_at_once(self, height: int, width: int) -> int:
        """See ``core.paint.painter.Painter``."""
        return min(_LARGEST_WHOLE, round(height / self._brush_size) * round(width / self._brush_size))

    def measure(self, pictures: Sequence[NDArray[np.uint8]], between: Callable[[], None] = go_on) -> ShotStatistics:
        """See ``core.paint.painter.Painter``; at least one picture."""
        gamma, beta = self._style.gamma[np.newaxis], self._style.beta[np.newaxis]
        parts = []
        for rgb in pictures:
            between()
            working = self._at_working_size(rgb)
            shrink = (_LARGEST_MEASURED / (working.shape[0] * working.shape[1])) ** 0.5
            if shrink < 1.0:
                # Texture of a reduced picture is a little stronger than of its parts; the same for all its frames.
                working = _resized(working, *(max(1, round(side * shrink)) for side in working.shape[:2]))
            mean, variance = self._engine.statistics(_as_input(self._bordered(working)), gamma, beta)
            parts.append(ShotStatistics(mean.ravel(), variance.ravel()))
        return ShotStatistics.pooled(parts)

    def paint(
        self, rgb: NDArray[np.uint8], statistics: ShotStatistics, between: Callable[[], None] = go_on
    ) -> NDArray[np.uint8]:
        """See ``core.paint.painter.Painter``."""
        scale = self._style.gamma / np.sqrt(statistics.variance + np.float32(self._style.network.epsilon))
        shift = self._style.beta - statistics.mean * scale
        working = self._at_working_size(rgb)
        height, width = working.shape[:2]
        bordered = self._bordered(working)
        painted = np.empty_like(bordered)
        for inner, outer in _tiles(bordered.shape[0], bordered.shape[1], self._style.network.margin):
            between()
            part = self._engine.paint(_as_input(bordered[outer]), scale[np.newaxis], shift[np.newaxis])
            painted[inner] = _as_picture(part)[_within(inner, outer)]
        border = self._style.network.border
        result = painted[border : border + height, border : border + width]
        return _resized(result, *rgb.shape[:2])

    def _at_working_size(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = (max(1, round(side / self._brush_size)) for side in rgb.shape[:2])
        return _resized(rgb, height, width)

    def _bordered(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture reflected outwards, so that strokes run out of it, and filled up to multiples of the stride."""
        border, stride = self._style.network.border, self._style.network.stride
        bottom, right = (border + -(side + 2 * border) % stride for side in rgb.shape[:2])
        bordered = cv2.copyMakeBorder(rgb, border, bottom, border, right, cv2.BORDER_REFLECT_101)
        return np.asarray(bordered, np.uint8)


Region = tuple[slice, slice]


def _tiles(height: int, width: int, margin: int) -> Iterator[tuple[Region, Region]]:
    """Regions to keep and the larger regions to paint them from; one pair when the picture is small enough.

    Painting is local: with ``margin`` more pixels around it a tile is painted as the whole picture would be.
    """
    if height * width <= _LARGEST_WHOLE:
        whole = (slice(0, height), slice(0, width))
        yield whole, whole
        return
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            bottom, right = min(top + _TILE, height), min(left + _TILE, width)
            inner = (slice(top, bottom), slice(left, right))
            outer = (
                slice(max(0, top - margin), min(height, bottom + margin)),
                slice(max(0, left - margin), min(width, right + margin)),
            )
            yield inner, outer


def _within(inner: Region, outer: Region) -> Region:
    """The inner region in coordinates of the outer one."""
    rows, columns = (
        slice(part.start - around.start, part.stop - around.start) for part, around in zip(inner, outer, strict=True)
    )
    return rows, columns


def _as_input(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.dnn.blobFromImage(rgb, 1.0 / 255.0), np.float32)


def _as_picture(painted: NDArray[np.float32]) -> NDArray[np.uint8]:
    planes = painted[0] * np.float32(255.0) + np.float32(0.5)
    return np.asarray(cv2.merge([plane.clip(0.0, 255.0).astype(np.uint8) for plane in planes]), np.uint8)


def _resized(rgb: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if rgb.shape[:2] == (height, width):
        return rgb
    method = cv2.INTER_AREA if height < rgb.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=method), np.uint8)
