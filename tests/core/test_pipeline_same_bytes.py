# SPDX-License-Identifier: GPL-3.0-or-later
"""The same bytes however the work is cut up: in parts, in another order, by two processes, on other machines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from made_clips import panning, write_clip
from painting_jobs import COUNT, PROGRAM_START, Recorder, results, run

from core import crew
from core.paint.feedforward import FeedForwardPainter
from core.storage.frames import Clip


@pytest.mark.parametrize("wanted", [{0}, {5}, {8}, {19}, {3, 4, 9, 17}, set(range(7, 18))])
def test_some_frames_are_the_same_as_of_the_whole(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes], wanted: set[int]
) -> None:
    summary = run(clip, painter, tmp_path / "out", tmp_path / "cache", wanted=wanted)
    assert summary.painted == len(wanted)
    assert results(tmp_path / "out") == {name: whole[name] for name in whole if int(name[:6]) in wanted}


@pytest.mark.parametrize("focus", [0, 10, 19, 500])
def test_the_order_changes_nothing_but_the_order(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes], focus: int
) -> None:
    watch = Recorder()
    run(clip, painter, tmp_path / "out", tmp_path / "cache", focus=focus, watch=watch)
    assert results(tmp_path / "out") == whole
    first = {index for index, _, _ in watch.frames[:4]}
    stretch = {0: range(0, 8), 10: range(8, 16)}.get(focus, range(16, 20))
    assert first <= set(stretch), "the frames around the playhead come first"


def test_two_processes_on_one_cache_give_the_same_bytes(
    clip: Clip, style: str, tmp_path: Path, repository: Path, whole: dict[str, bytes]
) -> None:
    program = PROGRAM_START + (
        "clip, output, cache = Clip.from_folder(Path(sys.argv[3])), Path(sys.argv[4]), Path(sys.argv[5])\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "summary = run(clip, painter, output, cache, focus=int(sys.argv[6]))\n"
        "print(summary.painted + summary.reused)\n"
    )
    processes = []
    for name, focus in (("one", 0), ("two", 19)):
        arguments = [Path(__file__).parent, style, clip.paths[0].parent, tmp_path / name, tmp_path / "cache", focus]
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", program, *map(str, arguments)],
                cwd=repository,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    assert [process.communicate("go\n", timeout=100)[0].strip() for process in processes] == [str(COUNT)] * 2
    assert results(tmp_path / "one") == results(tmp_path / "two") == whole


@pytest.mark.parametrize("again", [slice(0, 5), slice(0, 9), slice(7, 16)])
@pytest.mark.parametrize("longer_first", [True, False])
def test_a_clip_that_shows_a_shot_again_does_not_hang_on_the_order(
    painter: FeedForwardPainter, tmp_path: Path, again: slice, longer_first: bool
) -> None:
    """The other showing is shorter: whose statistics hold for both must not hang on which is painted first."""
    shot, other = panning(16, seed=1), [frame // 2 for frame in panning(6, seed=2)]
    parts = (shot, other, shot[again])
    clip = write_clip(tmp_path / "clip", [frame for part in parts[:: 1 if longer_first else -1] for frame in part])
    for focus in (0, 30):
        run(clip, painter, tmp_path / f"out{focus}", tmp_path / f"cache{focus}", focus=focus)
    assert results(tmp_path / "out0") == results(tmp_path / "out30")


def test_history_never_crosses_a_cut(painter: FeedForwardPainter, tmp_path: Path) -> None:
    first, second = panning(9, seed=1), [frame // 2 for frame in panning(9, seed=2)]
    run(write_clip(tmp_path / "both", [*first, *second]), painter, tmp_path / "of both", tmp_path / "cache")
    run(write_clip(tmp_path / "second", second), painter, tmp_path / "alone", tmp_path / "other cache")
    both, alone = results(tmp_path / "of both"), results(tmp_path / "alone")
    assert [both[f"{i + 9:06d}.png"] for i in range(9)] == [alone[f"{i:06d}.png"] for i in range(9)]


@pytest.mark.parametrize("cores", [1, 5])
def test_the_number_of_cores_changes_nothing(
    clip: Clip,
    painter: FeedForwardPainter,
    tmp_path: Path,
    whole: dict[str, bytes],
    cores: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does it how many frames are painted at once, and in which pieces OpenCV cuts its work."""
    monkeypatch.setattr(crew.cv2, "getNumberOfCPUs", lambda: cores)
    run(clip, painter, tmp_path / "out", tmp_path / "cache")
    assert results(tmp_path / "out") == whole
    monkeypatch.setattr(crew, "_PIXELS_AT_ONCE", 1)
    run(clip, painter, tmp_path / "one by one", tmp_path / "other cache")
    assert results(tmp_path / "one by one") == whole
