# SPDX-License-Identifier: GPL-3.0-or-later
"""The size at which a frame is painted follows from its shape and the brush, not from its resolution."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import texture

from core.paint.resolution import resized, working_size
from core.settings import BRUSH_SIZE_RANGE

BRUSHES = st.floats(*BRUSH_SIZE_RANGE)


def test_a_frame_of_the_networks_own_size_is_painted_as_it_is() -> None:
    assert working_size(360, 640, 1.0) == (360, 640)
    assert working_size(640, 360, 1.0) == (640, 360)


@pytest.mark.parametrize(
    ("brush_size", "expected"), [(0.5, (720, 1280)), (1.0, (360, 640)), (2.0, (180, 320)), (4.0, (90, 160))]
)
@pytest.mark.parametrize("height", [360, 540, 720, 1080, 2160, 4320])
def test_every_resolution_of_a_shape_is_painted_at_one_size(
    height: int, brush_size: float, expected: tuple[int, int]
) -> None:
    assert working_size(height, height * 16 // 9, brush_size) == expected


def test_the_brush_changes_the_size_without_steps() -> None:
    heights = [working_size(1080, 1920, brush_size)[0] for brush_size in np.linspace(*BRUSH_SIZE_RANGE, 1000)]
    assert heights == sorted(heights, reverse=True)
    assert max(a - b for a, b in itertools.pairwise(heights)) <= 6


@given(st.integers(1, 20_000), st.integers(1, 20_000), BRUSHES)
def test_whatever_the_frame_its_shape_is_kept_and_the_work_is_bounded(
    height: int, width: int, brush_size: float
) -> None:
    rows, columns = working_size(height, width, brush_size)
    assert rows >= 1 and columns >= 1
    assert rows <= 2 * height and columns <= 2 * width
    assert rows * columns <= 1280 * 720 + max(rows, columns)  # each side is rounded
    if min(rows, columns) > 1:
        assert abs(rows / height - columns / width) <= 0.51 / height + 0.51 / width


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(1, 1, (2, 2)), (1, 4000, (2, 8000)), (4000, 2, (8000, 4)), (120, 160, (240, 320)), (240, 320, (360, 480))],
)
def test_a_small_frame_is_enlarged_at_most_twice(height: int, width: int, expected: tuple[int, int]) -> None:
    assert working_size(height, width, 1.0) == expected


def test_resizing_keeps_light_and_leaves_the_same_size_alone() -> None:
    rgb = texture(60, 90)
    assert resized(rgb, 60, 90) is rgb
    for height, width in ((30, 45), (120, 180), (1, 1)):
        other = resized(rgb, height, width)
        assert other.shape == (height, width, 3)
        assert np.abs(other.mean((0, 1)) - rgb.mean((0, 1))).max() < 2.0
