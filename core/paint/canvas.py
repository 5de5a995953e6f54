# SPDX-License-Identifier: GPL-3.0-or-later
"""The canvas: a fixed random grain from which strokes grow where the frame is flat. Free of bpy and torch.

The same everywhere and for ever, so that a still picture is painted the same in every frame, in every piece of a job
and on every machine. It is made by hashing whole numbers, for numpy does not promise its random numbers from version
to version.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP, CHANNELS = 4, 2
"""The canvas has one place for so many pixels across and down, and so many numbers at each."""

_BYTES = 4  # the sum of four even distributions is near enough to a normal one
_DEVIATION = np.sqrt(_BYTES * (256.0**2 - 1) / 12)


@functools.lru_cache(maxsize=4)
def canvas(height: int, width: int) -> NDArray[np.float32]:
    """The canvas under a frame: (1, CHANNELS, height / STEP, width / STEP) float32, mean 0, deviation 1; not to be
    changed.

    Args:
        height, width: of the frame in pixels, multiples of ``STEP``. The upper left part is the same for all sizes.
    """
    row = np.arange(height // STEP, dtype=np.uint32)[:, np.newaxis]
    column = np.arange(width // STEP, dtype=np.uint32)[np.newaxis, :]
    channel = np.arange(CHANNELS, dtype=np.uint32)[:, np.newaxis, np.newaxis]
    places = (
        row * np.uint32(0x9E3779B1) ^ column * np.uint32(0x85EBCA77) ^ (channel + np.uint32(1)) * np.uint32(0xC2B2AE3D)
    )
    grain = _mixed(places)
    total = sum((grain >> np.uint32(8 * byte) & np.uint32(0xFF)).astype(np.float32) for byte in range(_BYTES))
    made = np.asarray((total - _BYTES * 127.5) / _DEVIATION, np.float32)[np.newaxis]
    made.flags.writeable = False
    return made


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Every bit of the result hangs on every bit of the value: the finaliser of MurmurHash3 (Appleby 2011)."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        values = (values ^ values >> np.uint32(shift)) * np.uint32(factor)
    return values ^ values >> np.uint32(16)
