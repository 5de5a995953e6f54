# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow: known motion is found, hidden places are marked, and no size or picture is too odd."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import moving_square, panning, texture

from core.errors import MediaError
from core.flow.dis import DisFlow, grid_size
from core.flow.motion import Motion
from core.warp import resize_flow, warp

# What DIS reaches on textured pictures without occlusion, with room for another machine; wrong motion is pixels off.
END_POINT_ERROR = 0.15


def at_full_size(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask on the flow's grid, for each pixel of the frame."""
    return np.asarray(cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0)


@pytest.mark.parametrize("step", [(2, 1), (-3, 0), (0, 4), (5, -5)])
def test_a_known_translation_is_found_both_ways(step: tuple[int, int]) -> None:
    prev, cur = panning(2, 128, 192, step)
    motion = DisFlow().estimate(prev, cur)
    # The camera moves by step, so what is at p in cur was at p + step in prev.
    expected = np.array(step, np.float32)[:, None, None]
    inner = (slice(12, -12), slice(12, -12))
    for flow, sign in ((motion.flow_cur_to_prev, 1), (motion.flow_prev_to_cur, -1)):
        error = np.sqrt(np.square(resize_flow(flow, 128, 192) - sign * expected).sum(axis=0))[inner]
        assert error.mean() < END_POINT_ERROR
    assert not at_full_size(motion.occlusion_mask(), 128, 192)[inner].any()


def test_the_flow_carries_the_picture_before_onto_the_picture_after() -> None:
    prev, cur = panning(2, 128, 192, (4, -3))
    carried = warp(prev, resize_flow(DisFlow().estimate(prev, cur).flow_cur_to_prev, 128, 192))
    inner = (slice(12, -12), slice(12, -12))
    apart = [np.abs(picture[inner].astype(int) - cur[inner]).mean() for picture in (carried, prev)]
    assert apart[0] < 0.1 * apart[1]


def test_what_a_moving_square_uncovers_is_hidden_in_the_frame_before() -> None:
    frames, masks = moving_square(2, 128, 192, side=48, step=16)
    found = at_full_size(DisFlow().estimate(*frames).occlusion_mask(), 128, 192)
    truth = masks[0] & ~masks[1]  # ground in cur where the square was in prev
    # The estimator's patches are 8 pixels wide, so the mask's rim is off by up to that.
    near = cv2.dilate(truth.astype(np.uint8), np.ones((17, 17), np.uint8)) > 0
    assert found[truth].mean() > 0.8, "recall"
    assert found[near].sum() / found.sum() > 0.7, "precision, to within one patch of the estimator"
    assert found.mean() < 3 * truth.mean(), "and it does not mark far more than is hidden"


def test_what_comes_from_outside_the_picture_is_hidden() -> None:
    _, height, width = shape = (2, 40, 60)
    there = np.zeros(shape, np.float32)
    there[0] = 7.0
    mask = Motion(there, -there).occlusion_mask()
    assert mask[:, 53:].all() and not mask[:, :53].any() and mask.shape == (height, width)


def test_motion_backward_in_time_is_motion_of_the_frames_exchanged() -> None:
    prev, cur = panning(2, 64, 96)
    there, back = DisFlow().estimate(prev, cur).backward(), DisFlow().estimate(cur, prev)
    np.testing.assert_array_equal(there.flow_cur_to_prev, back.flow_cur_to_prev)
    np.testing.assert_array_equal(there.flow_prev_to_cur, back.flow_prev_to_cur)


def test_a_held_frame_does_not_move_at_all() -> None:
    picture = texture(96, 128)
    motion = DisFlow().estimate(picture, picture.copy())
    assert not motion.flow_cur_to_prev.any() and not motion.flow_prev_to_cur.any()
    assert not motion.occlusion_mask().any()


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 200), (200, 1), (2, 2), (7, 9), (31, 31), (32, 32), (33, 47), (32, 640), (64, 1000), (700, 33)]
)
def test_no_size_is_too_odd(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    prev, cur = (rng.integers(0, 256, (*size, 3), np.uint8) for _ in range(2))
    motion = DisFlow().estimate(prev, cur)
    assert motion.flow_cur_to_prev.shape == motion.flow_prev_to_cur.shape == (2, *grid_size(*size))
    assert np.isfinite(motion.flow_cur_to_prev).all()
    assert motion.occlusion_mask().shape == grid_size(*size)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_the_grid_keeps_the_shape_and_is_never_large(height: int, width: int) -> None:
    small = grid_size(height, width)
    assert min(small) >= 1 and max(small) <= 640
    assert small[0] <= height and small[1] <= width
    if min(small) > 20:
        assert small[1] / small[0] == pytest.approx(width / height, rel=0.05)


def test_large_frames_are_measured_small_and_mean_the_same() -> None:
    prev, cur = panning(2, 400, 1280, (8, 4))
    motion = DisFlow().estimate(prev, cur)
    assert motion.flow_cur_to_prev.shape[2] <= 640
    flow = resize_flow(motion.flow_cur_to_prev, 400, 1280)[:, 24:-24, 24:-24]
    assert np.abs(flow - np.array([8.0, 4.0])[:, None, None]).mean() < 2 * END_POINT_ERROR


@pytest.mark.parametrize("preset", ["ultrafast", "fast", "medium"])
def test_each_preset_works_and_has_its_own_key(preset: str) -> None:
    prev, cur = panning(2, 128, 192, (2, 0))
    flow = resize_flow(DisFlow(preset).estimate(prev, cur).flow_cur_to_prev, 128, 192)[:, 12:-12, 12:-12]
    assert abs(float(flow[0].mean()) - 2.0) < 0.5
    assert [p for p in ("ultrafast", "fast", "medium") if DisFlow(p).key == DisFlow(preset).key] == [preset]


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 100))
def test_motion_comes_back_from_the_cache(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = rng.uniform(-32, 32, (2, 2, height, width)).astype(np.float32)
    again = Motion.from_bytes(Motion(pair[0], pair[1]).to_bytes())
    # Half precision has 11 bits: half a step at 32 pixels is 1/64.
    np.testing.assert_allclose(again.flow_cur_to_prev, pair[0], atol=1 / 64)
    np.testing.assert_allclose(again.flow_prev_to_cur, pair[1], atol=1 / 64)
    twice = Motion.from_bytes(again.to_bytes())  # rounded once, then exact
    np.testing.assert_array_equal(twice.flow_cur_to_prev, again.flow_cur_to_prev)
    np.testing.assert_array_equal(twice.flow_prev_to_cur, again.flow_prev_to_cur)


def test_bytes_that_are_no_motion_are_refused() -> None:
    good = Motion(np.ones((2, 3, 4), np.float32), np.ones((2, 3, 4), np.float32)).to_bytes()
    assert Motion.from_bytes(good).flow_cur_to_prev.shape == (2, 3, 4)
    wrong_height, nonsense = good[:4] + b"\xff\0\0\0" + good[8:], good[:12] + b"?" * 9
    for bad in (b"", good[:5], good[:-3], b"BFM2" + good[4:], wrong_height, nonsense):
        with pytest.raises(MediaError, match="stored motion"):
            Motion.from_bytes(bad)
