# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures to learn from: windows of photographs, and the style pictures (free of bpy, needs torch)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from .recipe import StyleSource

TRIM = 0.03
"""Part of a style picture left off at each side: frames, signatures and marks of museums are not the style."""

_SOFT_SHARE = 0.5
"""Part of the photographs that are blurred."""


def read_picture(path: Path) -> np.ndarray:
    """The picture in a file as (H, W, 3) uint8 RGB."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} is not a picture OpenCV can read: expected JPEG or PNG; remove it or name another.")
    return np.ascontiguousarray(picture[:, :, ::-1])


def to_tensor(picture: np.ndarray) -> Tensor:
    """(H, W, 3) uint8 to (1, 3, H, W) float32 0…1."""
    return torch.from_numpy(picture.astype(np.float32) / 255.0).permute(2, 0, 1)[None].contiguous()


def to_picture(values: Tensor) -> np.ndarray:
    """(1, 3, H, W) float, cut to 0…1, to (H, W, 3) uint8."""
    return values[0].detach().permute(1, 2, 0).clamp(0, 1).mul(255).round().byte().numpy()


def resize_short_side(picture: np.ndarray, short_side: int) -> np.ndarray:
    """The picture with its shorter side `short_side` pixels long."""
    height, width = picture.shape[:2]
    factor = short_side / min(height, width)
    size = (max(short_side, round(width * factor)), max(short_side, round(height * factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def style_picture(style: StyleSource, assets: Path) -> Tensor:
    """The style picture (1, 3, H, W), trimmed and at the size its strokes are learnt at."""
    return to_tensor(resize_short_side(trimmed(read_picture(assets / style.file)), style.short_side))


def trimmed(picture: np.ndarray) -> np.ndarray:
    """A style picture without its margins."""
    height, width = picture.shape[:2]
    y, x = round(height * TRIM), round(width * TRIM)
    return picture[y : height - y, x : width - x]


class ContentWindows:
    """Endless batches (count * windows, 3, crop, crop) of photographs, `windows` neighbours from each photograph.

    Film is softer than photographs: ``blur`` is the largest deviation, in pixels, of the blur that half of them get.
    The next batch is read in a thread of its own while the last is learnt from. The same seed gives the same batches.
    """

    def __init__(self, folder: Path, crop: int, short_side: tuple[int, int], seed: int, blur: float = 0.0) -> None:
        self.files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
        if not self.files:
            raise FileNotFoundError(f"No photographs below {folder}: expected JPEG or PNG files below --assets.")
        self.crop, self.short_side, self.blur = crop, short_side, blur
        self.seed = seed
        self.random = np.random.default_rng(seed)

    def batches(self, count: int, windows: int) -> Iterator[Tensor]:
        """Batches for ever."""
        with ThreadPoolExecutor(1) as reader:
            coming: Future[Tensor] = reader.submit(self._batch, count, windows)
            while True:
                batch = coming.result()
                coming = reader.submit(self._batch, count, windows)
                yield batch

    def batch_at(self, step: int, count: int, windows: int) -> Tensor:
        """The batch of one step, whatever came before it; not to be mixed with ``batches``."""
        self.random = np.random.default_rng((self.seed, step))
        return self._batch(count, windows)

    def _batch(self, count: int, windows: int) -> Tensor:
        return torch.cat([window for _ in range(count) for window in self._windows(windows)])

    def _windows(self, windows: int) -> list[Tensor]:
        picture = read_picture(self.files[self.random.integers(len(self.files))])
        picture = resize_short_side(picture, int(self.random.integers(self.short_side[0], self.short_side[1] + 1)))
        if self.random.random() < 0.5:
            picture = picture[:, ::-1]
        if self.blur and self.random.random() < _SOFT_SHARE:
            picture = cv2.GaussianBlur(picture, (0, 0), float(self.random.uniform(0.3, self.blur)))
        values = to_tensor(np.ascontiguousarray(picture)) ** float(self.random.uniform(0.7, 1.4))
        values = values * float(self.random.uniform(0.7, 1.0))
        height, width = values.shape[-2:]
        found = []
        for _ in range(windows):
            y = int(self.random.integers(height - self.crop + 1))
            x = int(self.random.integers(width - self.crop + 1))
            found.append(values[..., y : y + self.crop, x : x + self.crop])
        return found
