# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine of OpenCV: scales and shifts in its weights, one network a thread and a shot, either of its engines."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.errors import ModelError
from core.paint import opencv_engine
from core.paint.canvas import canvas
from core.paint.folding import FoldingFile
from core.paint.normalised import NORMALISED
from core.paint.opencv_engine import OpenCVEngine
from core.styles.weights import ModelLibrary, NetworkFiles, read_safetensors

Shot = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def network() -> NetworkFiles:
    """The shipped one."""
    return ModelLibrary().network("house")


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    """A small frame as the network takes it."""
    return np.asarray(cv2.dnn.blobFromImage(texture(64, 96), 1 / 255), np.float32)


@pytest.fixture(scope="module")
def shots(network: NetworkFiles, frame: np.ndarray) -> list[Shot]:
    """Scales and shifts, (1, N) each, of the frame in some styles."""
    library, engine, found = ModelLibrary(), OpenCVEngine(network), []
    for record in library.style_records()[:4]:
        style = library.style(record["id"])
        gamma, beta = style.gamma[np.newaxis], style.beta[np.newaxis]
        mean, variance = engine.statistics(frame, canvas(*frame.shape[2:]), gamma, beta)
        scale = gamma / np.sqrt(variance + np.float32(network.epsilon))
        found.append((scale, beta - mean * scale))
    return found


def painted(engine: OpenCVEngine, frame: np.ndarray, shot: Shot) -> np.ndarray:
    return engine.paint(frame, canvas(*frame.shape[2:]), *shot)


def test_scales_and_shifts_lie_in_the_weights_and_nothing_else_is_touched(
    network: NetworkFiles, shots: list[Shot]
) -> None:
    weights = read_safetensors(network.weights)
    scale, shift = shots[1]
    plain = network.painter.read_bytes()
    file = FoldingFile(network.painter, weights)
    folded = file.folded(scale[0], shift[0])
    assert len(folded) == len(plain) and file.folded(np.ones_like(scale[0]), np.zeros_like(shift[0])) == plain
    channels, (first, *_) = NORMALISED[0]
    kernel, bias = (weights[f"{first}.{kind}"].astype(np.float32) for kind in ("weight", "bias"))
    place = plain.find(kernel.tobytes())
    found = np.frombuffer(folded, "<f4", kernel.size, place).reshape(kernel.shape)
    np.testing.assert_array_equal(found, kernel * scale[0, :channels].reshape(-1, 1, 1, 1))
    found = np.frombuffer(folded, "<f4", bias.size, plain.find(bias.tobytes()))
    np.testing.assert_array_equal(found, bias * scale[0, :channels] + shift[0, :channels])
    normalised = {f"{name}.{kind}" for _, names in NORMALISED for name in names for kind in ("weight", "bias")}
    for name, values in weights.items():
        data = values.astype("<f4").tobytes()
        assert (data in folded) == (name not in normalised), name


def test_a_file_of_other_weights_is_refused(network: NetworkFiles) -> None:
    weights = {name: values + np.float16(1) for name, values in read_safetensors(network.weights).items()}
    with pytest.raises(ModelError, match=r"painter\.onnx does not hold the weights down_half\.weight"):
        FoldingFile(network.painter, weights)


def test_shots_in_turn_and_at_once_are_each_painted_with_their_own_numbers(
    network: NetworkFiles, frame: np.ndarray, shots: list[Shot]
) -> None:
    alone = [painted(OpenCVEngine(network), frame, one) for one in shots]
    assert all(np.abs(one - alone[0]).max() > 0.05 for one in alone[1:])
    engine = OpenCVEngine(network)
    turns = [0, 1, 0, 2, 3, 0, 0, 1] * 3
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda turn: painted(engine, frame, shots[turn]), turns))
    for turn, picture in zip(turns, together, strict=True):
        np.testing.assert_array_equal(picture, alone[turn])


def test_a_shot_s_network_is_read_once_and_those_of_shots_long_past_are_let_go(
    network: NetworkFiles, frame: np.ndarray, shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    reading = opencv_engine._read_painter

    def noted(onnx: bytes, path: Path) -> cv2.dnn.Net:
        read.append(len(onnx))
        return reading(onnx, path)

    monkeypatch.setattr(opencv_engine, "_read_painter", noted)
    engine = OpenCVEngine(network)
    for number, count in ((0, 1), (0, 1), (1, 2), (0, 2), (1, 2), (2, 3), (1, 3), (0, 4)):
        painted(engine, frame, shots[number])
        assert len(read) == count


@pytest.mark.parametrize("has_a_folder", [True, False])
def test_the_newer_engine_paints_the_same_where_the_classic_one_cannot_read(
    network: NetworkFiles,
    frame: np.ndarray,
    shots: list[Shot],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    has_a_folder: bool,
) -> None:
    classic = painted(OpenCVEngine(network), frame, shots[3])
    reading = cv2.dnn.readNetFromONNX

    def from_memory_alone(source: object, *engine: int) -> cv2.dnn.Net:
        if isinstance(source, str):
            raise cv2.error("no such file")
        return reading(source, *engine)

    if has_a_folder:
        monkeypatch.setattr(cv2.dnn, "readNetFromONNX", from_memory_alone)
    else:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    newer = painted(OpenCVEngine(network), frame, shots[3])
    assert 0 < np.abs(newer - classic).max() < 1e-4


def test_what_neither_engine_can_read_is_told(
    network: NetworkFiles, frame: np.ndarray, shots: list[Shot], tmp_path: Path
) -> None:
    damaged = tmp_path / "painter.onnx"
    damaged.write_bytes(b"\xff" * 200 + network.painter.read_bytes())  # all weights are there
    engine = OpenCVEngine(dataclasses.replace(network, painter=damaged))
    with pytest.raises(ModelError, match=r"cannot read the network .*painter\.onnx"):
        painted(engine, frame, shots[0])
