# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures measure what they say: known pictures give known numbers."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from made_clips import panning, texture

from core.flow.motion import Motion
from core.metrics import contrast, flicker, sharpness, warp_error


def moved(x: float, y: float) -> Motion:
    flow = np.empty((2, 64, 96), np.float32)
    flow[0], flow[1] = x, y
    return Motion(flow, -flow)


def test_a_painting_that_moves_with_its_source_has_no_warp_error() -> None:
    prev, cur = panning(2, step=(3, 2))
    assert warp_error(prev, cur, moved(3, 2)) == 0.0
    assert warp_error(prev, cur, moved(0, 0)) > 0.001


def test_warp_error_is_the_mean_squared_difference_where_the_source_was_visible() -> None:
    prev = np.full((64, 96, 3), 100, np.uint8)
    cur = np.full((64, 96, 3), 151, np.uint8)
    assert warp_error(prev, cur, moved(0, 0)) == pytest.approx(0.04)
    hidden = cur.copy()
    hidden[:, 90:] = 0  # comes from outside the picture when all moves 6 pixels
    assert warp_error(prev, hidden, moved(6, 0)) == pytest.approx(0.04)


def test_flow_of_another_size_means_the_same_motion() -> None:
    prev, cur = panning(2, 128, 192, (6, 4))
    assert warp_error(prev, cur, moved(3, 2)) == 0.0


def test_nothing_visible_is_not_a_number() -> None:
    assert math.isnan(warp_error(texture(64, 96), texture(64, 96), moved(500, 0)))


def test_sharpness_falls_with_blur_and_contrast_with_dimming() -> None:
    picture = texture(64, 96)
    assert sharpness(cv2.GaussianBlur(picture, (0, 0), 2.0)) < 0.7 * sharpness(picture)
    assert contrast(picture // 2) == pytest.approx(contrast(picture) / 2, rel=0.02)
    assert sharpness(np.full((8, 8, 3), 7, np.uint8)) == contrast(np.full((8, 8, 3), 7, np.uint8)) == 0.0


def test_flicker_sees_pumping_but_no_fade() -> None:
    fade = [np.full((4, 4, 3), 10 * i, np.uint8) for i in range(10)]
    pumping = [np.full((4, 4, 3), 100 + 51 * (i % 2), np.uint8) for i in range(10)]
    assert flicker(fade) == pytest.approx(0.0, abs=1e-9)
    assert flicker(pumping) == pytest.approx(0.4)  # up and down by 0.2: the change turns by 0.4
    assert flicker(fade[:2]) == 0.0
