# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the shipped ONNX files with OpenCV's DNN module: any processor, nothing to install. Free of bpy and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import ModelError
from ..weights import NetworkFiles

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class OpenCVEngine:
    """The network in OpenCV. One instance serves one thread.

    Raises:
        ModelError: OpenCV cannot read the network.
    """

    name = "opencv"
    device = "cpu"

    def __init__(self, network: NetworkFiles) -> None:
        self._painter = _read_network(network.painter)
        self._statistics_file = network.statistics
        self._statistics: cv2.dnn.Net | None = None  # read at the first shot only

    def paint(
        self, frame: NDArray[np.float32], scale: NDArray[np.float32], shift: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """See ``core.paint.painter.Engine``."""
        self._painter.setInput(frame, "frame")
        self._painter.setInput(scale, "scale")
        self._painter.setInput(shift, "shift")
        return np.asarray(self._painter.forward("painted"), np.float32)

    def statistics(
        self, frame: NDArray[np.float32], gamma: NDArray[np.float32], beta: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See ``core.paint.painter.Engine``."""
        if self._statistics is None:
            self._statistics = _read_network(self._statistics_file)
        self._statistics.setInput(frame, "frame")
        self._statistics.setInput(gamma, "gamma")
        self._statistics.setInput(beta, "beta")
        mean, variance = self._statistics.forward(["mean", "variance"])
        return np.array(mean, np.float32), np.array(variance, np.float32)


def _read_network(path: Path) -> cv2.dnn.Net:
    try:
        # From memory: OpenCV cannot open non-Latin paths on Windows.
        return cv2.dnn.readNetFromONNX(np.fromfile(path, np.uint8))
    except cv2.error as error:
        raise ModelError(f"OpenCV {cv2.__version__} cannot read the network {path} ({error.err}).") from error
