# SPDX-License-Identifier: GPL-3.0-or-later
"""An enlarged painting: beads along contours are joined, strokes stay crisp, nothing new appears, all of it local."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.metrics import sharpness
from core.paint.enlarge import MARGIN, enlarge


def slanting_edge(side: int = 96) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A source of two halves, where its contour lies (distance of each pixel from it), and the brightness 0 … 1."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    distance = (x - side / 2) * np.float32(0.8) + (y - side / 2) * np.float32(0.6)
    light = np.clip(distance + 0.5, 0.0, 1.0)
    source = np.repeat((60.0 + 120.0 * light)[..., None], 3, axis=2).astype(np.uint8)
    return source, distance, light


def beaded(distance: np.ndarray) -> np.ndarray:
    """A painting whose contour is a string of beads: bright and dark pixels in turn on a line of two pixels."""
    y, x = np.mgrid[: distance.shape[0], : distance.shape[1]]
    along = y * 0.8 - x * 0.6
    line = np.abs(distance) < 1.2
    grey = np.where(line, np.where(np.sin(along * np.pi / 1.5) > 0, 230, 60), 120)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def along_the_contour(picture: np.ndarray, distance: np.ndarray) -> float:
    """How much the pixels of the contour differ among each other, of 255."""
    height, width = picture.shape[:2]
    where = np.abs(cv2.resize(distance, (width, height), interpolation=cv2.INTER_LINEAR)) < 0.4
    where[: height // 6], where[-height // 6 :] = False, False
    return float(picture[..., 0][where].std())


@pytest.mark.parametrize("factor", [1.5, 2.0, 3.0, 6.0])
def test_beads_along_a_contour_are_joined(factor: float) -> None:
    source, distance, _ = slanting_edge()
    painted = beaded(distance)
    side = round(factor * 96)
    plain = cv2.resize(painted, (side, side), interpolation=cv2.INTER_CUBIC)
    assert along_the_contour(enlarge(painted, source, side, side), distance) < 0.5 * along_the_contour(plain, distance)


def test_what_has_no_contour_under_it_stays_and_becomes_no_softer() -> None:
    """Strokes on plain ground are the painter's own: they must not be combed."""
    painted = texture(90, 120, 4)
    plain = np.full_like(painted, 128)
    for factor in (2, 5):
        size = 90 * factor, 120 * factor
        large = enlarge(painted, plain, *size)
        cubic = cv2.resize(painted, size[::-1], interpolation=cv2.INTER_CUBIC)
        assert np.abs(large.astype(int) - cubic).mean() < 4.0
        assert sharpness(large) >= sharpness(cubic)


def test_an_edge_becomes_steeper_than_by_interpolation_and_has_no_rim() -> None:
    source, _, light = slanting_edge()
    painted = np.repeat((40.0 + 160.0 * light)[..., None], 3, axis=2).astype(np.uint8)
    large = enlarge(painted, source, 288, 288)
    cubic = cv2.resize(painted, (288, 288), interpolation=cv2.INTER_CUBIC)
    assert sharpness(large) > 1.1 * sharpness(cubic)
    assert cubic.min() <= large.min() and large.max() <= cubic.max(), "no halo beyond the interpolation's own"
    double = enlarge(painted, source, 192, 192)
    assert painted.min() - 8 <= double.min() and double.max() <= painted.max() + 8


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_no_pixel_reaches_farther_than_the_margin(factor: int) -> None:
    source, painted = texture(80, 80, 1), texture(80, 80, 2)
    size = 80 * factor, 80 * factor
    before = enlarge(painted, source, *size)
    for which in (0, 1):
        changed = [painted.copy(), source.copy()]
        changed[which][38:42, 38:42] = 255 - changed[which][38:42, 38:42]
        rows, columns = np.where((enlarge(*changed, *size) != before).any(axis=2))
        assert len(rows), "the change is seen where it is"
        reach = max(38 * factor - min(rows.min(), columns.min()), max(rows.max(), columns.max()) - (42 * factor - 1))
        assert reach <= MARGIN * factor


def test_any_size_is_reached_and_the_own_size_is_untouched() -> None:
    painted, source = texture(20, 30, 1), texture(20, 30, 2)
    assert enlarge(painted, source, 20, 30) is painted
    for size in ((21, 31), (20, 31), (10, 15), (1, 1), (200, 301), (40, 15)):
        assert enlarge(painted, source, *size).shape == (*size, 3)
    for small in ((1, 1), (1, 9), (9, 1), (2, 2)):
        one = texture(*small)
        assert enlarge(one, one, 7 * small[0], 7 * small[1]).shape == (7 * small[0], 7 * small[1], 3)


def test_flat_paint_stays_flat_whatever_the_source() -> None:
    flat = np.full((40, 60, 3), (30, 90, 200), np.uint8)
    assert (enlarge(flat, texture(40, 60), 240, 360) == (30, 90, 200)).all()
