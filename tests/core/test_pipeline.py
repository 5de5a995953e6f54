# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a clip: the same bytes however the work is cut up, and only what changed is made again."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_clips import moving_square, noisy, panning, texture, write_clip
from painting_jobs import Recorder, results, run

from core.cache import Cache
from core.colour_lock import lock_colours
from core.errors import CacheError, Cancelled, MediaError
from core.flow.motion import Motion
from core.frames import Clip, Frame, read_frame, write_frame
from core.metrics import sharpness, warp_error
from core.paint.feedforward import FeedForwardPainter

COUNT = 20  # three stretches: anchors 0, 8, 16 and the last frame


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A square that moves over a ground that stands still, with noise: carried paint, new paint and holes."""
    frames, _ = moving_square(COUNT, side=24, step=3)
    return write_clip(tmp_path_factory.mktemp("clip"), noisy(frames, 2.0))


@pytest.fixture(scope="module")
def whole(clip: Clip, painter: FeedForwardPainter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The clip painted in one go on an empty cache."""
    folder = tmp_path_factory.mktemp("whole")
    summary = run(clip, painter, folder / "out", folder / "cache")
    assert (summary.painted, summary.reused) == (COUNT, 0)
    return results(folder / "out")


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


def test_a_second_time_everything_is_reused(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    run(clip, painter, tmp_path / "one", tmp_path / "cache")
    watch = Recorder()
    summary = run(clip, painter, tmp_path / "two", tmp_path / "cache", watch=watch)
    assert (summary.painted, summary.reused) == (0, COUNT)
    assert all(reused for _, _, reused in watch.frames)
    assert results(tmp_path / "one") == results(tmp_path / "two") == whole


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


@pytest.mark.parametrize("stop_after", [1, 9, 15])
def test_a_cancelled_job_keeps_its_frames_and_goes_on_where_it_was(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes], stop_after: int
) -> None:
    watch = Recorder(stop_after)
    with pytest.raises(Cancelled):
        run(clip, painter, tmp_path / "out", tmp_path / "cache", watch=watch)
    kept = results(tmp_path / "out")
    assert stop_after <= len(watch.frames) == len(kept) < COUNT
    assert {path.name for _, path, _ in watch.frames} == set(kept)
    assert kept.items() <= whole.items()
    summary = run(clip, painter, tmp_path / "out", tmp_path / "cache")
    assert (summary.painted, summary.reused) == (COUNT - len(kept), len(kept))
    assert results(tmp_path / "out") == whole


