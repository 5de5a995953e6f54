# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion that Blender tells: exact where it is there, estimated where it is not, and never a wrong key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_clips import panning, write_clip
from made_passes import camera, exr, passes, write_motion
from painting_jobs import Recorder

from core.crew import Crew
from core.errors import MediaError
from core.flow.dis import DisFlow
from core.flow.exr import read_channels
from core.flow.given import GivenMotion
from core.flow.motion import Motion
from core.paint.feedforward import FeedForwardPainter
from core.pipeline import ClipJob, stylize
from core.settling.fill import _HandOn
from core.settling.links import link
from core.settling.settle import Paint
from core.stages import Stages, survey_clip
from core.storage.cache import Cache
from core.storage.frames import Clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = (40, 60)
BLANK = np.zeros((80, 120, 3), np.uint8)


def motion(given: GivenMotion, frame_index: int = 1) -> Motion:
    estimator = given.for_pair(frame_index)
    assert estimator.key != given.for_pair(0).key, "this pair has no exact motion"
    return Motion.from_bytes(estimator.estimate(BLANK, BLANK).to_bytes())


def test_one_part_and_several_are_read_alike() -> None:
    rng = np.random.default_rng(0)
    colour = {name: rng.random((5, 7)).astype(np.float16) for name in ("A", "B", "G", "R")}
    depth = {"ViewLayer.Depth.Z": rng.random((5, 7)).astype(np.float32)}
    number = {"ViewLayer.IndexOB.X": rng.integers(0, 9, (5, 7)).astype(np.uint32)}
    several = read_channels(exr({"ViewLayer.Combined": colour, "ViewLayer.Depth": depth, "ViewLayer.Index": number}))
    assert sorted(several) == sorted([*(f"ViewLayer.Combined.{n}" for n in "ABGR"), *depth, *number])
    np.testing.assert_array_equal(several["ViewLayer.Combined.G"], colour["G"].astype(np.float32))
    one = read_channels(exr({"": {**depth, **number}}))
    for name, plane in {**depth, **number}.items():
        np.testing.assert_array_equal(one[name], plane.astype(np.float32))
        np.testing.assert_array_equal(several[name], plane.astype(np.float32))


def test_files_that_are_no_passes_are_refused(tmp_path: Path) -> None:
    good = exr({"": passes(GRID)})
    compressed = good.replace(b"compression\0compression\0\1\0\0\0\0", b"compression\0compression\0\1\0\0\0\3")
    assert compressed != good
    for bad in (b"", b"abc", good[:40], good[:-9], b"\x89PNG" + good[4:], compressed):
        with pytest.raises(MediaError, match="passes cannot be read"):
            read_channels(bad)


def test_motion_is_told_both_ways_and_nothing_is_hidden_inside(tmp_path: Path) -> None:
    files = {3: passes(GRID, after=(2, -1)), 4: passes(GRID, before=(-2, 1))}
    found = motion(GivenMotion(write_motion(tmp_path, files, [3, 4], GRID), DisFlow()))
    np.testing.assert_array_equal(found.flow_cur_to_prev, np.broadcast_to([[[-2]], [[1]]], (2, *GRID)))
    np.testing.assert_array_equal(found.flow_prev_to_cur, np.broadcast_to([[[2]], [[-1]]], (2, *GRID)))
    expected = np.zeros(GRID, bool)
    expected[:, :2] = expected[-1:] = True  # came in from the left and from below
    np.testing.assert_array_equal(found.occlusion_mask(), expected)
    np.testing.assert_array_equal(found.backward().occlusion_mask(), expected[::-1, ::-1])


@pytest.mark.parametrize("what", ["index", "depth"])
def test_what_another_thing_covers_is_hidden(tmp_path: Path, what: str) -> None:
    """A ground that stands still; before, a nearer thing lay on a part of it."""
    over = np.full(GRID, 1.0 if what == "index" else 5.0, np.float32)
    over[10:20, 15:30] = 2.0
    files = {1: passes(GRID, **{what: over}), 2: passes(GRID)}
    found = motion(GivenMotion(write_motion(tmp_path, files, [1, 2], GRID), DisFlow()))
    expected = np.zeros(GRID, bool)
    expected[10:20, 15:30] = True
    np.testing.assert_array_equal(found.occlusion_mask(), expected)


