# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips made for the tests: textured scenes whose motion is known exactly, because it is made here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from core.storage.frames import Clip, Frame, write_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

HEIGHT, WIDTH = 64, 96


def texture(height: int, width: int, seed: int = 0) -> Picture:
    """Coloured clouds of several sizes, (H, W, 3) uint8: something to hold on to for flow, at every scale."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for cell, weight in ((32, 1.0), (16, 0.7), (8, 0.5), (4, 0.35)):
        coarse = rng.random((height // cell + 3, width // cell + 3, 3), np.float32)
        fine = cv2.resize(coarse, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        total += weight * (fine[cell : cell + height, cell : cell + width] - 0.5)
    total = (total - total.min()) / (total.max() - total.min())
    return np.asarray(total * 255.0, np.uint8)


def panning(
    count: int, height: int = HEIGHT, width: int = WIDTH, step: tuple[int, int] = (2, 1), seed: int = 0
) -> list[Picture]:
    """A camera that moves ``step`` pixels (x, y) a frame over a large texture: what lies at p in a frame lies at
    p - step in the next."""
    dx, dy = step
    wide = texture(height + abs(dy) * count, width + abs(dx) * count, seed)
    left, top = (0 if dx >= 0 else -dx * count), (0 if dy >= 0 else -dy * count)
    return [
        np.ascontiguousarray(wide[top + dy * i : top + dy * i + height, left + dx * i : left + dx * i + width])
        for i in range(count)
    ]


def moving_square(
    count: int, height: int = HEIGHT, width: int = WIDTH, side: int = 24, step: int = 4
) -> tuple[list[Picture], list[NDArray[np.bool_]]]:
    """A textured square that moves ``step`` pixels to the right a frame over another texture that stands still.

    Returns the frames and, for each, where the square is.
    """
    ground, square = texture(height, width, 1), texture(side, side, 2)[:, :, ::-1]
    frames, masks = [], []
    for i in range(count):
        top, left = (height - side) // 2, 8 + step * i
        frame, mask = ground.copy(), np.zeros((height, width), np.bool_)
        frame[top : top + side, left : left + side] = square
        mask[top : top + side, left : left + side] = True
        frames.append(frame)
        masks.append(mask)
    return frames, masks


def noisy(frames: Sequence[Picture], sigma: float, seed: int = 5) -> list[Picture]:
    """The frames as a cheap camera would see them, with fresh noise on each."""
    rng = np.random.default_rng(seed)
    return [np.clip(f + rng.normal(0.0, sigma, f.shape), 0, 255).astype(np.uint8) for f in frames]


def write_clip(folder: Path, frames: Sequence[Picture], alphas: Sequence[Picture] | None = None) -> Clip:
    """The frames as PNG files of a folder."""
    for i, rgb in enumerate(frames):
        write_frame(folder / f"{i:06d}.png", Frame(rgb, alphas[i] if alphas is not None else None))
    return Clip.from_folder(folder)
