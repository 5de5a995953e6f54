# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that end early, by wish or by bad luck: what is finished is kept, and what is wrong is told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from made_clips import panning, texture, write_clip
from painting_jobs import Recorder, results, run

from core.errors import CacheError, Cancelled, MediaError
from core.paint.feedforward import FeedForwardPainter
from core.storage.frames import Clip, read_frame

LONG = 33  # frames; the last of four stretches is not begun before half of them are announced


@pytest.mark.parametrize("stop_after", [1, 9, 15])
def test_a_cancelled_job_keeps_its_frames_and_goes_on_where_it_was(
    painter: FeedForwardPainter, tmp_path: Path, stop_after: int
) -> None:
    clip = write_clip(tmp_path / "clip", panning(LONG))
    run(clip, painter, tmp_path / "whole", tmp_path / "cache of the whole")
    whole = results(tmp_path / "whole")
    watch = Recorder(stop_after)
    with pytest.raises(Cancelled):
        run(clip, painter, tmp_path / "out", tmp_path / "cache", watch=watch)
    kept = results(tmp_path / "out")
    assert stop_after <= len(watch.frames) == len(kept) < LONG
    assert {path.name for _, path, _ in watch.frames} == set(kept)
    assert kept.items() <= whole.items()
    summary = run(clip, painter, tmp_path / "out", tmp_path / "cache")
    assert (summary.painted, summary.reused) == (LONG - len(kept), len(kept))
    assert results(tmp_path / "out") == whole


def test_a_job_cancelled_while_reading_makes_nothing(clip: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    watch = Recorder(stop_after=0)
    with pytest.raises(Cancelled):
        run(clip, painter, tmp_path / "out", tmp_path / "cache", watch=watch)
    assert not watch.frames and not (tmp_path / "out").exists()


def test_frames_of_two_sizes_are_told(painter: FeedForwardPainter, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip", [texture(64, 96), texture(64, 95)])
    with pytest.raises(MediaError, match=r"000001\.png has 95x64 pixels, the first frame 96x64"):
        run(clip, painter, tmp_path / "out", tmp_path / "cache")


def test_a_missing_or_damaged_source_is_named_before_anything_is_painted(
    painter: FeedForwardPainter, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "clip", panning(10))
    for spoil in (clip.paths[7].unlink, lambda: clip.paths[7].write_bytes(b"no picture")):
        spoil()
        with pytest.raises(MediaError, match=r"000007\.png"):
            run(clip, painter, tmp_path / "out", tmp_path / "cache")
        assert not (tmp_path / "out").exists()


def test_a_full_disk_is_told_and_what_is_finished_is_kept(painter: FeedForwardPainter, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "brushflow-test", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a tiny disk needs root on Linux")
    try:
        clip = write_clip(tmp_path / "clip", panning(33))
        watch = Recorder()
        with pytest.raises(CacheError, match="is full") as caught:
            run(clip, painter, disk / "out", disk / "cache", watch=watch)
        assert "Free some space" in caught.value.hint
        assert watch.frames, "some frames fitted"
        for _, path, _ in watch.frames:
            assert read_frame(path).size == (64, 96)
        assert not [path for path in disk.rglob("*.part")]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_result_folder_below_a_file_is_told(clip: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match="Cannot write"):
        run(clip, painter, tmp_path / "file" / "out", tmp_path / "cache", wanted={0})
