# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion and its masks: hidden places are marked, the grid is right, and the cache gives back what it got."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import moving_square, panning

from core.errors import MediaError
from core.flow.dis import DisFlow
from core.flow.grid import grid_size
from core.flow.motion import Motion
from core.warp import resize_flow, warp

# What DIS reaches on textured pictures without occlusion, with room for another machine; wrong motion is pixels off.
END_POINT_ERROR = 0.15


def at_full_size(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask on the flow's grid, for each pixel of the frame."""
    return np.asarray(cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0)


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
