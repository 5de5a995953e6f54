# SPDX-License-Identifier: GPL-3.0-or-later
"""How well each frame holds together, measured while it is painted, from what is in hand. Free of bpy and torch.

The figures of a job lie beside its frames, in ``quality.jsonl``, one JSON object a line in the order of the frames:

    {"frame": 12, "warp_error": 0.00041, "flicker": 0.0003, "confidence": 0.93}

``frame`` is the frame_index, from 0. ``warp_error`` is how much the painting changed from the frame before on what is
painted (mean squared difference, 0 … 1, along the source's motion at the flow's resolution, before a colour lock);
``flicker`` how much its mean brightness turns against both neighbours (0 … 1); ``confidence`` how much of the frame
is carried paint (0 … 1). ``null`` where there is nothing to measure: at the start of a shot, beside a frame that is not
painted, in a frame painted by itself, and for the warp error where no motion was looked at, as where held strokes
change. The file is replaced whole now and then while the job runs, and at its end.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .flow.grid import at_flow_size
from .shots.cuts import Shot
from .storage.cache import Cache
from .storage.whole_file import write_whole
from .warp import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .settling.settle import Link

FILE_NAME = "quality.jsonl"

_STAGE = "quality"
_WRITE_SECONDS = 2.0
_MOST_WAITING = 112  # small paintings whose neighbours are not painted yet
_SEEN = 128  # of 255: below, a place counts as hidden in the frame before


@dataclasses.dataclass(frozen=True)
class FrameQuality:
    """Figures of one frame; see the module. None where there is nothing to measure."""

    frame: int
    warp_error: float | None
    flicker: float | None
    confidence: float | None


@dataclasses.dataclass
class _Known:
    """What is known of a frame so far; what the cache keeps of it."""

    brightness: float
    confidence: float | None
    warp_error: float | None = None


class QualityMeter:
    """Gathers the figures of a job. Frames may come in any order and from several threads.

    Args:
        shots: of the clip; nothing is measured across a cut.
        cache: keeps the figures of frames, for jobs that reuse them.
        target: the file; None writes none.
    """

    def __init__(self, shots: Sequence[Shot], cache: Cache, target: Path | None) -> None:
        self._starts = {shot.start for shot in shots}
        self._cache = cache
        self._target = target
        self._lock = threading.Lock()
        self._known: dict[int, _Known] = {}
        self._keys: dict[int, str] = {}
        self._small: dict[int, NDArray[np.uint8]] = {}
        self._steps: dict[int, Link] = {}
        self._written = time.monotonic()

    def recall(self, frame_index: int, key: str) -> None:
        """Take over the figures of a frame that is reused, as they were measured when it was painted."""
        stored = self._cache.read(_STAGE, key, ".bin")
        if stored is not None:
            with self._lock:
                self._known[frame_index] = _Known(**json.loads(stored))

    def add(
        self,
        frame_index: int,
        key: str,
        picture: NDArray[np.uint8],
        confidence: float | None,
        steps: Mapping[int, Link],
    ) -> None:
        """Measure a frame that was just painted, and what its neighbours waited for.

        Args:
            key: of the settled frame.
            picture: (H, W, 3) uint8.
            confidence: share of carried paint; None where nothing was carried.
            steps: the way of frames, by index, to the frame before each; at least of this one where it is known.
        """
        small = at_flow_size(picture)
        known = _Known(float(np.mean(cv2.mean(small)[:3])) / 255.0, confidence)
        with self._lock:
            self._known[frame_index], self._keys[frame_index] = known, key
            self._small[frame_index] = small
            self._steps.update(steps)
            while len(self._small) > _MOST_WAITING:
                oldest = next(iter(self._small))
                del self._small[oldest]
                self._steps.pop(oldest, None)
            pairs = [self._pair(i) for i in (frame_index, frame_index + 1)]
        for pair in pairs:
            if pair is not None:
                self._measure(*pair)
        self._keep(frame_index)

    def figures(self) -> tuple[FrameQuality, ...]:
        """All that is known, in the order of the frames."""
        with self._lock:
            known = dict(self._known)
        return tuple(
            FrameQuality(i, one.warp_error, self._flicker(i, known), one.confidence) for i, one in sorted(known.items())
        )

    def write(self, *, at_once: bool = True) -> None:
        """Replace the file; if not at once, then only when it is some seconds old."""
        if self._target is None or (not at_once and time.monotonic() - self._written < _WRITE_SECONDS):
            return
        self._written = time.monotonic()
        lines = [json.dumps(dataclasses.asdict(figures)) + "\n" for figures in self.figures()]
        write_whole(self._target, "".join(lines).encode(), lasting=False)

    def _pair(self, frame_index: int) -> tuple[int, NDArray[np.uint8], NDArray[np.uint8], Link] | None:
        """A frame with the one before it and the way there, once all are there."""
        before, after, step = self._small.get(frame_index - 1), self._small.get(frame_index), None
        if before is not None and after is not None and frame_index not in self._starts:
            step = self._steps.pop(frame_index, None)
        return None if step is None or before is None or after is None else (frame_index, before, after, step)

    def _measure(self, frame_index: int, before: NDArray[np.uint8], after: NDArray[np.uint8], step: Link) -> None:
        difference = cv2.absdiff(warp(before, step.flow.astype(np.float32)), after)
        squared = cv2.multiply(difference, difference, dtype=cv2.CV_32F)
        seen = (step.visible >= _SEEN).astype(np.uint8)
        if cv2.countNonZero(seen):
            self._known[frame_index].warp_error = round(float(np.mean(cv2.mean(squared, seen)[:3])) / 255.0**2, 8)
            self._keep(frame_index)

    def _keep(self, frame_index: int) -> None:
        with self._lock:  # the other neighbour's thread may know more, and must not be overwritten
            record = json.dumps(dataclasses.asdict(self._known[frame_index])).encode()
            self._cache.write(_STAGE, self._keys[frame_index], ".bin", record, lasting=False)

    def _flicker(self, frame_index: int, known: dict[int, _Known]) -> float | None:
        """The second difference of brightness; none across a cut."""
        if not {frame_index - 1, frame_index + 1} <= known.keys() or {frame_index, frame_index + 1} & self._starts:
            return None
        before, here, after = (known[i].brightness for i in range(frame_index - 1, frame_index + 2))
        return round(abs(before - 2.0 * here + after), 8)


def read_quality(path: Path) -> tuple[FrameQuality, ...]:
    """The figures of a job's file; none where there is no file."""
    if not path.is_file():
        return ()
    return tuple(FrameQuality(**json.loads(line)) for line in path.read_text("utf-8").splitlines())


def summary_line(figures: Sequence[FrameQuality], first: int = 0) -> str:
    """The figures of a clip as one sentence for a person; empty when nothing could be measured.

    Args:
        first: number of the clip's first frame where the person counts them.
    """
    errors = [(one.warp_error, one.frame) for one in figures if one.warp_error is not None]
    if not errors:
        return ""
    worst, frame = max(errors)
    parts = [f"Warp error {np.mean([error for error, _ in errors]):.6f} (worst {worst:.6f}, frame {frame + first})"]
    turns = [one.flicker for one in figures if one.flicker is not None]
    if turns:
        parts.append(f"flicker {np.mean(turns):.6f}")
    shares = [one.confidence for one in figures if one.confidence is not None]
    if shares:
        parts.append(f"{100.0 * np.mean(shares):.0f} % carried paint")
    return ", ".join(parts) + "."
