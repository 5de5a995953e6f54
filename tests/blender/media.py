# SPDX-License-Identifier: GPL-3.0-or-later
"""The small media of the tests, made here and now: a movie with sound, its frames as pictures, odd pictures."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, COUNT = 64, 48, 24


def frame(index: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """One RGB frame: a smooth background and a box that moves two pixels a frame. (H, W, 3) uint8."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 200 // width + 30, y * 200 // height + 20, (x + y) * 90 // (width + height) + 90], -1)
    left = (4 + 2 * index) % max(1, width - 8)
    picture[height // 4 : height // 2, left : left + width // 5] = (250, 70, 40)
    return picture.astype(np.uint8)


def make(folder: Path) -> Path:
    """Fills a folder: clip.mkv (FFV1, lossless), images/001.png …, sound.wav, tiny.png (1x1), alpha.png (a third)."""
    (folder / "images").mkdir(parents=True)
    with av.open(str(folder / "clip.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for index in range(COUNT):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame(index), format="rgb24")))
        container.mux(stream.encode())
    for index in range(COUNT):
        write(folder / "images" / f"{index + 1:03}.png", frame(index))
    write(folder / "tiny.png", frame(0, 1, 1))
    alpha = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
    alpha[:, : WIDTH // 3] = 0
    alpha[:, WIDTH // 3 : WIDTH // 2] = 128
    write(folder / "alpha.png", np.concatenate([frame(3), alpha], -1))
    with wave.open(str(folder / "sound.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return folder


def write(path: Path, picture: NDArray[np.uint8]) -> None:
    """RGB or RGBA to PNG; through memory, as OpenCV cannot open every file name."""
    code = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", cv2.cvtColor(picture, code))[1].tobytes())


def read(path: str | Path) -> NDArray[np.int16]:
    """A picture as (H, W, 4) RGBA, 0 … 255, signed so that pictures can be subtracted."""
    stored = cv2.imdecode(np.frombuffer(Path(path).read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert stored is not None, path
    if stored.shape[2] == 3:
        stored = cv2.cvtColor(stored, cv2.COLOR_BGR2BGRA)
    return cv2.cvtColor(stored, cv2.COLOR_BGRA2RGBA).astype(np.int16)


def difference(one: NDArray[np.int16], two: NDArray[np.int16]) -> int:
    """The greatest difference of any channel of any pixel."""
    assert one.shape == two.shape, (one.shape, two.shape)
    return int(np.abs(one - two).max(initial=0))
