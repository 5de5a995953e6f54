# SPDX-License-Identifier: GPL-3.0-or-later
"""What every flow estimator gives: the motion between two neighbouring frames. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import struct
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..errors import MediaError
from ..warp import lands_inside, warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct("<4sII")
_MAGIC = b"BFM1"
# Half precision keeps 1/64 px up to 32 px of motion and 1/8 px up to 256 px: finer than any estimator is exact.
_STORED = np.dtype("<f2")

# Sundaram, Brox and Keutzer 2010, equation 5; the same numbers as in Ruder et al. 2016, here in pixels of the grid.
_CONSISTENCY_RELATIVE = 0.01
_CONSISTENCY_PIXELS = 0.5


@dataclasses.dataclass(frozen=True)
class Motion:
    """Motion between a frame ("prev") and the next ("cur"), at the estimator's own resolution.

    Attributes:
        flow_cur_to_prev: (2, h, w) float32 on cur's grid: where each pixel of cur was in prev.
        flow_prev_to_cur: (2, h, w) float32 on prev's grid: where each pixel of prev will be in cur.
    """

    flow_cur_to_prev: NDArray[np.float32]
    flow_prev_to_cur: NDArray[np.float32]

    def backward(self) -> Motion:
        """The same motion with time reversed."""
        return Motion(self.flow_prev_to_cur, self.flow_cur_to_prev)

    def occlusion_mask(self) -> NDArray[np.bool_]:
        """(h, w) on cur's grid; True = hidden in prev.

        A pixel counts as hidden when going to prev and back does not return to it (Sundaram et al. 2010), or when it
        comes from outside the picture.
        """
        there = self.flow_cur_to_prev
        field = warp(np.ascontiguousarray(self.flow_prev_to_cur.transpose(1, 2, 0)), there)
        back = np.ascontiguousarray(field.transpose(2, 0, 1))
        gap = _squared_length(there + back)
        allowed = _CONSISTENCY_RELATIVE * (_squared_length(there) + _squared_length(back))
        mask: NDArray[np.bool_] = (gap > allowed + _CONSISTENCY_PIXELS) | ~lands_inside(there)
        return mask

    def to_bytes(self) -> bytes:
        """This motion for the cache, in half precision. Not compressed: that would take longer than the estimate."""
        _, height, width = self.flow_cur_to_prev.shape
        stored = np.stack((self.flow_cur_to_prev, self.flow_prev_to_cur)).astype(_STORED)
        return _HEADER.pack(_MAGIC, height, width) + stored.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Motion:
        """A motion from the cache. Raises ``MediaError`` when the bytes are not one."""
        try:
            magic, height, width = _HEADER.unpack_from(data)
            stored = np.frombuffer(data, _STORED, offset=_HEADER.size)
            pair = stored.reshape(2, 2, height, width).astype(np.float32)
        except (struct.error, ValueError) as error:
            raise MediaError(f"The stored motion cannot be read ({error}).") from error
        if magic != _MAGIC:
            raise MediaError(f"The stored motion starts with {magic!r}; {_MAGIC!r} was expected.")
        return cls(pair[0], pair[1])


def _squared_length(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    x, y = flow
    return np.asarray(x * x + y * y, np.float32)


class FlowEstimator(Protocol):
    """Anything that can tell the motion between two frames.

    Attributes:
        key: names the method, its version, settings and weights, for cache keys.
    """

    key: str

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        """Motion between two pictures, (H, W, 3) uint8 RGB of one size, estimated in both directions.

        It lies on the grid of ``core.flow.grid.grid_size``, whatever the estimator works at. Equal pictures, and those
        too small to tell anything, do not move at all.
        """
        ...
