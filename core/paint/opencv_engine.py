# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the shipped ONNX files with OpenCV's DNN module: any processor, nothing to install. Free of bpy and torch.

Painting takes the classic one of OpenCV's two engines, whose convolutions of three by three are those of Winograd
(Lavin and Gray 2016): on one core it paints in three quarters of the time of the newer one.
"""

from __future__ import annotations

import collections
import contextlib
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import ModelError
from ..styles.weights import NetworkFiles, read_safetensors
from .folding import FoldingFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOTS = 2
"""Of so many shots networks are kept at a time: where one ends and the next begins, both are painted."""


class OpenCVEngine:
    """The network in OpenCV.

    A network of OpenCV serves one thread at a time, so each thread takes one that rests, or reads one more.

    Raises:
        ModelError: the painter's file is damaged.
    """

    name = "opencv"
    device = "cpu"

    def __init__(self, network: NetworkFiles) -> None:
        self._network = network
        self._painters = FoldingFile(network.painter, read_safetensors(network.weights))
        self._lock = threading.Lock()
        self._of_shots: collections.OrderedDict[bytes, list[cv2.dnn.Net]] = collections.OrderedDict()
        self._resting_meters: list[cv2.dnn.Net] = []  # the first one is read at the first shot only

    def paint(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """See ``core.paint.painter.Engine``."""
        with self._painter(scale.ravel(), shift.ravel()) as painter:
            painter.setInput(frame, "frame")
            painter.setInput(canvas, "canvas")
            return _sigmoid(painter.forward("painted"))

    def statistics(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        gamma: NDArray[np.float32],
        beta: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See ``core.paint.painter.Engine``."""
        with self._meter() as meter:
            meter.setInput(frame, "frame")
            meter.setInput(canvas, "canvas")
            meter.setInput(gamma, "gamma")
            meter.setInput(beta, "beta")
            mean, variance = meter.forward(["mean", "variance"])
            return np.array(mean, np.float32), np.array(variance, np.float32)

    @contextlib.contextmanager
    def _painter(self, scale: NDArray[np.float32], shift: NDArray[np.float32]) -> Iterator[cv2.dnn.Net]:
        """A network with these numbers in its weights, that no other thread has."""
        key = scale.tobytes() + shift.tobytes()
        with self._lock:
            resting = self._of_shots.get(key)
            painter = resting.pop() if resting else None
        if painter is None:
            painter = _read_painter(self._painters.folded(scale, shift), self._network.painter)
        yield painter
        with self._lock:
            self._of_shots.setdefault(key, []).append(painter)
            self._of_shots.move_to_end(key)
            while len(self._of_shots) > _SHOTS:
                self._of_shots.popitem(last=False)

    @contextlib.contextmanager
    def _meter(self) -> Iterator[cv2.dnn.Net]:
        try:
            meter = self._resting_meters.pop()  # a list's pop and append are safe between threads
        except IndexError:
            meter = read_network(self._network.statistics)
        yield meter
        self._resting_meters.append(meter)


def read_network(path: Path) -> cv2.dnn.Net:
    """OpenCV's network of an ONNX file. Raises ``ModelError`` when OpenCV cannot read it."""
    return _read_from_memory(path.read_bytes(), path)  # OpenCV cannot open non-Latin paths on Windows


def _read_from_memory(onnx: bytes, path: Path) -> cv2.dnn.Net:
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(onnx, np.uint8))
    except cv2.error as error:
        raise ModelError(f"OpenCV {cv2.__version__} cannot read the network {path} ({error.err}).") from error


def _read_painter(onnx: bytes, path: Path) -> cv2.dnn.Net:
    """A network for the classic engine, which is only given to what is read from a file."""
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "painter.onnx"
            file.write_bytes(onnx)
            return cv2.dnn.readNetFromONNX(str(file), cv2.dnn.ENGINE_CLASSIC)
    except (OSError, cv2.error):  # no room, or a name OpenCV cannot open: the newer engine paints the same
        return _read_from_memory(onnx, path)


def _sigmoid(values: cv2.typing.MatLike) -> NDArray[np.float32]:
    """1 / (1 + exp(-x)) of (1, C, H, W), in a fraction of the time that OpenCV's layer takes."""
    risen = cv2.exp(-values.reshape(-1, values.shape[-1])) + np.float32(1)
    return np.asarray(cv2.divide(1.0, risen), np.float32).reshape(values.shape)
