# SPDX-License-Identifier: GPL-3.0-or-later
"""Warping: which way a flow points, what composing and resizing mean, and how exact they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import texture

from core.warp import compose, lands_inside, resize_flow, warp

# OpenCV's remap interpolates between pixels in steps of 1/32.
SUBPIXEL = 1.0 / 32.0


def constant(x: float, y: float, height: int = 32, width: int = 48) -> np.ndarray:
    flow = np.empty((2, height, width), np.float32)
    flow[0], flow[1] = x, y
    return flow


def smooth_flow(seed: int, height: int = 32, width: int = 48, size: float = 3.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [
        size * np.sin(x * rng.uniform(0.02, 0.1) + y * rng.uniform(0.02, 0.1) + rng.uniform(0, 6)) for _ in range(2)
    ]
    return np.stack(waves).astype(np.float32)


@given(st.integers(-12, 12), st.integers(-12, 12), st.booleans())
def test_a_shift_by_whole_pixels_is_exact_and_samples_backward(dx: int, dy: int, sharp: bool) -> None:
    image = texture(32, 48)
    rows, columns = np.clip(np.arange(32) + dy, 0, 31), np.clip(np.arange(48) + dx, 0, 47)
    expected = image[rows][:, columns]  # the result at (x, y) is the image at (x + dx, y + dy), borders repeated
    np.testing.assert_array_equal(warp(image, constant(dx, dy), sharp=sharp), expected)


def test_x_is_to_the_right_and_y_is_down() -> None:
    image = np.zeros((32, 48), np.float32)
    image[10, 20] = 1.0
    assert warp(image, constant(3, 0))[10, 17] == 1.0
    assert warp(image, constant(0, 4))[6, 20] == 1.0


def test_half_a_pixel_is_the_mean_of_two() -> None:
    image = np.random.default_rng(0).random((32, 48)).astype(np.float32)
    np.testing.assert_allclose(warp(image, constant(0.5, 0))[:, :-1], 0.5 * (image[:, :-1] + image[:, 1:]), atol=1e-6)


def test_sharp_warping_keeps_more_detail() -> None:
    image = texture(32, 48)
    blurred, sharp = (warp(image, constant(0.5, 0.5), sharp=s).astype(float) for s in (False, True))
    assert np.abs(np.diff(sharp, axis=1)).mean() > np.abs(np.diff(blurred, axis=1)).mean()


def test_the_result_lies_on_the_grid_of_the_flow() -> None:
    image = texture(32, 48)
    np.testing.assert_array_equal(warp(image, constant(5, 7, 10, 12)), image[7:17, 5:17])


@given(st.integers(0, 1000))
def test_no_motion_changes_nothing(seed: int) -> None:
    flow = smooth_flow(seed)
    still = np.zeros_like(flow)
    np.testing.assert_array_equal(compose(flow, still), flow)
    np.testing.assert_array_equal(compose(still, flow), flow)
    np.testing.assert_array_equal(warp(texture(32, 48, seed), still), texture(32, 48, seed))


@given(*[st.integers(-6, 6)] * 4)
def test_shifts_compose_by_adding(x1: int, y1: int, x2: int, y2: int) -> None:
    np.testing.assert_array_equal(compose(constant(x1, y1), constant(x2, y2)), constant(x1 + x2, y1 + y2))


@given(st.integers(0, 1000))
def test_a_composed_flow_goes_first_along_one_and_from_there_along_the_other(seed: int) -> None:
    first, then = smooth_flow(seed), smooth_flow(seed + 1)
    together = compose(first, then)
    y, x = np.mgrid[0:32, 0:48].astype(np.float32)
    for row, column in ((12, 20), (16, 24), (20, 30)):
        px, py = x[row, column] + first[0, row, column], y[row, column] + first[1, row, column]
        left, top = int(np.floor(px)), int(np.floor(py))
        fx, fy = px - left, py - top
        corners = then[:, top : top + 2, left : left + 2]
        there = (corners[:, 0] * (1 - fy) + corners[:, 1] * fy) @ np.array([1 - fx, fx])
        # The steepest of these flows changes by 0.3 a pixel, so a place wrong by 1/32 is wrong by 0.01.
        expected = first[:, row, column] + there
        np.testing.assert_allclose(together[:, row, column], expected, atol=0.3 * SUBPIXEL * 2)


def test_warping_once_along_a_composed_flow_is_warping_twice() -> None:
    image = texture(32, 48)
    twice = warp(warp(image, constant(2, 1)), constant(3, -4))
    once = warp(image, compose(constant(3, -4), constant(2, 1)))
    np.testing.assert_array_equal(once[6:-6, 6:-6], twice[6:-6, 6:-6])


def test_a_flow_that_leaves_the_picture_is_known() -> None:
    inside = lands_inside(constant(3, 0))
    assert inside[:, :45].all() and not inside[:, 45:].any()
    inside = lands_inside(constant(0, -2))
    assert inside[2:].all() and not inside[:2].any()
    assert lands_inside(constant(0.5, 0.5)).all(), "half a pixel of border belongs to the picture"


@pytest.mark.parametrize("size", [(64, 96), (16, 24), (33, 95), (1, 1)])
def test_a_resized_flow_means_the_same_motion(size: tuple[int, int]) -> None:
    resized = resize_flow(constant(6, -3), *size)
    assert resized.shape == (2, *size)
    np.testing.assert_allclose(resized[0], 6 * size[1] / 48, rtol=1e-6)
    np.testing.assert_allclose(resized[1], -3 * size[0] / 32, rtol=1e-6)


def test_a_flow_of_the_right_size_is_left_alone() -> None:
    flow = smooth_flow(3)
    assert resize_flow(flow, 32, 48) is flow
