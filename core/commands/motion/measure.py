# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures estimators and masks against true motion. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ...flow.grid import grid_size
from ...flow.motion import FlowEstimator, Motion
from ...warp import resize_flow, warp
from .masks import Way
from .truth import Pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A mask lies on a grid of half the frame's size: its rim cannot be nearer to the truth than this many pixels.
_RIM = 2


@dataclasses.dataclass(frozen=True)
class FlowFigures:
    """How near an estimator comes, over some pairs.

    Attributes:
        seen: mean end-point error in pixels of the frame, where the point is seen in both frames.
        everywhere: the same everywhere.
        milliseconds: processor time for a pair, both ways, on one core.
    """

    seen: float
    everywhere: float
    milliseconds: float


@dataclasses.dataclass(frozen=True)
class MaskFigures:
    """How well a mask tells what is hidden, over some pairs.

    Attributes:
        recall: share of what is hidden that it marks.
        precision: share of what it marks that is hidden.
        precision_near: the same, where two pixels beside what is hidden count as hidden.
        milliseconds: processor time for a mask, on one core.
    """

    recall: float
    precision: float
    precision_near: float
    milliseconds: float


def estimated(estimator: FlowEstimator, pairs: Sequence[Pair]) -> tuple[list[Motion], FlowFigures]:
    """The motion of each pair, and how near it is to the truth."""
    motions, seen, everywhere, seconds = [], [], [], []
    for pair in pairs:
        started = time.process_time()
        motions.append(estimator.estimate(pair.prev, pair.cur))
        seconds.append(time.process_time() - started)
        flow = resize_flow(motions[-1].flow_cur_to_prev, *pair.cur.shape[:2])
        error = np.hypot(*(flow - pair.flow_cur_to_prev))
        seen.append(float(error[~pair.occlusion_mask].mean()))
        everywhere.append(float(error.mean()))
    return motions, FlowFigures(_mean(seen), _mean(everywhere), 1e3 * _mean(seconds))


def judged(way: Way, pairs: Sequence[Pair], motions: Sequence[Motion]) -> MaskFigures:
    """How well a way to tell what is hidden does with these motions. What nothing is hidden in has no recall."""
    found = hidden = marked = marked_near = 0
    seconds = []
    around = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    for pair, motion in zip(pairs, motions, strict=True):
        height, width = pair.cur.shape[:2]
        small = [_at_size(picture, *grid_size(height, width)) for picture in (pair.prev, pair.cur)]
        started = time.process_time()
        mask = way(motion, *small)
        seconds.append(time.process_time() - started)
        full = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        near = cv2.dilate(pair.occlusion_mask.astype(np.uint8), around) > 0
        found += int((full & pair.occlusion_mask).sum())
        hidden += int(pair.occlusion_mask.sum())
        marked += int(full.sum())
        marked_near += int((full & near).sum())
    return MaskFigures(_share(found, hidden), _share(found, marked), _share(marked_near, marked), 1e3 * _mean(seconds))


def photometric_error(pairs: Sequence[Pair]) -> tuple[float, float]:
    """How well the truth itself explains the pictures: the mean difference, in levels of 255, between cur and prev
    carried along the true flow, where it is seen and where it is hidden."""
    seen, hidden = [], []
    for pair in pairs:
        carried = warp(pair.prev, pair.flow_cur_to_prev)
        difference = cv2.absdiff(carried, pair.cur).mean(axis=2)
        seen.append(float(difference[~pair.occlusion_mask].mean()))
        if pair.occlusion_mask.any():
            hidden.append(float(difference[pair.occlusion_mask].mean()))
    return _mean(seen), _mean(hidden)


def cut_between(before: Sequence[Pair], after: Sequence[Pair]) -> Pair:
    """A cut from one scene to another: nothing of cur was in prev, and no flow is right."""
    cur = after[0].cur
    return Pair(before[-1].cur, cur, np.zeros((2, *cur.shape[:2]), np.float32), np.ones(cur.shape[:2], np.bool_))


def _at_size(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
