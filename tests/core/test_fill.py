# SPDX-License-Identifier: GPL-3.0-or-later
"""Own paint handed on: it holds where no anchor gives any, and not along the rim of another motion."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from made_clips import noisy, texture, write_clip
from painting_jobs import run

from core.paint.feedforward import FeedForwardPainter
from core.settling.fill import within_one_motion
from core.settling.settle import Carried
from core.storage.frames import read_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH = 96, 128
PATCH = (slice(24, 72), slice(40, 88))
INSIDE = (slice(36, 60), slice(52, 76))
SEEN = range(2, 7)  # between two anchors


def trusted(confidence: float) -> Carried:
    return Carried(np.zeros((2, HEIGHT, WIDTH), np.float32), np.full((HEIGHT, WIDTH), confidence, np.float32))


def test_half_trusted_paint_is_not_mixed() -> None:
    assert within_one_motion(trusted(0.2)).flow_confidence.max() == 0.0
    assert within_one_motion(trusted(0.8)).flow_confidence.min() == 1.0


def test_nothing_is_handed_on_along_the_rim_of_another_motion() -> None:
    carried = trusted(1.0)
    carried.flow[0, :, WIDTH // 2 :] = 4.0
    trust = within_one_motion(carried).flow_confidence
    rim = slice(WIDTH // 2 - 2, WIDTH // 2 + 2)
    assert trust[:, rim].max() == 0.0
    assert trust[:, : WIDTH // 2 - 8].min() == trust[:, WIDTH // 2 + 8 :].min() == 1.0


def test_a_motion_that_turns_and_zooms_is_one_motion() -> None:
    carried = trusted(1.0)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    carried.flow[0], carried.flow[1] = 0.03 * x - 0.05 * y, 0.05 * x + 0.03 * y  # three degrees and 3 %
    assert within_one_motion(carried).flow_confidence.min() == 1.0


def test_what_is_seen_between_two_anchors_alone_holds_its_paint(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """A picture on a wall that is there for five frames, all under noise."""
    wall, shown = texture(HEIGHT, WIDTH, seed=1), texture(HEIGHT, WIDTH, seed=2)
    frames = [wall.copy() for _ in range(9)]
    for i in SEEN:
        frames[i][PATCH] = 255 - shown[PATCH]
    clip = write_clip(tmp_path / "clip", noisy(frames, 4.0))
    change = {}
    for stability in (0.0, 1.0):
        run(clip, painter, tmp_path / f"out{stability}", tmp_path / "cache", stability=stability)
        change[stability] = turned(tmp_path / f"out{stability}")
    assert change[1.0] < 0.4 * change[0.0]


def turned(output: Path) -> float:
    """The mean change of the picture's middle from frame to frame, while it is there."""
    painted: list[NDArray[np.uint8]] = [read_frame(path).rgb[INSIDE] for path in sorted(output.iterdir())]
    seen = [painted[i].astype(int) for i in SEEN]
    return float(np.mean([np.abs(one - other).mean() for one, other in itertools.pairwise(seen)]))
