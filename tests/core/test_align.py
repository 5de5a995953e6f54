# SPDX-License-Identifier: GPL-3.0-or-later
"""Carried paint is laid back onto what it was painted on: drift goes, all else stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_clips import texture

from core.settling.align import aligned
from core.settling.settle import Link
from core.warp import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH = 96, 160
INSIDE = (slice(16, -16), slice(16, -16))


def shift(x: float, y: float) -> NDArray[np.float32]:
    flow = np.zeros((2, HEIGHT, WIDTH), np.float32)
    flow[0], flow[1] = x, y
    return flow


def way(x: float, y: float, visible: float = 1.0) -> Link:
    return Link.of(shift(x, y), np.full((HEIGHT, WIDTH), visible, np.float32))


@pytest.mark.parametrize("drift", [(0.6, -0.4), (-1.2, 0.8)])
def test_drift_is_taken_out_of_a_long_way(drift: tuple[float, float]) -> None:
    key = texture(HEIGHT, WIDTH)
    source = np.asarray(warp(key, shift(7.0, 3.0)), np.uint8)
    found = aligned(way(7.0 + drift[0], 3.0 + drift[1]), key, source)
    for part, wanted in zip(found.flow, (7.0, 3.0), strict=True):
        assert abs(float(part[INSIDE].mean()) - wanted) < 0.1
        assert float(part[INSIDE].std()) < 0.15


def test_what_lies_far_off_is_another_thing_and_stays() -> None:
    key = texture(HEIGHT, WIDTH)
    source = np.asarray(warp(key, shift(7.0, 3.0)), np.uint8)
    far = way(14.0, 3.0)
    assert float(np.abs(aligned(far, key, source).flow - far.flow)[(slice(None), *INSIDE)].mean()) < 0.2


def test_what_was_not_seen_is_not_aligned_and_stays_unseen() -> None:
    key = texture(HEIGHT, WIDTH)
    unseen = way(7.5, 3.0, visible=0.0)
    found = aligned(unseen, key, np.asarray(warp(key, shift(7.0, 3.0)), np.uint8))
    np.testing.assert_array_equal(found.flow, unseen.flow)
    np.testing.assert_array_equal(found.visible, unseen.visible)


def test_a_way_without_drift_is_the_same_to_the_bit() -> None:
    key = texture(HEIGHT, WIDTH)
    still = way(0.0, 0.0)
    assert aligned(still, key, key) is still


def test_a_tiny_picture_is_left_alone() -> None:
    small = texture(20, 30)
    link = Link.of(np.zeros((2, 20, 30), np.float32), np.ones((20, 30), np.float32))
    assert aligned(link, small, 255 - small) is link
