# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cache gives back: all that did not change, nothing that is damaged, and never another look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_clips import panning, texture, write_clip
from painting_jobs import COUNT, Recorder, results, run

from core.colour_lock import lock_colours
from core.paint.feedforward import FeedForwardPainter
from core.storage.cache import Cache
from core.storage.frames import Clip, read_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray


def test_a_second_time_everything_is_reused(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    run(clip, painter, tmp_path / "one", tmp_path / "cache")
    watch = Recorder()
    summary = run(clip, painter, tmp_path / "two", tmp_path / "cache", watch=watch)
    assert (summary.painted, summary.reused) == (0, COUNT)
    assert all(reused for _, _, reused in watch.frames)
    assert results(tmp_path / "one") == results(tmp_path / "two") == whole


@pytest.mark.parametrize(
    ("changed", "made_again"), [(12, set(range(9, 16))), (16, {*range(9, 16), 16, 17, 18}), (0, {0, *range(1, 8)})]
)
def test_after_a_change_only_its_stretches_are_made_again(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path, changed: int, made_again: set[int]
) -> None:
    """A frame between anchors is looked at by its own stretch, an anchor by the two that meet in it."""
    frames = [clip.read(i).rgb for i in range(COUNT)]
    _change_and_paint_again(frames, changed, made_again, painter, tmp_path, settling="anchors")


@pytest.mark.parametrize(
    ("changed", "made_again"), [(12, set(range(1, 48))), (48, set(range(1, 100))), (70, set(range(49, 100)))]
)
def test_after_a_change_only_its_blocks_are_made_again(
    painter: FeedForwardPainter, tmp_path: Path, changed: int, made_again: set[int]
) -> None:
    """A frame between keys is looked at by its own block, a key by the two that meet in it; keys paint alone.

    The last frame of a shot is no key: the last block holds its first key to the end.
    """
    _change_and_paint_again(panning(100, 40, 96, (1, 0)), changed, made_again, painter, tmp_path)


def _change_and_paint_again(
    frames: list[NDArray[np.uint8]],
    changed: int,
    made_again: set[int],
    painter: FeedForwardPainter,
    tmp_path: Path,
    settling: str = "surfaces",
) -> None:
    count = len(frames)
    run(write_clip(tmp_path / "old", frames), painter, tmp_path / "before", tmp_path / "cache", settling=settling)
    frames[changed] = frames[changed].copy()
    frames[changed][10:14, 70:74] = 255
    clip, watch = write_clip(tmp_path / "clip", frames), Recorder()
    summary = run(clip, painter, tmp_path / "after", tmp_path / "cache", watch=watch, settling=settling)
    assert {index for index, _, reused in watch.frames if not reused} == made_again
    assert (summary.painted, summary.reused) == (len(made_again), count - len(made_again))
    fresh = tmp_path / "fresh"
    assert results(tmp_path / "after").keys() == results(tmp_path / "before").keys()
    run(write_clip(fresh / "clip", frames), painter, fresh / "out", fresh / "cache", settling=settling)
    # Statistics are measured on some frames, and kept: where the changed one is among them, another look is another.
    if changed not in {round(share * (count - 1)) for share in np.linspace(0, 1, 5)}:
        assert results(fresh / "out") == results(tmp_path / "after")


def test_other_settings_paint_anew_and_coming_back_is_free(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    run(clip, painter, tmp_path / "a", tmp_path / "cache")
    for settings in ({"stability": 0.5}, {"anchor_spacing": 5}):
        summary = run(clip, painter, tmp_path / "b", tmp_path / "cache", **settings)
        assert summary.painted > COUNT / 2
    for settings in ({"settling": "anchors"}, {"hold_strokes": "twos"}, {"hold_strokes": "every-frame"}):
        run(clip, painter, tmp_path / "b", tmp_path / "cache", **settings)
    assert run(clip, painter, tmp_path / "a", tmp_path / "cache").reused == COUNT


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


def test_a_shot_keeps_what_was_measured_on_it_alone(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """Also when a longer clip that holds all of it was measured afterwards."""
    for seed in range(4):  # the order of keys in the cache is as good as random
        cache = tmp_path / f"cache{seed}"
        long = panning(30, seed=seed)
        short = write_clip(tmp_path / f"short{seed}", long[:9])
        run(short, painter, tmp_path / f"before{seed}", cache, wanted={4})
        run(write_clip(tmp_path / f"long{seed}", long), painter, tmp_path / f"long out{seed}", cache, wanted={4})
        assert run(short, painter, tmp_path / f"after{seed}", cache, wanted={4}).reused == 1


def test_a_trimmed_clip_keeps_the_look_of_the_whole(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """Statistics are taken over from the longer shot, so the blocks that stay are not painted again."""
    clip = write_clip(tmp_path / "clip", panning(100, 40, 96, (1, 0)))
    run(clip, painter, tmp_path / "whole", tmp_path / "cache")
    trimmed = Clip(clip.paths[:97])
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(FeedForwardPainter, "measure")
        summary = run(trimmed, painter, tmp_path / "trimmed", tmp_path / "cache")
    assert summary.reused == 49, "the first block, and the key in which it ends"


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
