# SPDX-License-Identifier: GPL-3.0-or-later
"""What every painter gives, and what it needs to know of a shot. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..errors import MediaError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class ShotStatistics:
    """Statistics of the network's layers over a shot. Fixed for the shot, so that painting one frame looks at nothing
    but that frame's own neighbourhoods: no pumping, tiles without seams, frames in any order.

    Attributes:
        mean, variance: (N,) float32, of the input of every normalised channel.
    """

    mean: NDArray[np.float32]
    variance: NDArray[np.float32]

    def to_bytes(self) -> bytes:
        """For the cache."""
        return np.stack((self.mean, self.variance)).astype("<f4").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, channels: int) -> ShotStatistics:
        """From the cache. Raises ``MediaError`` when the bytes do not fit the network."""
        numbers = np.frombuffer(data, "<f4")
        if numbers.size != 2 * channels:
            raise MediaError(f"Stored statistics hold {numbers.size} numbers; {2 * channels} were expected.")
        mean, variance = numbers.reshape(2, channels).astype(np.float32)
        return cls(mean, variance)

    @classmethod
    def pooled(cls, parts: Sequence[ShotStatistics]) -> ShotStatistics:
        """Statistics of several frames together: the mean of means, and the variance within and between frames."""
        means = np.stack([part.mean for part in parts]).astype(np.float64)
        variances = np.stack([part.variance for part in parts]).astype(np.float64)
        mean = means.mean(axis=0)
        variance = variances.mean(axis=0) + np.square(means - mean).mean(axis=0)
        return cls(mean.astype(np.float32), variance.astype(np.float32))


def go_on() -> None:
    """What is done between pieces of work when nobody may stop it: nothing."""


class Painter(Protocol):
    """Anything that paints one frame at full strength. Safe to use from several threads.

    Attributes:
        key: names the network, style and settings that change pixels, for cache keys. Not the engine: engines agree
            within 2/255, so a cache painted by one serves the other.
        channels: N, the length of the shot's statistics.
    """

    key: str
    channels: int

    def pixels_at_once(self, height: int, width: int) -> int:
        """On how many pixels the network works at a time for a frame of this size; memory grows with it."""
        ...

    def measure(self, pictures: Sequence[NDArray[np.uint8]], between: Callable[[], None] = go_on) -> ShotStatistics:
        """Statistics of a shot from a few of its frames, (H, W, 3) uint8 RGB each.

        Args:
            between: called between pieces of the work; may raise ``Cancelled``.
        """
        ...

    def paint(
        self, rgb: NDArray[np.uint8], statistics: ShotStatistics, between: Callable[[], None] = go_on
    ) -> NDArray[np.uint8]:
        """The painted picture, (H, W, 3) uint8 RGB in and out; ``between`` as for ``measure``."""
        ...


@dataclasses.dataclass(frozen=True)
class Begun:
    """A painting half made: what the network sees in a frame, at each of its resolutions.

    Attributes:
        half, quarter: (1, C, h, w) float32, features at a half and a quarter of the frame's resolution.
        eighth: the same on the network's coarsest grid, where strokes are decided on.
    """

    half: NDArray[np.float32]
    quarter: NDArray[np.float32]
    eighth: NDArray[np.float32]


class Engine(Protocol):
    """What runs a network, in several threads at once.

    All arrays are float32, pictures (1, 3, H, W) RGB 0 … 1 with H, W multiples of the stride, and the canvas under them
    as ``core.paint.canvas`` gives it.

    Attributes:
        name: "opencv" or "torch".
        device: "cpu", "cuda" or "mps".
    """

    name: str
    device: str

    def paint(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The painted frame, (1, 3, H, W), from each channel's scale and shift, (1, N)."""
        ...

    def statistics(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        gamma: NDArray[np.float32],
        beta: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and variance, (1, N) each, under instance normalisation with the style's gamma and beta, (1, N)."""
        ...


class SplitEngine(Engine, Protocol):
    """An engine that can stop between the two halves of a painting; arrays as of ``Engine``."""

    def begin(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> Begun:
        """The first half of ``paint``."""
        ...

    def finish(
        self,
        frame: NDArray[np.float32],
        begun: Begun,
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The second half: the painted frame, as ``paint`` gives it."""
        ...
