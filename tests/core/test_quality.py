# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of frames, measured while they are painted: true, whole, the same when frames are reused, and cheap."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from made_clips import noisy, panning, texture, write_clip
from painting_jobs import Recorder, run

from core.errors import Cancelled
from core.flow.dis import DisFlow
from core.metrics import flicker, warp_error
from core.paint.feedforward import FeedForwardPainter
from core.quality import FILE_NAME, FrameQuality, QualityMeter, read_quality, summary_line
from core.settling.settle import Link
from core.shots.cuts import Shot
from core.storage.cache import Cache
from core.storage.frames import Clip, Frame, encode_png, read_frame

HEIGHT, WIDTH, COUNT = 96, 160, 26


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A camera that moves, and stumbles now and then; cut in the middle."""
    one, other = (panning(COUNT // 2, HEIGHT, WIDTH, step, seed) for seed, step in enumerate(((2, 1), (0, 1))))
    frames = noisy([*one, *(frame // 3 for frame in other)], 6.0)
    for stumble in (4, 5, 18, 21):
        frames[stumble] = texture(HEIGHT, WIDTH, stumble) // (1 if stumble < COUNT // 2 else 3)
    return write_clip(tmp_path_factory.mktemp("moving"), frames)


def test_the_figures_are_those_of_the_research_bench(moving: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    """Measured at half the size along rounded flow, so nearly; and nothing is measured across the cut."""
    run(moving, painter, tmp_path / "out", tmp_path / "cache", quality=tmp_path / FILE_NAME)
    figures = read_quality(tmp_path / FILE_NAME)
    assert [one.frame for one in figures] == list(range(COUNT))
    painted = [read_frame(path).rgb for path in sorted((tmp_path / "out").iterdir())]
    cut = COUNT // 2
    assert [one.frame for one in figures if one.warp_error is None] == [0, cut]
    assert [one.frame for one in figures if one.flicker is None] == [0, cut - 1, cut, COUNT - 1]
    true = {
        i: warp_error(painted[i - 1], painted[i], DisFlow().estimate(moving.read(i - 1).rgb, moving.read(i).rgb))
        for i in range(1, COUNT)
        if i != cut
    }
    found = {one.frame: one.warp_error for one in figures if one.warp_error is not None}
    assert np.corrcoef([true[i] for i in found], list(found.values()))[0, 1] > 0.8
    assert 0.3 < sum(found.values()) / sum(true.values()) < 1.5
    turns = [one.flicker for one in figures if one.flicker is not None]
    expected = (flicker(painted[:cut]) + flicker(painted[cut:])) / 2
    assert np.mean(turns) == pytest.approx(expected, rel=0.1)
    shares = [one.confidence for one in figures if one.confidence is not None]
    assert 0.3 < np.mean(shares) <= 1.0


def test_what_stands_still_changes_by_nothing(painter: FeedForwardPainter, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip", [texture(HEIGHT, WIDTH)] * 10)
    run(clip, painter, tmp_path / "out", tmp_path / "cache", quality=tmp_path / FILE_NAME)
    figures = read_quality(tmp_path / FILE_NAME)
    assert {one.warp_error for one in figures[1:]} == {0.0}
    assert {one.flicker for one in figures[1:-1]} == {0.0}


def test_frames_that_are_reused_keep_their_figures(moving: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    run(moving, painter, tmp_path / "out", tmp_path / "cache", quality=tmp_path / "one.jsonl")
    watch = Recorder()
    run(moving, painter, tmp_path / "out", tmp_path / "cache", quality=tmp_path / "two.jsonl", watch=watch)
    assert all(reused for _, _, reused in watch.frames)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_where_held_strokes_change_no_motion_is_in_hand(
    moving: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    run(moving, painter, tmp_path / "out", tmp_path / "c", quality=tmp_path / FILE_NAME, hold_strokes="twos")
    first_of_shot = 0, COUNT // 2
    for one in read_quality(tmp_path / FILE_NAME):
        place = one.frame - max(start for start in first_of_shot if start <= one.frame)
        assert (one.warp_error is None) == (place % 2 == 0)


def test_a_stopped_job_leaves_the_figures_of_what_it_painted(
    moving: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        run(moving, painter, tmp_path / "out", tmp_path / "c", quality=tmp_path / FILE_NAME, watch=Recorder(3))
    frames = [json.loads(line)["frame"] for line in (tmp_path / FILE_NAME).read_text().splitlines()]
    assert len(frames) >= 3 and {f"{i:06d}.png" for i in frames} >= {p.name for p in (tmp_path / "out").iterdir()}


def test_the_worst_frame_is_told() -> None:
    figures = [FrameQuality(0, None, None, None), FrameQuality(1, 0.01, 0.0, 0.9), FrameQuality(2, 0.03, None, 1.0)]
    assert (
        summary_line(figures) == "Warp error 0.020000 (worst 0.030000, frame 2), flicker 0.000000, 95 % carried paint."
    )
    assert "frame 102)" in summary_line(figures, 100)
    assert summary_line(figures[:1]) == "" and summary_line([]) == ""


def test_measuring_a_frame_takes_less_than_half_of_encoding_it(tmp_path: Path) -> None:
    """At 640x360; both on the same machine in the same moments, the fastest of many."""
    still = Link.of(np.zeros((2, 180, 320), np.float32), np.ones((180, 320), np.float32))
    meter = QualityMeter([Shot(0, 40)], Cache(tmp_path), None)
    pictures = [texture(360, 640, seed) for seed in (0, 1)]
    times, encoding = [], []
    for i in range(40):
        started = time.perf_counter()
        meter.add(i, f"{i:032x}", pictures[i % 2], 0.5, {i: still})
        measured = time.perf_counter()
        encode_png(Frame(pictures[i % 2]))
        times.append(measured - started)
        encoding.append(time.perf_counter() - measured)
    assert min(times[1:]) < 0.5 * min(encoding)
    assert all(one.warp_error for one in meter.figures()[1:])
