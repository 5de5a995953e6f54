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
# The same, followed by one bit a pixel for each of the two masks.
_MAGIC_WITH_MASKS = b"BFM2"
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
        hidden_in_prev: (h, w) on cur's grid, True = hidden in prev, where that is known exactly and not to be guessed
            from the flows; else None.
        hidden_in_cur: (h, w) on prev's grid, True = hidden in cur; known or not as the other.
    """

    flow_cur_to_prev: NDArray[np.float32]
    flow_prev_to_cur: NDArray[np.float32]
    hidden_in_prev: NDArray[np.bool_] | None = None
    hidden_in_cur: NDArray[np.bool_] | None = None

    def backward(self) -> Motion:
        """The same motion with time reversed."""
        return Motion(self.flow_prev_to_cur, self.flow_cur_to_prev, self.hidden_in_cur, self.hidden_in_prev)

    def occlusion_mask(self) -> NDArray[np.bool_]:
        """(h, w) on cur's grid; True = hidden in prev.

        Where it is not known exactly, a pixel counts as hidden when going to prev and back does not return to it
        (Sundaram et al. 2010), or when it comes from outside the picture.
        """
        if self.hidden_in_prev is not None:
            return self.hidden_in_prev
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
        stored = np.stack((self.flow_cur_to_prev, self.flow_prev_to_cur)).astype(_STORED).tobytes()
        if self.hidden_in_prev is None or self.hidden_in_cur is None:
            return _HEADER.pack(_MAGIC, height, width) + stored
        masks = np.packbits(np.stack((self.hidden_in_prev, self.hidden_in_cur)))
        return _HEADER.pack(_MAGIC_WITH_MASKS, height, width) + stored + masks.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Motion:
        """A motion from the cache. Raises ``MediaError`` when the bytes are not one."""
        try:
            magic, height, width = _HEADER.unpack_from(data)
            has_masks = magic == _MAGIC_WITH_MASKS
            end = _HEADER.size + 4 * height * width * _STORED.itemsize if has_masks else len(data)
            stored = np.frombuffer(data[:end], _STORED, offset=_HEADER.size)
            pair = stored.reshape(2, 2, height, width).astype(np.float32)
            masks = _unpacked(data[end:], height, width) if has_masks else (None, None)
        except (struct.error, ValueError) as error:
            raise MediaError(f"The stored motion cannot be read ({error}).") from error
        if magic not in (_MAGIC, _MAGIC_WITH_MASKS):
            raise MediaError(f"The stored motion starts with {magic!r}; {_MAGIC!r} was expected.")
        return cls(pair[0], pair[1], *masks)


def _unpacked(data: bytes, height: int, width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The two masks. Raises ``ValueError`` when the bytes are too few or too many."""
    bits = np.frombuffer(data, np.uint8)
    if len(bits) != (2 * height * width + 7) // 8:
        raise ValueError(f"{len(bits)} bytes of masks for {width}x{height} pixels")
    masks = np.unpackbits(bits, count=2 * height * width).reshape(2, height, width).astype(bool)
    return masks[0], masks[1]


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
