# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a clip: what is told, what is painted, and how well it holds together."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_clips import noisy, panning, texture, write_clip
from painting_jobs import COUNT, PROGRAM_START, Recorder, run

from core.flow.motion import Motion
from core.metrics import sharpness, warp_error
from core.paint.feedforward import FeedForwardPainter
from core.storage.frames import Clip, Frame, read_frame, write_frame


def test_every_frame_is_announced_once_and_progress_reaches_the_end(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    watch = Recorder()
    summary = run(clip, painter, tmp_path / "out", tmp_path / "cache", watch=watch)
    assert sorted(index for index, _, _ in watch.frames) == list(range(COUNT))
    assert not any(reused for _, _, reused in watch.frames)
    assert summary.painted == COUNT and summary.seconds > 0
    stage, done, total, left = watch.stages[-1]
    assert (stage, done, total) == ("Painting", COUNT, COUNT) and left == 0.0
    reading = [done for stage, done, _, _ in watch.stages if stage == "Reading"]
    assert reading == list(range(1, COUNT + 1))


def test_a_shot_of_one_frame_is_painted_by_itself(painter: FeedForwardPainter, tmp_path: Path) -> None:
    tints = np.array([[1.0, 0.2, 0.1], [0.1, 0.9, 0.3], [0.2, 0.1, 1.0]])
    shots = [
        [(frame * tint).astype(np.uint8) for frame in panning(count, seed=seed)]
        for seed, (count, tint) in enumerate(zip((6, 1, 6), tints, strict=True))
    ]
    single = shots[1][0]
    for name, frames, place in (("between", [*shots[0], single, *shots[2]], 6), ("alone", [single], 0)):
        run(write_clip(tmp_path / f"clip {name}", frames), painter, tmp_path / name, tmp_path / "cache")
        painted = read_frame(tmp_path / name / f"{place:06d}.png").rgb
        np.testing.assert_array_equal(painted, painter.paint(single, painter.measure([single])))


def test_without_stability_every_frame_is_painted_by_itself(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    run(clip, painter, tmp_path / "out", tmp_path / "cache", stability=0.0)
    samples = [0, 5, 10, 14, 19]  # five places spread over the shot
    statistics = painter.measure([clip.read(i).rgb for i in samples])
    for i in (0, 3, 8, 19):
        alone = painter.paint(clip.read(i).rgb, statistics)
        painted = read_frame(tmp_path / "out" / f"{i:06d}.png").rgb
        # The shot's sample places may round otherwise; a painting of it differs by little, another one by far more.
        assert np.abs(painted.astype(int) - alone).mean() < 2.0
    assert not (tmp_path / "cache" / "stages" / "flow").exists(), "no motion is looked at"


def test_motion_that_is_wrong_everywhere_falls_back_to_own_painting(
    painter: FeedForwardPainter, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    clip = write_clip(tmp_path / "clip", [rng.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(9)])
    paintings = {}
    for way, stability in (("settled", 1.0), ("alone", 0.0)):
        run(clip, painter, tmp_path / way, tmp_path / "cache", stability=stability)
        paintings[way] = [read_frame(tmp_path / way / f"{i:06d}.png").rgb.astype(int) for i in range(len(clip))]
    alone, settled = paintings["alone"], paintings["settled"]
    strange = np.mean([np.abs(one - other).mean() for one, other in itertools.pairwise(alone)])
    for own, shown in zip(alone, settled, strict=True):
        # A patch of noise may look like another by chance, and be trusted; a whole picture never does.
        assert np.abs(shown - own).mean() < 0.1 * strange


def test_the_alpha_of_the_source_is_kept(painter: FeedForwardPainter, tmp_path: Path) -> None:
    alphas = [frame[..., 0] for frame in panning(10, seed=3)]
    clip = write_clip(tmp_path / "clip", panning(10), alphas)
    run(clip, painter, tmp_path / "out", tmp_path / "cache")
    for i, alpha in enumerate(alphas):
        found = read_frame(tmp_path / "out" / f"{i:06d}.png").alpha
        assert found is not None
        np.testing.assert_array_equal(found, alpha)
    # The same colours under another alpha are another picture: nothing of the first result may be reused for it.
    opaque = write_clip(tmp_path / "opaque", panning(10))
    run(opaque, painter, tmp_path / "opaque out", tmp_path / "cache")
    assert all(read_frame(tmp_path / "opaque out" / f"{i:06d}.png").alpha is None for i in range(10))


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (31, 2), (33, 47)])
def test_odd_and_tiny_sizes(painter: FeedForwardPainter, tmp_path: Path, size: tuple[int, int]) -> None:
    clip = write_clip(tmp_path / "clip", panning(5, *size, (1, 0)))
    assert run(clip, painter, tmp_path / "out", tmp_path / "cache", anchor_spacing=4).painted == 5
    assert all(read_frame(path).size == size for path in (tmp_path / "out").iterdir())


def test_nothing_wanted_is_nothing_done(clip: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    summary = run(clip, painter, tmp_path / "out", tmp_path / "cache", wanted=())
    assert (summary.painted, summary.reused) == (0, 0) and not (tmp_path / "out").exists()


def test_settling_halves_the_warp_error_at_the_same_sharpness(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """On a moving camera with noise, measured along the true motion: blur alone would not pass."""
    height, width, step = 96, 160, (2, 1)
    clip = write_clip(tmp_path / "clip", noisy(panning(17, height, width, step), 8.0))
    flow = np.empty((2, height, width), np.float32)
    flow[0], flow[1] = step
    errors, sharp = {}, {}
    for way, stability in (("alone", 0.0), ("settled", 1.0)):
        run(clip, painter, tmp_path / way, tmp_path / "cache", stability=stability)
        painted = [read_frame(tmp_path / way / f"{i:06d}.png").rgb for i in range(17)]
        pairs = itertools.pairwise(painted)
        errors[way] = np.mean([warp_error(prev, cur, Motion(flow, -flow)) for prev, cur in pairs])
        sharp[way] = np.mean([sharpness(picture) for picture in painted])
    assert errors["settled"] < 0.5 * errors["alone"]
    assert sharp["settled"] > 0.9 * sharp["alone"]


def test_memory_does_not_grow_with_the_clip(style: str, tmp_path: Path, repository: Path) -> None:
    program = PROGRAM_START + (
        "import resource\n"
        "folder, count = Path(sys.argv[3]), int(sys.argv[4])\n"
        "clip = Clip(Clip.from_folder(folder / 'clip').paths[:count])\n"
        "run(clip, painter, folder / f'out{count}', folder / f'cache{count}')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    if sys.platform == "win32":
        pytest.skip("Windows does not tell the peak of memory this way")
    # 200 more frames of 120x160 would take 11 MB if their sources were kept, and as much again for their paintings.
    # Two blocks between keys are in hand from the first 120 frames on.
    long = panning(320, 120, 160, (1, 0))
    write_clip(tmp_path / "clip", long)
    peaks = []
    for count in (120, 320):
        arguments = map(str, (Path(__file__).parent, style, tmp_path, count))
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / (1e6 if sys.platform == "darwin" else 1e3))
    assert peaks[1] - peaks[0] < 5.0, f"{peaks} MB"


def test_a_source_is_read_only(painter: FeedForwardPainter, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip", panning(5))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in clip.paths}
    run(clip, painter, tmp_path / "out", tmp_path / "cache")
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (tmp_path / "clip").iterdir()} == before


def test_frames_are_written_as_frames(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """16-bit and grey sources are painted like their 8-bit colours."""
    write_frame(tmp_path / "clip" / "a.png", Frame(texture(40, 40)))
    run(Clip.from_folder(tmp_path / "clip"), painter, tmp_path / "out", tmp_path / "cache")
    assert read_frame(tmp_path / "out" / "000000.png").size == (40, 40)
