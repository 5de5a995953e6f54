# SPDX-License-Identifier: GPL-3.0-or-later
"""Beads and rims along contours go; strokes, thin things and clean edges stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.contours import halo
from core.paint.cleaning import REACH, cleaned


def disc(dark: int, light: int, radius: float = 60) -> np.ndarray:
    picture = np.full((200, 240, 3), dark, np.uint8)
    cv2.circle(picture, (120, 100), round(radius), (light,) * 3, -1, cv2.LINE_AA)
    return picture


def ring(inner: int, outer: int) -> np.ndarray:
    return (disc(0, 1, outer)[..., 0] - disc(0, 1, inner)[..., 0]).astype(bool)


@pytest.mark.parametrize(("inner", "outer", "height"), [(55, 59, 40), (61, 64, -30)])
def test_a_rim_goes(inner: int, outer: int, height: int) -> None:
    painted = disc(60, 180).astype(int)
    painted[ring(inner, outer)] += height
    rimmed = painted.astype(np.uint8)
    clean = cleaned(rimmed, disc(40, 200))
    assert halo(disc(40, 200), rimmed) > 0.15
    assert halo(disc(40, 200), clean) < 0.6 * halo(disc(40, 200), rimmed)


def slanting(light: int, beads: int) -> tuple[np.ndarray, np.ndarray]:
    """A half plane with a slanting contour, and where dots lie on the contour, every fourth pixel."""
    picture = np.full((120, 160, 3), 40, np.uint8)
    cv2.fillPoly(picture, [np.array([[0, 30], [159, 90], [159, 119], [0, 119]], np.int32)], (light,) * 3, cv2.LINE_AA)
    dotted = picture.copy()
    for x in range(4, 156, 4):
        dotted[round(30 + x * 60 / 159) + 1, x] = beads
    return picture, dotted


def test_beads_on_a_slanting_contour_are_joined() -> None:
    source, _ = slanting(200, 0)
    clean, dotted = slanting(160, 255)

    def unevenness(picture: np.ndarray) -> float:
        on_contour = [int(picture[round(30 + x * 60 / 159) + 1, x, 0]) for x in range(20, 140)]
        return float(np.std(on_contour))

    assert unevenness(cleaned(dotted, source, rims=False)) < 0.45 * unevenness(dotted)
    assert np.abs(cleaned(clean, source, rims=False).astype(int) - clean).max() <= 25


def test_a_clean_painting_stays_as_it_was() -> None:
    painted = disc(60, 180)
    assert np.abs(cleaned(painted, disc(40, 200), beads=False).astype(int) - painted).max() <= 8


def test_a_thin_thing_of_the_source_stays() -> None:
    source = np.full((120, 160, 3), 200, np.uint8)
    cv2.line(source, (20, 20), (140, 100), (30, 30, 30), 2, cv2.LINE_AA)
    painted = np.asarray(255 - 0.8 * (255 - source.astype(float)), np.uint8)
    difference = np.abs(cleaned(painted, source, beads=False).astype(int) - painted)
    assert difference.max() <= 12


def test_strokes_on_plain_ground_stay_to_the_bit() -> None:
    painted = texture(120, 160)
    np.testing.assert_array_equal(cleaned(painted, np.full_like(painted, 128)), painted)


def test_a_pixel_reaches_no_farther_than_it_says() -> None:
    painted = texture(100, 100, 1)
    stripes = np.where(np.arange(100) // 10 % 2, 40, 200).astype(np.uint8)
    source = np.repeat(np.tile(stripes, (100, 1))[..., np.newaxis], 3, axis=2)
    before = cleaned(painted, source)
    for changed in (painted, source):
        other = changed.copy()
        other[50, 50] = 255 - other[50, 50]
        pair = (other, source) if changed is painted else (painted, other)
        rows, columns = np.nonzero((cleaned(*pair) != before).any(axis=2))
        assert rows.size and max(np.abs(rows - 50).max(), np.abs(columns - 50).max()) <= REACH


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2), (8, 8)])
def test_any_size(size: tuple[int, int]) -> None:
    assert cleaned(texture(*size), texture(*size)).shape == (*size, 3)
