# SPDX-License-Identifier: GPL-3.0-or-later
"""Dissolves and fades through a flat colour: one shot turns into another without a cut. Free of bpy and torch.

Frames are compared as signatures: very small pictures, in which motion within a shot moves little. In a dissolve every
frame is a mixture of one picture before and one after, so its signatures lie near the straight line between the two,
and a mixture of two pictures has less contrast than either. Motion and changing light can keep near a line, too, but
what moves keeps its contrast, and light that goes takes as much of the brightness (the dip of a dissolve's variance:
Alattar 1993).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Signatures = NDArray[np.float32]

_SIZE = (16, 9)  # width, height
# Frames from the picture before a dissolve to the one after it. A dissolve of another length lies within the next.
_SPANS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48)
# Before and after differ by at least this many levels of 255 (root mean square) …
_LEAST_DISTANCE = 12.0
# … and are correlated by less than this, so that a change of light is no dissolve.
_SAME_PICTURE = 0.5
# How far the frames between may lie from the line (root mean square), as a share of its length …
_OFF_LINE = 0.35
# … and how much of the contrast that a mixture loses they may have kept. What is no dissolve keeps 0.70 and more as
# near to a line as that: real clips at up to four times their speed, pans, zooms, trunks that pass, changing light.
_KEPT_CONTRAST = 0.5
# The mixture never turns back by more than this, and never jumps by more than that: a jump is a cut or a flash.
_TURN, _JUMP = 0.1, 0.6
# Nor does it jump by more than this many steps of an even one: a dissolve may come and go softly.
_MOST_STEPS = 3.0
# A frame is flat when its contrast is less than this share of that of the pictures around it, which have some.
_FLAT = 0.25
# A fade begins and ends where the contrast is this share of the highest around it, and no longer changes by that share
# from frame to frame.
_WHOLE, _STEADY = 0.85, 0.015
_LEAST_CONTRAST = 12.0
_FADE_FRAMES = 32
# In the dark a picture is told from another where its contrast is this share of the whole one, and so many levels.
_SEEN, _SEEN_LEVELS = 0.1, 3.0


def signature(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is kept of a frame, (H, W, 3) uint8, to find transitions: a flat array of 432 numbers."""
    return np.asarray(cv2.resize(rgb, _SIZE, interpolation=cv2.INTER_AREA), np.uint8).ravel()


def contrast(rgb: NDArray[np.uint8]) -> float:
    """The other thing that is kept of a frame, (H, W, 3) uint8 of a thumbnail's size: how far its pixels lie from the
    mean of their channel, root mean square, in levels of 255.

    A thumbnail is finer than a signature: what moves from one pixel of the signature to the next fades there for a
    while, but not here.
    """
    _, deviations = cv2.meanStdDev(rgb)
    return float(np.sqrt(np.square(deviations).mean()))


def with_transitions(
    cuts: Sequence[int], signatures: Sequence[NDArray[np.uint8]], contrasts: Sequence[float]
) -> list[int]:
    """First frames of shots: those of the cuts, one in the middle of each fade, and every frame of a dissolve.

    In a fade the picture is flat in the middle, and nothing is seen of the change from one shot to the next. In a
    dissolve it would be seen: each of its frames is a shot by itself, so that the painting goes over as smoothly.

    Args:
        cuts: where the picture changes at once, in order. Those within a transition are left out.
        signatures, contrasts: one a frame.
    """
    if not signatures:
        return []
    pictures = np.array(signatures, np.float32)
    fades = _fades(pictures)
    dissolves = _apart(_dissolves(pictures, np.array(contrasts, np.float32)), fades)
    left = [cut for cut in cuts if not any(span.first < cut <= span.last for span in (*fades, *dissolves))]
    mixed = [frame for span in dissolves for frame in range(span.first + 1, span.last + 1)]
    return sorted({*left, *mixed, *(span.middle for span in fades if span.parts)})


@dataclasses.dataclass(frozen=True, order=True)
class _Span:
    """A transition, or what may be one; the better, the smaller.

    Attributes:
        badness: to choose between those that overlap.
        first, last: the last frame of what was, and the first of what comes.
        middle: the first frame that shows more of what comes.
        parts: whether another picture comes, and not the same again.
    """

    badness: float
    first: int
    last: int
    middle: int
    parts: bool = True


def _apart(candidates: Sequence[_Span], others: Sequence[_Span] = ()) -> list[_Span]:
    """The best of the candidates that overlap, and that do not overlap the others."""
    chosen: list[_Span] = []
    for one in sorted(candidates):
        if all(one.last <= other.first or one.first >= other.last for other in (*chosen, *others)):
            chosen.append(one)
    return chosen


