# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences whose shots are known: joins of two shots in every way, and what only looks like a join.

Free of bpy and torch. Shots are series of thumbnails (``core.shots.cuts.thumbnail``): a mixture of thumbnails is the
thumbnail of the mixture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.uint8]

HEIGHT, WIDTH = 36, 64
LENGTHS = (2, 4, 6, 8, 12, 16, 24, 36, 48)
"""Mixed frames of a dissolve, and frames of a fade through black."""

_CLEAR = 14  # frames of each shot before and after a join
_SHOTS = 8


@dataclasses.dataclass(frozen=True)
class Sample:
    """Frames and where one shot turns into another.

    Attributes:
        frames: (N, h, w, 3) uint8.
        joins: for each, the first and the last frame at which a boundary is right.
    """

    frames: Frames
    joins: tuple[tuple[int, int], ...]


def cut(before: Frames, after: Frames) -> Sample:
    """One shot after the other."""
    first, second = before[:_CLEAR], after[:_CLEAR]
    return Sample(np.concatenate([first, second]), ((len(first), len(first)),))


def dissolve(before: Frames, after: Frames, length: int) -> Sample | None:
    """A linear mixture over so many frames; None where the shots are too short."""
    count = length + 2 * _CLEAR
    if min(len(before), len(after)) < count:
        return None
    share = np.clip((np.arange(count) - _CLEAR + 1) / (length + 1), 0.0, 1.0)[:, None, None, None]
    mixed = before[:count] * (1.0 - share) + after[:count] * share
    return Sample(np.rint(mixed).astype(np.uint8), ((_CLEAR, _CLEAR + length),))


def fade(before: Frames, after: Frames, length: int) -> Sample | None:
    """Down to black and up again over so many frames; None where the shots are too short."""
    count = length + 2 * _CLEAR
    if min(len(before), len(after)) < count:
        return None
    middle = _CLEAR + (length - 1) / 2
    place = np.arange(count)
    light = np.clip(np.abs(place - middle) / ((length + 1) / 2), 0.0, 1.0)[:, None, None, None]
    shown = np.where((place < middle)[:, None, None, None], before[:count], after[:count])
    return Sample(np.rint(shown * light).astype(np.uint8), ((_CLEAR, _CLEAR + length),))


def made_shots() -> list[Frames]:
    """Shots of their own pictures and colours; the camera moves over each at another speed."""
    return [pan(seed, 80, (0.3 * seed, 0.2 * (seed % 3))) for seed in range(_SHOTS)]


def pan(seed: int, count: int, step: tuple[float, float]) -> Frames:
    """A camera that moves by ``step`` (x, y) of a thumbnail's pixels a frame."""
    dx, dy = step
    wide = _picture(HEIGHT + int(dy * count) + 2, WIDTH + int(dx * count) + 2, seed)
    return _through(wide, lambda i: (dx * i, dy * i, 1.0), count)


def look_alikes() -> Iterator[tuple[str, Sample]]:
    """What is one shot, whatever it looks like, with the name of its kind."""
    shots = made_shots()
    for seed, shot in enumerate(shots):
        for frames in (1, 2):
            for kind, value in (("white", 255), ("black", 0)):
                flashed = shot[:40].copy()
                flashed[20 : 20 + frames] = value
                yield f"flash of {frames}, {kind}", Sample(flashed, ())
        for name, step in (("pan", 2.0), ("fast pan", 5.0), ("whip pan", 8.0)):
            yield name, Sample(pan(seed, 40, (step, 0.0)), ())
        picture = _picture(4 * HEIGHT, 4 * WIDTH, seed)
        centre = (1.5 * WIDTH, 1.5 * HEIGHT)
        yield "zoom", Sample(_through(picture, lambda i, at=centre: (*at, 1.03**i), 40), ())  # type: ignore[misc]
        noise = np.random.default_rng(seed).normal(0.0, 6.0, shot[:40].shape)
        yield "noise", Sample(np.clip(shot[:40] + noise, 0, 255).astype(np.uint8), ())
        yield "held frames", Sample(np.repeat(shot[:14], 3, axis=0), ())
        yield "a still", Sample(np.repeat(shot[:1], 40, axis=0), ())
        light = (0.6 + 0.4 * np.cos(np.arange(40) / 5.0))[:, None, None, None]
        yield "changing light", Sample((shot[:40] * light).astype(np.uint8), ())
        up = np.clip(np.arange(40) / 16.0, 0.0, 1.0)[:, None, None, None]
        yield "fade in", Sample((shot[:40] * up).astype(np.uint8), ())
        yield "fade out", Sample((shot[:40] * up[::-1]).astype(np.uint8), ())
        yield "passing object", Sample(_passed(shot[:40], shots[(seed + 3) % _SHOTS][0]), ())


def joins_of(shots: Sequence[Frames], pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Sample]]:
    """Every kind of join between pairs of shots, with the name of its kind."""
    for one, other in pairs:
        before, after = shots[one], shots[other]
        yield "cut", cut(before, after)
        for length in LENGTHS:
            for name, join in (("dissolve", dissolve), ("fade through black", fade)):
                if name != "dissolve" and length < 4:
                    continue  # black comes at once: these are cuts
                sequence = join(before, after, length)
                if sequence is not None:
                    yield f"{name}, {length}", sequence


def _passed(shot: Frames, texture: NDArray[np.uint8]) -> Frames:
    """The shot with a large textured square that passes from left to right."""
    frames = shot.copy()
    side = HEIGHT * 2 // 3
    for i, frame in enumerate(frames):
        left = -side + i * (WIDTH + side) // len(frames)
        first, last = max(0, left), min(WIDTH, left + side)
        if first < last:
            frame[6 : 6 + side, first:last] = texture[6 : 6 + side, first - left : last - left]
    return frames


def _through(wide: NDArray[np.uint8], view: Callable[[int], tuple[float, float, float]], count: int) -> Frames:
    """What is seen of a large picture: from (left, top), enlarged by a factor."""
    frames = []
    for i in range(count):
        left, top, factor = view(i)
        # Zoomed about the middle of what is seen.
        left += WIDTH / 2 * (1 - 1 / factor)
        top += HEIGHT / 2 * (1 - 1 / factor)
        placed = np.array([[1 / factor, 0, left], [0, 1 / factor, top]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        frames.append(cv2.warpAffine(wide, placed, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE))
    return np.asarray(np.stack(frames), np.uint8)


def _picture(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """Coloured clouds of several sizes in colours of their own."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for cell, weight in ((24, 1.0), (12, 0.6), (5, 0.4), (2, 0.2)):
        coarse = rng.random((height // cell + 3, width // cell + 3, 3)).astype(np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    total = (total - total.min()) / (total.max() - total.min())
    return np.asarray(255.0 * total * rng.uniform(0.4, 1.0, 3), np.uint8)
