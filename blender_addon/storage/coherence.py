# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the frames of a painting hold together, as the worker measured it while it painted. Free of bpy.

The figures lie beside the painted frames, one JSON object a line, as ``core/quality.py`` describes them. Warp error is
the mean squared change along the source's motion (Lai et al. 2018).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

FILE_NAME = "quality.jsonl"

APART = 8
"""Frames within which two places count as one."""

# Of 72 and 96 frames of two calm clips, painted and settled, the median of warp error is 0.0003 and 0.0005, the worst
# 0.0010 and 0.0006; painted frame by frame the second has 0.0016. A clip of fast motion has a median of 0.0036.
_POOR_TIMES = 2.5
_POOR_RANGE = (0.0008, 0.0020)
_POOR_FLICKER = 0.01  # of the brightness, 0 … 1; the largest of the calm clips was 0.004
_LITTLE_CARRIED = 0.9
_NEAR_START = 3  # frames after a cut in which there is little paint to carry


@dataclasses.dataclass(frozen=True)
class Figures:
    """Figures of one frame; None where there was nothing to measure."""

    warp_error: float | None
    flicker: float | None
    confidence: float | None


@dataclasses.dataclass(frozen=True)
class Coherence:
    """The figures of a painting, by frame_index."""

    figures: Mapping[int, Figures]

    @functools.cached_property
    def usual(self) -> float | None:
        """The median of warp error; None where it was measured nowhere."""
        measured = [one.warp_error for one in self.figures.values() if one.warp_error is not None]
        return statistics.median(measured) if measured else None

    @property
    def limit(self) -> float:
        """The warp error from which on a frame counts as poor."""
        low, high = _POOR_RANGE
        return min(high, max(low, _POOR_TIMES * (self.usual or 0.0)))

    @functools.cached_property
    def starts(self) -> frozenset[int]:
        """frame_index of the first frame of each shot. It is told by what could not be measured across the cut."""
        known = self.figures
        silent = {i for i in known if i - 1 in known and i + 1 in known and known[i].flicker is None}
        inner = {i for i in silent if i - 1 in silent and known[i].warp_error is None}
        return frozenset(inner | ({0} & known.keys()))

    def badness(self, index: int) -> float:
        """How far a frame is from holding together: poor from 1 on; 0 where nothing is known of it."""
        one = self.figures.get(index)
        if one is None:
            return 0.0
        return max((one.warp_error or 0.0) / self.limit, (one.flicker or 0.0) / _POOR_FLICKER)

    def is_poor(self, index: int) -> bool:
        """True for a frame that is worth a look."""
        return self.badness(index) >= 1.0

    def reason(self, index: int) -> str:
        """Why a frame is as it is, as the second half of a sentence."""
        one = self.figures[index]
        parts = []
        if one.warp_error is not None and self.usual:
            times = one.warp_error / self.usual
            said = "as usual" if 0.95 < times < 1.05 else f"{times:.1f} times the usual"
            parts.append(f"the paint changes {said} along the motion (warp error {one.warp_error:.5f})")
        if one.flicker is not None and one.flicker >= _POOR_FLICKER:
            parts.append(f"its brightness jumps by {100.0 * one.flicker:.1f} %")
        if one.confidence is not None and one.confidence < _LITTLE_CARRIED:
            parts.append(f"only {100.0 * one.confidence:.0f} % of it is paint carried from its neighbours")
        start = max((first for first in self.starts if first <= index), default=None)
        if start and start < index <= start + _NEAR_START:
            parts.append("the cut just before it leaves little paint to carry")
        if start == index:
            parts.append("a shot begins here, across which nothing is carried")
        return "; ".join(parts) or "nothing could be measured here"


def read(path: Path) -> Coherence:
    """The figures in a file. Where there is no such file, or it is damaged, none are known."""
    figures = {}
    try:
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            values = (record[name] for name in ("warp_error", "flicker", "confidence"))
            figures[int(record["frame"])] = Figures(*(None if value is None else float(value) for value in values))
    except (OSError, ValueError, KeyError, TypeError):
        return Coherence({})
    return Coherence(figures)


@dataclasses.dataclass(frozen=True)
class Place:
    """A frame of a painting on the timeline.

    Attributes:
        timeline_frame: where it is seen.
        badness: as of ``Coherence.badness``.
        sentence: which frame it is, and why.
    """

    timeline_frame: int
    badness: float
    sentence: str = ""


def next_worst(places: Iterable[Place], visited: Sequence[int]) -> Place | None:
    """The worst place that is some frames away from all that were visited; None when there is none left.

    Args:
        places: the frames that are seen.
        visited: timeline_frames of places that were shown already.
    """
    left = (one for one in places if all(abs(one.timeline_frame - frame) >= APART for frame in visited))
    return max(left, key=lambda one: (one.badness, -one.timeline_frame), default=None)


def sure_frame(frames: Sequence[int]) -> int:
    """Of the timeline_frames that show one picture of a slowed strip the one at which Blender surely renders it.

    It takes the picture nearest to where the strip stands, and keeps it for all that begins with the same whole number:
    in the first half of the frames, rendered in order, the picture before is still to be seen.
    """
    return frames[min(len(frames) - 1, len(frames) // 2 + 1)]


def height(badness: float) -> float:
    """Where a frame's point stands in the curve, 0 … 1: the limit to what is poor in the middle, four times as bad at
    the top."""
    return min(1.0, 0.5 * math.sqrt(badness))


def line_of(found: Coherence, shown: Mapping[int, int]) -> list[tuple[tuple[float, float], tuple[float, float], bool]]:
    """The pieces of the curve: from, to, and whether it is poor; x in timeline_frames, y in 0 … 1.

    There is none beside a frame of which nothing is known, as at the start of a shot.

    Args:
        found: the figures.
        shown: frame_index by timeline_frame.
    """
    pieces = []
    for one, other in itertools.pairwise(sorted(shown)):
        bad, next_bad = found.badness(shown[one]), found.badness(shown[other])
        if other == one + 1 and bad > 0.0 and next_bad > 0.0:
            ends = (one + 0.5, height(bad)), (other + 0.5, height(next_bad))
            pieces.append((*ends, max(bad, next_bad) >= 1.0))
    return pieces