def test_a_job_cancelled_while_reading_makes_nothing(clip: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    watch = Recorder(stop_after=0)
    with pytest.raises(Cancelled):
        run(clip, painter, tmp_path / "out", tmp_path / "cache", watch=watch)
    assert not watch.frames and not (tmp_path / "out").exists()


def test_two_processes_on_one_cache_give_the_same_bytes(
    clip: Clip, style: str, tmp_path: Path, repository: Path, whole: dict[str, bytes]
) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from painting_jobs import run\n"
        "from core.frames import Clip\n"
        "from core.paint.choice import make_painter\n"
        "from core.settings import StylizeSettings\n"
        "from core.weights import ModelLibrary\n"
        "painter = make_painter(StylizeSettings(style=sys.argv[2], engine='opencv'), ModelLibrary())\n"
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


@pytest.mark.parametrize(
    ("changed", "made_again"), [(12, set(range(9, 16))), (16, {*range(9, 16), 16, 17, 18}), (0, {0, *range(1, 8)})]
)
def test_after_a_change_only_its_stretches_are_made_again(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, changed: int, made_again: set[int]
) -> None:
    """A frame between anchors is looked at by its own stretch, an anchor by the two that meet in it."""
    run(clip, painter, tmp_path / "before", tmp_path / "cache")
    frames = [clip.read(i).rgb for i in range(COUNT)]
    frames[changed] = frames[changed].copy()
    frames[changed][10:14, 70:74] = 255
    watch = Recorder()
    summary = run(write_clip(tmp_path / "clip", frames), painter, tmp_path / "after", tmp_path / "cache", watch=watch)
    assert {index for index, _, reused in watch.frames if not reused} == made_again
    assert (summary.painted, summary.reused) == (len(made_again), COUNT - len(made_again))
    fresh = tmp_path / "fresh"
    assert results(tmp_path / "after").keys() == results(tmp_path / "before").keys()
    run(write_clip(fresh / "clip", frames), painter, fresh / "out", tmp_path / "cache")
    assert results(fresh / "out") == results(tmp_path / "after")


def test_other_settings_paint_anew_and_coming_back_is_free(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    run(clip, painter, tmp_path / "a", tmp_path / "cache")
    for settings in ({"stability": 0.5}, {"anchor_spacing": 5}):
        summary = run(clip, painter, tmp_path / "b", tmp_path / "cache", **settings)
        assert summary.painted > COUNT / 2
    assert run(clip, painter, tmp_path / "a", tmp_path / "cache").reused == COUNT


def test_a_colour_lock_keeps_the_light_takes_the_sources_colours_and_paints_nothing_anew(
    clip: Clip,
    painter: FeedForwardPainter,
    tmp_path: Path,
    whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(clip, painter, tmp_path / "free", tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.delattr(FeedForwardPainter, "paint")
        assert run(clip, painter, tmp_path / "locked", tmp_path / "cache", colour_lock=1.0).painted == COUNT
        assert run(clip, painter, tmp_path / "half", tmp_path / "cache", colour_lock=0.5).painted == COUNT
        assert run(clip, painter, tmp_path / "free", tmp_path / "cache").reused == COUNT
    for i in range(COUNT):
        settled, locked = (read_frame(tmp_path / way / f"{i:06d}.png").rgb for way in ("free", "locked"))
        np.testing.assert_array_equal(locked, lock_colours(settled, clip.read(i).rgb, 1.0))
        assert np.abs(locked.astype(int) - settled).mean() > 5
    assert results(tmp_path / "free") == whole
    run(clip, painter, tmp_path / "again", tmp_path / "other", colour_lock=1.0, focus=13, wanted=range(9, COUNT))
    again, locked = results(tmp_path / "again"), results(tmp_path / "locked")
    assert again == {name: locked[name] for name in again}, "the same bytes, in whatever order and company"


def test_damaged_files_of_the_cache_are_made_again(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    run(clip, painter, tmp_path / "out", tmp_path / "cache")
    for path in [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]:
        data = path.read_bytes()
        path.unlink()  # results may be names of the same file; they are not what is damaged here
        path.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 8]) + data[len(data) // 2 + 1 :])
    assert results(tmp_path / "out") == whole
    summary = run(clip, painter, tmp_path / "again", tmp_path / "cache")
    assert (summary.painted, summary.reused) == (COUNT, 0)
    assert results(tmp_path / "again") == whole


def test_a_cache_of_one_byte_still_paints(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    for _ in range(2):
        summary = run(clip, painter, tmp_path / "out", tmp_path / "cache", limit_bytes=1)
        assert summary.painted == COUNT
        assert results(tmp_path / "out") == whole, "what the result strip shows is not evicted"
        assert Cache(tmp_path / "cache").size_bytes() == 0


def test_a_static_clip_is_painted_once_and_does_not_flicker(painter: FeedForwardPainter, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip", [texture(64, 96)] * 10)
    run(clip, painter, tmp_path / "out", tmp_path / "cache")
    assert len(set(results(tmp_path / "out").values())) == 1
    assert len(list((tmp_path / "cache" / "stages" / "painted").rglob("*.png"))) == 1


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


def test_history_never_crosses_a_cut(painter: FeedForwardPainter, tmp_path: Path) -> None:
    first, second = panning(9, seed=1), [frame // 2 for frame in panning(9, seed=2)]
    run(write_clip(tmp_path / "both", [*first, *second]), painter, tmp_path / "of both", tmp_path / "cache")
    run(write_clip(tmp_path / "second", second), painter, tmp_path / "alone", tmp_path / "other cache")
    both, alone = results(tmp_path / "of both"), results(tmp_path / "alone")
    assert [both[f"{i + 9:06d}.png"] for i in range(9)] == [alone[f"{i:06d}.png"] for i in range(9)]


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
    program = (
        "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from painting_jobs import run\n"
        "from core.frames import Clip\n"
        "from core.paint.choice import make_painter\n"
        "from core.settings import StylizeSettings\n"
        "from core.weights import ModelLibrary\n"
        "painter = make_painter(StylizeSettings(style=sys.argv[2], engine='opencv'), ModelLibrary())\n"
        "folder, count = Path(sys.argv[3]), int(sys.argv[4])\n"
        "clip = Clip(Clip.from_folder(folder / 'clip').paths[:count])\n"
        "run(clip, painter, folder / f'out{count}', folder / f'cache{count}')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    if sys.platform == "win32":
        pytest.skip("Windows does not tell the peak of memory this way")
    # 200 more frames of 120x160 would take 11 MB if their sources were kept, and as much again for their paintings.
    long = panning(224, 120, 160, (1, 0))
    write_clip(tmp_path / "clip", long)
    peaks = []
    for count in (24, 224):
        arguments = map(str, (Path(__file__).parent, style, tmp_path, count))
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / (1e6 if sys.platform == "darwin" else 1e3))
    assert peaks[1] - peaks[0] < 5.0, f"{peaks} MB"


def test_a_picture_shared_with_another_shot_does_not_bring_its_statistics(
    painter: FeedForwardPainter, tmp_path: Path
) -> None:
    """A title that shares one black frame with a black shot must not be painted with the statistics of black."""
    black = np.zeros((64, 96, 3), np.uint8)
    title = texture(64, 96, 5)
    run(write_clip(tmp_path / "black", [black] * 4), painter, tmp_path / "a", tmp_path / "cache")
    flashed = write_clip(tmp_path / "title", [title] * 5 + [black] + [title] * 5)
    run(flashed, painter, tmp_path / "b", tmp_path / "cache")
    run(flashed, painter, tmp_path / "c", tmp_path / "fresh cache")
    assert results(tmp_path / "b") == results(tmp_path / "c")


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


def test_a_shot_keeps_what_was_measured_on_it_alone(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """Also when a longer clip that holds all of it was measured afterwards."""
    for seed in range(4):  # the order of keys in the cache is as good as random
        cache = tmp_path / f"cache{seed}"
        long = panning(30, seed=seed)
        short = write_clip(tmp_path / f"short{seed}", long[:9])
        run(short, painter, tmp_path / f"before{seed}", cache, wanted={4})
        run(write_clip(tmp_path / f"long{seed}", long), painter, tmp_path / f"long out{seed}", cache, wanted={4})
        assert run(short, painter, tmp_path / f"after{seed}", cache, wanted={4}).reused == 1


def test_a_source_is_read_only(painter: FeedForwardPainter, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip", panning(5))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in clip.paths}
    run(clip, painter, tmp_path / "out", tmp_path / "cache")
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (tmp_path / "clip").iterdir()} == before


def test_a_trimmed_clip_keeps_the_look_of_the_whole(clip: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    """Statistics are taken over from the longer shot, so the anchors that stay are not painted again."""
    run(clip, painter, tmp_path / "whole", tmp_path / "cache")
    trimmed = Clip(clip.paths[:17])
    summary = run(trimmed, painter, tmp_path / "trimmed", tmp_path / "cache")
    assert (summary.painted, summary.reused) == (0, 17)


def test_frames_are_written_as_frames(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """16-bit and grey sources are painted like their 8-bit colours."""
    write_frame(tmp_path / "clip" / "a.png", Frame(texture(40, 40)))
    run(Clip.from_folder(tmp_path / "clip"), painter, tmp_path / "out", tmp_path / "cache")
    assert read_frame(tmp_path / "out" / "000000.png").size == (40, 40)
