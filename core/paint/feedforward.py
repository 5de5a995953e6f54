# SPDX-License-Identifier: GPL-3.0-or-later
"""The feed-forward painter: one pass of a small network a frame. Free of bpy and torch.

Johnson et al. 2016 with styles as scales and shifts (Dumoulin et al. 2017). Departure from both: the statistics of
the instance normalisation are those of the shot, not of the frame, which makes painting a local function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..styles.weights import StylePreset
from .canvas import canvas
from .clarity import clearer, grain_left
from .cleaning import cleaned
from .enlarge import enlarge
from .painter import Engine, ShotStatistics, go_on
from .resolution import resized, working_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VERSION = 4


class FeedForwardPainter:
    """Paints frames with a network at a working size that does not depend on theirs; see ``core.paint.resolution``.

    Args:
        engine: what runs the network.
        style: the preset.
        brush_size: width of the strokes in the picture; 1 is what suits the style.
        clarity: how far contours go before strokes beyond what suits the style, 0 … 1, see ``core.paint.clarity``.

    Attributes:
        brush_size: the same for the network; 1 is what it was trained for.
    """

    def __init__(self, engine: Engine, style: StylePreset, brush_size: float = 1.0, clarity: float = 0.0) -> None:
        self._engine = engine
        self._style = style
        self.brush_size = brush_size * style.brush
        self._clarity = style.clarity + (1.0 - style.clarity) * clarity
        self.channels = style.network.channels
        clear = f"-clear-{self._clarity!r}" if self._clarity > 0.0 else ""
        self.key = f"feedforward-{_VERSION}-{style.network.key}-{style.key}-{self.brush_size!r}{clear}"

    def pixels_at_once(self, height: int, width: int) -> int:
        """See ``core.paint.painter.Painter``."""
        working_height, working_width = working_size(height, width, self.brush_size)
        return working_height * working_width

    def measure(self, pictures: Sequence[NDArray[np.uint8]], between: Callable[[], None] = go_on) -> ShotStatistics:
        """See ``core.paint.painter.Painter``; at least one picture."""
        gamma, beta = self._style.gamma[np.newaxis], self._style.beta[np.newaxis]
        parts = []
        for rgb in pictures:
            between()
            working = self._at_working_size(rgb)
            frame = self._as_input(working)
            mean, variance = self._engine.statistics(frame, self._canvas(frame), gamma, beta)
            parts.append(ShotStatistics(mean.ravel(), variance.ravel()))
        return ShotStatistics.pooled(parts)

    def paint(
        self, rgb: NDArray[np.uint8], statistics: ShotStatistics, between: Callable[[], None] = go_on
    ) -> NDArray[np.uint8]:
        """See ``core.paint.painter.Painter``."""
        working = self._at_working_size(rgb)
        between()
        frame = self._as_input(working)
        painted = self._engine.paint(frame, self._canvas(frame), *self._affine(statistics))
        return self._finished(painted, working, rgb)

    def _as_input(self, working: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The frame at its working size as the network takes it."""
        clear = self._bordered(clearer(working, self._clarity))
        return np.asarray(cv2.dnn.blobFromImage(clear, 1.0 / 255.0), np.float32)

    def _canvas(self, frame: NDArray[np.float32]) -> NDArray[np.float32]:
        """The canvas under a frame as the network takes it."""
        return canvas(*frame.shape[2:]) * np.float32(grain_left(self._clarity))

    def _affine(self, statistics: ShotStatistics) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return affine(self._style, statistics)

    def _finished(
        self, painted: NDArray[np.float32], working: NDArray[np.uint8], rgb: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        """What the network painted, without its border, clean, and at the frame's size."""
        border, (height, width) = self._style.network.border, working.shape[:2]
        inner = painted[:, :, border : border + height, border : border + width]
        # Enlarging joins beads itself.
        clean = cleaned(_as_picture(inner), working, beads=height >= rgb.shape[0] or width >= rgb.shape[1])
        return enlarge(clean, working, rgb.shape[0], rgb.shape[1])

    def _at_working_size(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = working_size(rgb.shape[0], rgb.shape[1], self.brush_size)
        return resized(rgb, height, width)

    def _bordered(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture reflected outwards, so that strokes run out of it, and filled up to multiples of the stride."""
        return np.asarray(self._bordered_by(rgb, cv2.BORDER_REFLECT_101), np.uint8)

    def _bordered_by(self, plane: NDArray[Any], kind: int) -> NDArray[Any]:
        """Anything at the working size, with the border of what the network is given."""
        border, stride = self._style.network.border, self._style.network.stride
        bottom, right = (border + -(side + 2 * border) % stride for side in plane.shape[:2])
        return np.asarray(cv2.copyMakeBorder(plane, border, bottom, border, right, kind))


def affine(style: StylePreset, statistics: ShotStatistics) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each channel's scale and shift, (1, N), for a shot in a style."""
    scale = style.gamma / np.sqrt(statistics.variance + np.float32(style.network.epsilon))
    shift = style.beta - statistics.mean * scale
    return scale[np.newaxis], shift[np.newaxis]


def _as_picture(painted: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(cv2.merge([cv2.convertScaleAbs(plane, alpha=255.0) for plane in painted[0]]), np.uint8)
