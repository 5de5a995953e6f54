# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the shipped ONNX files with OpenCV's DNN module: any processor, nothing to install. Free of bpy and torch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import ModelError
from ..styles.weights import NetworkFiles

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class OpenCVEngine:
    """The network in OpenCV.

    A network of OpenCV serves one thread at a time, so each thread takes one that rests, or reads one more.

    Raises:
        ModelError: OpenCV cannot read the network.
    """

    name = "opencv"
    device = "cpu"

    def __init__(self, network: NetworkFiles) -> None:
        self._network = network
        self._resting_painters = [read_network(network.painter)]
        self._resting_meters: list[cv2.dnn.Net] = []  # the first one is read at the first shot only

    def paint(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """See ``core.paint.painter.Engine``."""
        with _borrowed(self._resting_painters, self._network.painter) as painter:
            painter.setInput(frame, "frame")
            painter.setInput(canvas, "canvas")
            painter.setInput(scale, "scale")
            painter.setInput(shift, "shift")
            return np.array(painter.forward("painted"), np.float32)

    def statistics(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        gamma: NDArray[np.float32],
        beta: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See ``core.paint.painter.Engine``."""
        with _borrowed(self._resting_meters, self._network.statistics) as meter:
            meter.setInput(frame, "frame")
            meter.setInput(canvas, "canvas")
            meter.setInput(gamma, "gamma")
            meter.setInput(beta, "beta")
            mean, variance = meter.forward(["mean", "variance"])
            return np.array(mean, np.float32), np.array(variance, np.float32)


@contextlib.contextmanager
def _borrowed(resting: list[cv2.dnn.Net], path: Path) -> Iterator[cv2.dnn.Net]:
    try:
        network = resting.pop()  # a list's pop and append are safe between threads
    except IndexError:
        network = read_network(path)
    yield network
    resting.append(network)


def read_network(path: Path) -> cv2.dnn.Net:
    """OpenCV's network of an ONNX file. Raises ``ModelError`` when OpenCV cannot read it."""
    try:
        # From memory: OpenCV cannot open non-Latin paths on Windows.
        return cv2.dnn.readNetFromONNX(np.fromfile(path, np.uint8))
    except cv2.error as error:
        raise ModelError(f"OpenCV {cv2.__version__} cannot read the network {path} ({error.err}).") from error
