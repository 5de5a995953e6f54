# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a shot's scales and shifts into the weights of the painter's ONNX file. Free of bpy and torch.

A convolution whose channels are multiplied and added to is a convolution again. Done once a shot, it saves nearly a
tenth of the time of every frame: nothing is left between convolutions but rectifiers and sums, which are done along
with them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from .normalised import NORMALISED

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class _Numbers:
    """Numbers of a convolution in the file.

    Attributes:
        place: of the first, in bytes.
        values: (O, I, h, w) of a kernel, (O,) of a bias.
        channels: which of the N scales and shifts its outputs O have.
    """

    place: int
    values: NDArray[np.float32]
    channels: slice

    def folded(self, scale: NDArray[np.float32], shift: NDArray[np.float32]) -> NDArray[np.float32]:
        """The numbers with scale and shift (N,) in them."""
        by = scale[self.channels].reshape(-1, *(1 for _ in self.values.shape[1:]))
        is_bias = self.values.ndim == 1
        return self.values * by + shift[self.channels] if is_bias else self.values * by


class FoldingFile:
    """The painter's ONNX file, whose weights take scales and shifts in.

    Args:
        path: of the file, a network without normalisation; see ``core.training.painter_graph``.
        weights: the same numbers by name, such as "trunk.0.weight". They are found in the file as they are, so nothing
            needs to be known of its format.

    Raises:
        ModelError: the two do not belong together.
    """

    def __init__(self, path: Path, weights: Mapping[str, NDArray[Any]]) -> None:
        self._onnx = path.read_bytes()
        self._numbers = [_placed(self._onnx, path, *wanted) for wanted in _wanted(weights)]

    def folded(self, scale: NDArray[np.float32], shift: NDArray[np.float32]) -> bytes:
        """The file with each normalised channel's scale and shift (N,)."""
        written = bytearray(self._onnx)
        for numbers in self._numbers:
            data = numbers.folded(scale, shift).astype("<f4").tobytes()
            written[numbers.place : numbers.place + len(data)] = data
        return bytes(written)


def _wanted(weights: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[np.float32], slice]]:
    """Name, numbers and channels of every kernel and bias that is folded."""
    start = 0
    for channels, convolutions in NORMALISED:
        for name in (*(f"{one}.weight" for one in convolutions), f"{convolutions[0]}.bias"):
            yield name, np.asarray(weights[name], "<f4"), slice(start, start + channels)
        start += channels


def _placed(onnx: bytes, path: Path, name: str, values: NDArray[np.float32], channels: slice) -> _Numbers:
    place = onnx.find(values.tobytes())
    if place < 0:
        raise ModelError(
            f"The network {path} does not hold the weights {name}.", "Reinstall the add-on: it is damaged."
        )
    return _Numbers(place, values, channels)