def test_beside_a_nearer_thing_that_moves_its_painted_contour_is_left_out(tmp_path: Path) -> None:
    """A ground that stands still, and a nearer thing that goes four pixels to the right."""
    files = {}
    for frame, left in ((1, 15), (2, 19)):
        files[frame] = passes(GRID)
        for name, value in (("Vector.X", -4.0), ("Vector.Z", -4.0), ("Depth.Z", 2.0), ("IndexOB.X", 2.0)):
            files[frame][f"ViewLayer.{name}"][10:20, left : left + 12] = value
    found = motion(GivenMotion(write_motion(tmp_path, files, [1, 2], GRID), DisFlow()))
    here, before = (np.zeros(GRID, bool) for _ in range(2))
    here[10:20, 19:31] = before[10:20, 15:27] = True
    contour = np.zeros(GRID, bool)
    contour[8:22, 13:29] = True  # two pixels around where it was
    np.testing.assert_array_equal(found.occlusion_mask(), contour & ~here)
    assert (found.flow_cur_to_prev[0][here] == -4).all() and not found.flow_cur_to_prev[0][~here].any()


def test_a_change_of_the_lens_is_added(tmp_path: Path) -> None:
    files, cameras = {1: passes(GRID), 2: passes(GRID)}, {1: camera(1.0), 2: camera(1.1)}
    given = GivenMotion(write_motion(tmp_path, files, [1, 2], GRID, cameras=cameras), DisFlow())
    x, y = np.meshgrid(np.arange(GRID[1]) - 29.5, np.arange(GRID[0]) - 19.5)
    np.testing.assert_allclose(motion(given).flow_prev_to_cur, np.stack((x, y)) * 0.1, atol=0.01)
    np.testing.assert_allclose(motion(given).flow_cur_to_prev, np.stack((x, y)) * (1 / 1.1 - 1), atol=0.01)


def test_the_background_follows_the_cameras_turn(tmp_path: Path) -> None:
    sky = passes(GRID, depth=1e10, index=0.0)
    cameras = {1: camera(1.5, 0.0), 2: camera(1.5, 0.02)}
    given = GivenMotion(write_motion(tmp_path, {1: sky, 2: sky}, [1, 2], GRID, cameras=cameras), DisFlow())
    # Turned by an angle a, what lay straight ahead lies tan(a) focal lengths off; a focal length is 1.5 half widths.
    middle = motion(given).flow_prev_to_cur[:, 19:21, 29:31].mean(axis=(1, 2))
    assert abs(middle[0]) == pytest.approx(1.5 * 30 * np.tan(0.02), abs=0.01) and abs(middle[1]) < 0.01
    back = motion(given).flow_cur_to_prev[:, 19:21, 29:31].mean(axis=(1, 2))
    np.testing.assert_allclose(back, -middle, atol=0.02)


def test_a_strip_that_moves_carries_a_still_scene(tmp_path: Path) -> None:
    folder = write_motion(tmp_path, {1: passes(GRID)}, [1, 1, 1], GRID, offsets={1: 8.0, 2: 8.0})
    given = GivenMotion(folder, DisFlow())
    found = motion(given, 1)
    shown = np.arange(GRID[1]) >= 4
    assert (found.flow_cur_to_prev[0][:, shown] == -4).all() and not found.flow_cur_to_prev[1].any()
    assert not found.flow_cur_to_prev[0][:, ~shown].any() and not found.occlusion_mask().any()
    assert found.backward().occlusion_mask()[:, -4:].all()
    assert not motion(given, 2).flow_cur_to_prev.any(), "held"


def test_skipped_frames_are_chained_and_reversed_ones_turned_round(tmp_path: Path) -> None:
    files = {frame: passes(GRID, before=(-1, 0), after=(1, 0)) for frame in (1, 2, 3)}
    given = GivenMotion(write_motion(tmp_path, files, [1, 3, 2], GRID), DisFlow())
    assert (motion(given, 1).flow_cur_to_prev[0] == -2).all()
    assert (motion(given, 2).flow_cur_to_prev[0] == 1).all()


def test_pairs_that_were_not_rendered_are_estimated(tmp_path: Path) -> None:
    files = {1: passes(GRID), 2: passes(GRID)}
    folder = write_motion(tmp_path, files, [1, 2, None, 2, 9], GRID)
    given, dis = GivenMotion(folder, DisFlow()), DisFlow()
    keys = [given.for_pair(i).key for i in range(7)]
    assert [key == dis.key for key in keys] == [True, False, True, True, True, True, True]
    assert [given.knows(i) for i in range(7)] == [False, True, False, False, False, False, False]
    (folder / "2.exr").write_bytes(b"torn")
    assert GivenMotion(folder, DisFlow()).for_pair(1).key == dis.key
    prev, cur = panning(2)
    assert given.estimate(prev, cur).to_bytes() == given.for_pair(2).estimate(prev, cur).to_bytes()


