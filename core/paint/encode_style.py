# SPDX-License-Identifier: GPL-3.0-or-later
"""Any picture as a style, at once: a small network reads scales and shifts off it. Free of bpy and torch.

After Ghiasi et al. 2017; ``core.training.style_encoder`` says what the network is. OpenCV runs it whatever paints, so
that a picture is the same style, under the same cache key, with every engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import ModelError
from ..styles.any_picture import read_any_picture
from ..styles.weights import ModelLibrary, StylePreset
from .opencv_engine import read_network
from .resolution import resized

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CLARITY = 0.5
"""Chosen by looking. A style that is guessed is stronger on plain ground than one that was learnt."""

_REMEDY = "Choose another picture or one of the presets; if it happens with each, install the add-on again."


def style_of_picture(path: Path, library: ModelLibrary) -> StylePreset:
    """The style that a picture shows; its title is the file's name, its key follows from its content alone.

    Raises:
        MediaError: it cannot be a style, see ``core.styles.any_picture``.
        StyleError: the library has no encoder.
        ModelError: the encoder is damaged, or belongs to another network.
    """
    encoder = library.encoder()
    picture = fitted(read_any_picture(path), encoder.short_side, encoder.stride)
    tensors = encoded(encoder.file, picture)
    return StylePreset.of(tensors, encoder.network, path.name, path.stem, clarity=_CLARITY, remedy=_REMEDY)


def fitted(rgb: NDArray[np.uint8], short_side: int, stride: int) -> NDArray[np.float32]:
    """A picture (H, W, 3) as the encoder takes it: (1, 3, h, w), 0 … 1, the whole of it, its shorter side of
    ``short_side`` pixels, both sides multiples of ``stride``."""
    factor = short_side / (stride * min(rgb.shape[:2]))
    height, width = (max(1, round(side * factor)) * stride for side in rgb.shape[:2])
    return np.asarray(cv2.dnn.blobFromImage(resized(rgb, height, width), 1.0 / 255.0), np.float32)


def encoded(file: Path, picture: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """``gamma`` and ``beta`` (N,) that the encoder in ``file`` reads off a picture (1, 3, h, w).

    Raises:
        ModelError: OpenCV cannot read the file, or cannot run what is in it.
    """
    names = ["gamma", "beta"]
    network = read_network(file)
    try:
        network.setInput(picture, "picture")
        found = network.forward(names)
    except cv2.error as error:
        raise ModelError(f"OpenCV {cv2.__version__} cannot run the style encoder {file} ({error.err}).") from error
    return {name: np.array(values, np.float32).ravel() for name, values in zip(names, found, strict=True)}