def _dissolves(signatures: Signatures, contrasts: NDArray[np.float32]) -> list[_Span]:
    """All that may be a dissolve; many overlap."""
    found: list[_Span] = []
    shapes, coarse = _shapes(signatures)
    brightness = signatures.mean(axis=1)
    for span in _SPANS:
        if len(signatures) <= span:
            break
        ways = signatures[span:] - signatures[:-span]
        distances = np.sqrt(np.square(ways).mean(axis=1))
        common = (shapes[span:] * shapes[:-span]).mean(axis=1)
        alike = common / np.maximum(coarse[span:] * coarse[:-span], 1e-6)
        both = np.minimum(coarse[span:], coarse[:-span]) > _LEAST_CONTRAST
        for i in np.flatnonzero((distances > _LEAST_DISTANCE) & (alike < _SAME_PICTURE) & both):
            window = slice(i, i + span + 1)
            mixture, off = _along_the_line(signatures[window])
            if off > _OFF_LINE:
                continue
            lit = contrasts[window] / _dimmed(mixture, brightness[window])
            if _kept_contrast(mixture, lit, float(common[i])) > _KEPT_CONTRAST:
                continue
            # The longest way is the most of a dissolve; of two as long, the shorter time.
            badness = -float(distances[i]) * (1.0 - off) / (span + 1) ** 0.25
            middle = int(i) + int(np.argmax(mixture >= 0.5))
            found.append(_Span(badness, int(i), int(i) + span, middle))
    return found


def _along_the_line(window: Signatures) -> tuple[NDArray[np.float32], float]:
    """How far each frame has gone from the window's first picture to its last, 0 … 1, and how far they lie off the
    line between the two; infinitely far where they turn back or jump."""
    way = window[-1] - window[0]
    from_start = window - window[0]
    mixture = np.asarray(from_start @ way / np.square(way).sum(), np.float32)
    steps = np.diff(mixture)
    if steps.min() < -_TURN or steps.max() > min(_JUMP, _TURN + _MOST_STEPS / len(steps)):
        return mixture, float("inf")
    off = np.sqrt(np.square(from_start - mixture[:, None] * way)[1:-1].mean() / np.square(way).mean())
    return mixture, float(off)


def _dimmed(mixture: NDArray[np.float32], brightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each frame's light as a share of a mixture's, at most 1: light that goes takes contrast with it."""
    share = np.clip(mixture, 0.0, 1.0)
    expected = (1.0 - share) * brightness[0] + share * brightness[-1]
    return np.asarray(np.clip(brightness / np.maximum(expected, 1.0), 0.01, 1.0), np.float32)


def _kept_contrast(mixture: NDArray[np.float32], contrasts: NDArray[np.float32], common: float) -> float:
    """Whether the frames between two pictures have the contrast of a mixture, 0, or of what is not mixed, 1.

    Args:
        mixture: the share of the last picture in each frame.
        contrasts: of each frame.
        common: the two pictures' covariance, in squared levels.
    """
    share = np.clip(mixture, 0.0, 1.0)
    before, after = (1.0 - share) * contrasts[0], share * contrasts[-1]
    mixed = np.sqrt(np.maximum(before * before + after * after + 2.0 * share * (1.0 - share) * common, 0.0))
    return float((contrasts - mixed).sum() / max(float((before + after - mixed).sum()), 1e-6))


def _fades(signatures: Signatures) -> list[_Span]:
    """Fades through a flat colour, to another picture or back to the same."""
    shapes, contrasts = _shapes(signatures)
    found: list[_Span] = []
    for i in _valleys(contrasts):
        before, after = contrasts[max(0, i - _FADE_FRAMES) : i], contrasts[i + 1 : i + 1 + _FADE_FRAMES]
        lowest = min(before.max(), after.max())
        if lowest < _LEAST_CONTRAST or contrasts[i] > _FLAT * lowest:
            continue
        # The picture as it was before it faded, and as it is when the next has come.
        first, last = i - 1 - _risen(before[::-1]), i + 1 + _risen(after)
        steps = np.abs(np.diff(contrasts[first : last + 1]))
        # Compared where they are darkest and can just be told: a camera may move on while the light goes and comes.
        seen = np.flatnonzero(contrasts >= max(_SEEN * lowest, _SEEN_LEVELS))
        one, other = seen[seen < i][-1], seen[seen > i][0]
        alike = float((shapes[one] * shapes[other]).mean() / (contrasts[one] * contrasts[other]))
        if steps.max() <= _JUMP * max(contrasts[first], contrasts[last]):
            found.append(_Span(-float(last - first), first, last, i, alike < _SAME_PICTURE))
    return _apart(found)


def _risen(contrasts: NDArray[np.float32]) -> int:
    """Where contrasts that rise have risen: the index of the first frame that is as good as whole."""
    whole = float(contrasts.max())
    i = int(np.argmax(contrasts >= _WHOLE * whole))
    while i + 1 < len(contrasts) and contrasts[i + 1] - contrasts[i] > _STEADY * whole:
        i += 1
    return i


def _valleys(contrasts: NDArray[np.float32]) -> list[int]:
    """Middles of the runs whose contrast is lower than that of both neighbours."""
    valleys: list[int] = []
    i, last = 1, len(contrasts) - 1
    while i < last:
        stop = i
        while stop < last and contrasts[stop + 1] == contrasts[i]:
            stop += 1
        if stop < last and contrasts[i - 1] > contrasts[i] < contrasts[stop + 1]:
            valleys.append((i + stop + 1) // 2)
        i = stop + 1
    return valleys


def _shapes(signatures: Signatures) -> tuple[Signatures, NDArray[np.float32]]:
    """Signatures without the mean of each channel, and their root mean squares, the contrasts."""
    pictures = signatures.reshape(len(signatures), -1, 3)
    shapes = (pictures - pictures.mean(axis=1, keepdims=True)).reshape(len(signatures), -1)
    return shapes, np.asarray(np.sqrt(np.square(shapes).mean(axis=1)), np.float32)