def test_a_folder_without_motion_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be read"):
        GivenMotion(tmp_path, DisFlow())
    for text in ("", "[]", '{"format": 2}', '{"format": 1, "frames": [{}], "cameras": {}}'):
        (tmp_path / "motion.json").write_text(text)
        with pytest.raises(MediaError, match="cannot be read"):
            GivenMotion(tmp_path, DisFlow())


def test_masks_come_back_from_the_cache() -> None:
    rng = np.random.default_rng(1)
    flows = rng.uniform(-9, 9, (2, 2, 5, 7)).astype(np.float16).astype(np.float32)
    masks = rng.random((2, 5, 7)) > 0.5
    data = Motion(*flows, *masks).to_bytes()
    again = Motion.from_bytes(data)
    np.testing.assert_array_equal(again.occlusion_mask(), masks[0])
    np.testing.assert_array_equal(again.backward().occlusion_mask(), masks[1])
    assert again.to_bytes() == data and Motion(*flows).to_bytes()[:4] != data[:4]
    for bad in (data[:-1], data + b"\0", data[:30]):
        with pytest.raises(MediaError, match="stored motion"):
            Motion.from_bytes(bad)


def test_other_motion_of_one_pair_paints_its_stretch_alone(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """And the same motion with other times of day in its files paints nothing."""
    count, grid = 13, (32, 48)
    clip = write_clip(tmp_path / "clip", panning(count, 64, 96, (2, 0)))
    plain = {i: passes(grid, before=(1, 0), after=(-1, 0)) for i in range(count)}
    folder = write_motion(tmp_path / "motion", plain, range(count), grid)

    assert _paint(clip, painter, folder, tmp_path) == set(range(count))
    assert _paint(clip, painter, folder, tmp_path) == set()
    changed = plain | {10: passes(grid, before=(1, 1), after=(-1, 0))}
    write_motion(tmp_path / "motion", changed, range(count), grid)
    assert _paint(clip, painter, folder, tmp_path) == {9, 10, 11}
    assert _paint(clip, painter, None, tmp_path) == set(range(count)) - {0, 8, 12}


def _paint(clip: Clip, painter: FeedForwardPainter, folder: Path | None, work: Path) -> set[int]:
    """Which frames were made anew."""
    targets = tuple(work / "out" / f"{i}.png" for i in range(len(clip)))
    watch = Recorder()
    estimator = DisFlow() if folder is None else GivenMotion(folder, DisFlow())
    job = ClipJob(clip, targets, frozenset(range(len(clip))), settling="anchors")
    stylize(job, painter, estimator, Cache(work / "cache"), watch)
    return {index for index, _, reused in watch.frames if not reused}


def test_own_paint_is_handed_on_nearer_to_the_rim_of_what_is_known_to_move(
    painter: FeedForwardPainter, tmp_path: Path
) -> None:
    """Along the rim of a guessed motion each frame keeps the painting of its own."""
    clip = write_clip(tmp_path / "clip", [BLANK, BLANK + 1, BLANK + 2])
    two = passes(GRID)  # the right half goes two pixels of the grid to the right
    for name in ("Vector.X", "Vector.Z"):
        two[f"ViewLayer.{name}"][:, 30:] = -2.0
    shown = {}
    for is_told in (True, False):
        frames = [0, 1, 2 if is_told else None]
        folder = write_motion(tmp_path / f"{is_told}", dict.fromkeys(range(3), two), frames, GRID)
        with Crew(lambda: None) as crew:
            survey = survey_clip(clip, crew, lambda _: None)
            given, cache = GivenMotion(folder, _Same(two)), Cache(tmp_path / "cache")
            links = link(0, 2, Stages(clip, survey, cache, painter, given, crew), crew)
            assert links.guessed == (set() if is_told else {2})
            first = crew.submit(lambda: Paint.of(np.full((80, 120, 3), 200, np.uint8), GRID))
            hand_on = _HandOn(links, first, lambda _: BLANK, 1.0)
            for i in (1, 2):
                shown[is_told] = hand_on.go_on(hand_on.prepare(i))
    rim = slice(52, 56)  # four to eight pixels beside the other motion
    assert shown[True][:, rim].mean() > 2.0 * shown[False][:, rim].mean()
    assert all((one[:, 8:48] == 200).all() for one in shown.values())


class _Same:
    """An estimator that tells what the passes tell, but that is only guessed."""

    key = "same"

    def __init__(self, planes: dict[str, NDArray[np.float32]]) -> None:
        flow = np.stack([planes["ViewLayer.Vector.X"], np.zeros(GRID, np.float32)])
        self._motion = Motion(flow, -flow)

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        return self._motion
