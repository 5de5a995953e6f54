# SPDX-License-Identifier: GPL-3.0-or-later
"""Magenta's arbitrary stylization, Ghiasi et al. 2017, as published for phones. Free of bpy, needs ai-edge-litert."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ...errors import EngineError, ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FOLDER = "peers/magenta"
_STYLE_SIDE = 256
_SIDE = 384


class Magenta:
    """Predicts a hundred numbers from the style picture, and paints with them.

    The published file paints squares of 384 pixels and nothing else, so every frame is brought to that size and back:
    its paintings are softer than the network's own would be.

    Args:
        assets: folder with the weights.
        style: style picture, (H, W, 3) uint8 RGB.

    Raises:
        EngineError: the runtime is not installed.
        ModelError: weights are missing or damaged.
    """

    def __init__(self, assets: Path, style: NDArray[np.uint8]) -> None:
        predictor = _interpreter(assets / _FOLDER / "style_predict_int8.tflite")
        self._transformer = _interpreter(assets / _FOLDER / "style_transfer_fp16_v2.tflite")
        inputs = {detail["shape"][-1]: detail["index"] for detail in self._transformer.get_input_details()}
        self._frame, vector = inputs[3], inputs[100]
        predictor.set_tensor(predictor.get_input_details()[0]["index"], _resized(style, _STYLE_SIDE))
        predictor.invoke()
        self._transformer.set_tensor(vector, predictor.get_tensor(predictor.get_output_details()[0]["index"]))

    def __call__(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The painted picture, (H, W, 3) uint8 RGB in and out, of any size."""
        self._transformer.set_tensor(self._frame, _resized(rgb, _SIDE))
        self._transformer.invoke()
        painted = self._transformer.get_tensor(self._transformer.get_output_details()[0]["index"])[0]
        whole = cv2.resize(painted, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.rint(whole.clip(0.0, 1.0) * 255.0), np.uint8)


def _resized(rgb: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA), np.float32)[None] / 255.0


def _interpreter(path: Path) -> Any:
    if not path.is_file():
        raise ModelError(f"There are no weights at {path}.", "Name the folder they lie in with --assets.")
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError as error:
        raise EngineError("This Python has no ai-edge-litert, which runs Magenta's files.", "Run `make`.") from error
    try:
        interpreter = Interpreter(str(path), num_threads=2)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as weights ({error}).", "Fetch the file again.") from error
    return interpreter
