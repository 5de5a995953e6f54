# SPDX-License-Identifier: GPL-3.0-or-later
"""The halo figure sees rims along contours, and neither strokes nor blur."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from core.contours import REACH, contour_profile, halo


def disc(dark: int = 40, light: int = 200, radius: int = 60) -> np.ndarray:
    picture = np.full((200, 240, 3), dark, np.uint8)
    cv2.circle(picture, (120, 100), radius, (light,) * 3, -1, cv2.LINE_AA)
    return picture


def test_a_clean_step_has_no_halo_whichever_way_it_is_painted() -> None:
    source = disc()
    assert halo(source, source) == pytest.approx(0.0, abs=0.02)
    assert halo(source, 255 - source) == pytest.approx(0.0, abs=0.02)
    assert halo(source, cv2.GaussianBlur(source, (0, 0), 1.5)) == pytest.approx(0.0, abs=0.02)
    profile = contour_profile(source, source)
    assert profile is not None and profile.shape == (2 * REACH + 1,)
    assert profile[0] == pytest.approx(0, abs=0.02) and profile[-1] == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("height", [16, 48])
def test_a_light_rim_counts_by_its_height(height: int) -> None:
    painted = disc().astype(int)
    painted[disc(0, 1, 59)[..., 0] - disc(0, 1, 55)[..., 0] == 1] += height
    assert halo(disc(), np.clip(painted, 0, 255).astype(np.uint8)) == pytest.approx(height / 160, abs=0.04)


def test_a_dark_rim_outside_counts_as_well() -> None:
    painted = disc().astype(int)
    painted[disc(0, 1, 65)[..., 0] - disc(0, 1, 61)[..., 0] == 1] -= 32
    assert halo(disc(), np.clip(painted, 0, 255).astype(np.uint8)) == pytest.approx(0.2, abs=0.05)


def test_strokes_that_lie_anyhow_do_not_count() -> None:
    strokes = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 120, (200, 240)), (0, 0), 3)
    painted = np.clip(disc(70, 170) + strokes[..., np.newaxis], 0, 255).astype(np.uint8)
    assert strokes.std() > 8
    assert halo(disc(), painted) < 0.08


def test_without_contours_it_is_not_a_number() -> None:
    flat = np.full((80, 80, 3), 120, np.uint8)
    assert math.isnan(halo(flat, flat)) and math.isnan(halo(disc(), flat[:1, :1].repeat(200, 0).repeat(240, 1)))
