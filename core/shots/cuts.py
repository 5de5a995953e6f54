# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots: ranges of frames without a cut inside. History never crosses a cut. Free of bpy and torch."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .transitions import contrast, signature, with_transitions

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 2
"""Counts up when frames would fall into other shots. No cache key needs it: the frames of a shot's stretches and its
statistics are in those."""

_THUMBNAIL = (64, 36)  # width, height: small enough that motion within a shot moves little
_HISTOGRAM_BINS = 16
# A cut changes the picture by at least this much (0 … 1, see ``_difference``) …
_CUT_THRESHOLD = 0.16
# … and by this many times more than its neighbourhood changes, so that fast motion is not a cut.
_CUT_PROMINENCE = 2.5
_NEIGHBOURHOOD = 4
# Each frame is compared with this many before it: a flash of up to _LAGS - 1 frames is recognised.
_LAGS = 3


@dataclasses.dataclass(frozen=True)
class Shot:
    """Frames ``start`` … ``stop - 1``, indices into the clip."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.stop))


class ShotFinder:
    """Cuts a clip where the picture changes for good, looking at each frame once.

    A change counts as a cut when it is large, stands out from its neighbourhood, and the frames after it do not
    resemble those before it again: a flash, or a single damaged frame, is no cut. Fades through a flat colour and
    dissolves part shots too; each mixed frame of a dissolve is a shot by itself (``core.shots.transitions``). Only the
    last few frames are kept in memory, and some hundred bytes for each.
    """

    def __init__(self) -> None:
        self._recent: collections.deque[NDArray[np.uint8]] = collections.deque(maxlen=_LAGS)
        self._changes: list[tuple[float, ...]] = []
        self._signatures: list[NDArray[np.uint8]] = []
        self._contrasts: list[float] = []

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Look at the next frame, (H, W, 3) uint8 RGB, or at its ``thumbnail``, which tells as much."""
        small = thumbnail(rgb)
        self._changes.append(tuple(_difference(earlier, small) for earlier in reversed(self._recent)))
        self._recent.append(small)
        self._signatures.append(signature(small))
        self._contrasts.append(contrast(small))

    def shots(self) -> list[Shot]:
        """Shots in order, covering every frame once; empty for an empty clip."""
        count = len(self._changes)
        cuts = [i for i in range(1, count) if self._is_cut(i)]
        cuts = with_transitions(cuts, self._signatures, self._contrasts)
        return [Shot(start, stop) for start, stop in zip([0, *cuts], [*cuts, count], strict=True) if stop > start]

    def _change(self, earlier: int, later: int) -> float:
        return self._changes[later][later - earlier - 1]

    def _is_cut(self, i: int) -> bool:
        change = self._change(i - 1, i)
        if change < _CUT_THRESHOLD:
            return False
        span = range(max(1, i - _NEIGHBOURHOOD), min(len(self._changes), i + _NEIGHBOURHOOD + 1))
        # A second cut close by does not make this one less of a cut: only smaller changes are compared with.
        around = [c for c in (self._change(j - 1, j) for j in span) if c < change]
        if around and change < _CUT_PROMINENCE * float(np.median(around)):
            return False
        return not (self._starts_flash(i) or self._ends_flash(i))

    def _starts_flash(self, i: int) -> bool:
        """Whether one of the next frames continues what was before frame i."""
        later = range(i + 1, min(i + _LAGS, len(self._changes)))
        return any(self._change(i - 1, j) < _CUT_THRESHOLD for j in later)

    def _ends_flash(self, i: int) -> bool:
        """Whether frame i continues what was before one of the changes just before it."""
        earlier = range(max(0, i - _LAGS), i - 1)
        return any(self._change(j, i) < _CUT_THRESHOLD and self._change(j, j + 1) >= _CUT_THRESHOLD for j in earlier)


def thumbnail(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """All that a ``ShotFinder`` needs of a frame; the thumbnail of a thumbnail is itself."""
    return np.asarray(cv2.resize(rgb, _THUMBNAIL, interpolation=cv2.INTER_AREA), np.uint8)


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """How different two thumbnails are, 0 … 1: the mean of pixel difference and colour-histogram distance.

    Pixels see a change of composition, the histogram does not mind motion; a cut changes both.
    """
    pixels = float(np.abs(one.astype(np.int16) - other).mean()) / 255.0
    distance = 0.0
    for channel in range(3):
        first, second = (
            np.bincount(picture[..., channel].ravel() // (256 // _HISTOGRAM_BINS), minlength=_HISTOGRAM_BINS)
            for picture in (one, other)
        )
        distance += float(np.abs(first - second).sum()) / (2.0 * one[..., 0].size) / 3.0
    return 0.5 * (pixels + distance)
