# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes between keys: the last block of a shot holds its first key's paint to the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from made_clips import noisy, texture, write_clip
from painting_jobs import run

from core.paint.feedforward import FeedForwardPainter
from core.storage.frames import read_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH = 72, 96


def painted(
    frames: list[NDArray[np.uint8]], painter: FeedForwardPainter, folder: Path, stability: float
) -> list[NDArray[np.uint8]]:
    clip = write_clip(folder / "clip", noisy(frames, 4.0))
    run(clip, painter, folder / "out", folder / "cache", stability=stability)
    return [read_frame(path).rgb.astype(np.int16) for path in sorted((folder / "out").iterdir())]


def test_a_short_shot_shows_the_strokes_of_its_first_frame_to_the_end(
    painter: FeedForwardPainter, tmp_path: Path
) -> None:
    still = [texture(HEIGHT, WIDTH)] * 20
    apart = {}
    for stability in (0.0, 1.0):
        frames = painted(still, painter, tmp_path / str(stability), stability)
        apart[stability] = float(np.abs(frames[-1] - frames[0]).mean())
    assert apart[1.0] < 0.25 * apart[0.0]


def test_what_the_first_frame_does_not_show_comes_from_the_last(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """A wall, before which something stands for the first half of the shot."""
    wall = texture(HEIGHT, WIDTH)
    hidden = wall.copy()
    hidden[20:52, 30:66] = 255 - wall[20:52, 30:66]
    frames = painted([hidden] * 10 + [wall] * 10, painter, tmp_path / "held", 1.0)
    alone = painted([hidden] * 10 + [wall] * 10, painter, tmp_path / "alone", 0.0)
    inside = (slice(28, 44), slice(38, 58))
    own = float(np.abs(alone[-1] - alone[0])[inside].mean())
    assert float(np.abs(frames[-1] - alone[-1])[inside].mean()) < 0.35 * own
