# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures a style is practised on: the editor's footage, or what is at hand without any (free of bpy and torch)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import MediaError
from ..storage.frames import Clip, Frame, read_frame, write_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEMO_CLIP = Path(__file__).resolve().parents[2] / "demo" / "clip.mp4"

_MOST_FRAMES = 48
_SHORT_SIDE = 400  # as large as frames are when they are painted, and more than is learnt at
_FLAT = 4.0  # standard deviation, of 255: on black leader nothing can be practised
_MADE = 24


def footage_frames(footage: Path, most: int = _MOST_FRAMES) -> list[NDArray[np.uint8]]:
    """Up to ``most`` frames spread evenly over a movie or a folder of pictures, (H, W, 3) uint8 RGB; flat ones go.

    Raises:
        MediaError: nothing there, not readable, or nothing to see in it.
    """
    if footage.is_dir():
        paths = Clip.from_folder(footage).paths
        frames: Iterator[NDArray[np.uint8]] = (read_frame(paths[place]).rgb for place in _spread(len(paths), most))
    elif footage.is_file():
        frames = _movie_frames(footage, most)
    else:
        raise MediaError(f"The footage {footage} does not exist.", "Check the path.")
    found = [_reduced(rgb) for rgb in frames if rgb.std() >= _FLAT]
    if not found:
        raise MediaError(
            f"The footage {footage} shows nothing that can be painted: it cannot be read as a movie, or all is flat.",
            "Name a movie or a folder of pictures.",
        )
    return found


def practice_pictures(style: NDArray[np.uint8], seed: int) -> list[NDArray[np.uint8]]:
    """What to practise on without footage or photographs: the demo clip, the style picture, and made pictures."""
    pictures = [_reduced(style), *(dead_leaves(seed + number) for number in range(_MADE))]
    return pictures + (footage_frames(DEMO_CLIP, _MADE) if DEMO_CLIP.is_file() else [])


def write_pictures(folder: Path, pictures: list[NDArray[np.uint8]]) -> None:
    """Write pictures to a folder as PNG; raises ``CacheError`` where it cannot be written."""
    for number, rgb in enumerate(pictures):
        write_frame(folder / f"{number:03d}.png", Frame(rgb))


def dead_leaves(seed: int, height: int = _SHORT_SIDE, width: int = 600) -> NDArray[np.uint8]:
    """Shaded and grained ellipses that cover each other, (H, W, 3) uint8 RGB.

    The dead leaves model (Lee, Mumford and Huang 2001): with sizes that fall off as in nature it has the contours,
    flat areas and occlusions of photographs, and networks learn from it nearly as from those (Baradad et al. 2021).
    """
    random = np.random.default_rng(seed)
    picture = _shaded(random, height, width)
    smallest, largest = 10.0, 0.5 * height
    for _ in range(400):
        # The density of the radius falls with its cube: every size covers about the same share of the picture.
        radius = 1 / np.sqrt(random.uniform(largest**-2, smallest**-2))
        axes = (round(radius), max(2, round(radius * random.uniform(0.3, 1.0))))
        centre = (int(random.integers(width)), int(random.integers(height)))
        mask = np.zeros((height, width), np.uint8)
        cv2.ellipse(mask, centre, axes, float(random.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
        _cover(picture, mask, random)
    return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8)


def _cover(picture: NDArray[np.float32], mask: NDArray[np.uint8], random: np.random.Generator) -> None:
    x, y, width, height = cv2.boundingRect(mask)
    alpha = mask[y : y + height, x : x + width, np.newaxis].astype(np.float32) / 255
    part = picture[y : y + height, x : x + width]
    part += alpha * (_shaded(random, height, width) - part)


def _shaded(random: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """A muted colour with a gradient of light, and grain or blotches of random strength."""
    grey = random.uniform(0.05, 0.95)
    colour = np.clip(grey + random.normal(0, 0.15, 3), 0, 1)
    corners = random.uniform(-0.2, 0.2, (2, 2)).astype(np.float32)
    cells = random.normal(0, random.uniform(0, 0.12), (height // 8 + 2, width // 8 + 2)).astype(np.float32)
    grain = random.normal(0, random.uniform(0, 0.06), (height, width)).astype(np.float32)
    light = sum(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) for part in (corners, cells)) + grain
    return np.asarray(colour + light[..., np.newaxis], np.float32)


def _movie_frames(path: Path, most: int) -> Iterator[NDArray[np.uint8]]:
    movie = cv2.VideoCapture(str(path))
    try:
        # A movie that does not say how long it is gives its first frames.
        count = int(movie.get(cv2.CAP_PROP_FRAME_COUNT))
        for place in _spread(count if count > 0 else most, most):
            movie.set(cv2.CAP_PROP_POS_FRAMES, place)
            found, picture = movie.read()
            if found:
                yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    finally:
        movie.release()


def _spread(count: int, most: int) -> list[int]:
    """Up to ``most`` places of ``count``, each in the middle of its share."""
    taken = min(count, most)
    return [int((place + 0.5) * count / taken) for place in range(taken)]


def _reduced(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    factor = _SHORT_SIDE / min(height, width)
    if factor >= 1:
        return rgb
    size = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
