# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour lock: the painting's light and shade, the source's hue, nothing beyond what a screen can show."""

from __future__ import annotations

import numpy as np
import pytest
from made_clips import texture

from core import colour_lock
from core.colour_lock import lock_colours, locked_key

PAINTED, SOURCE = texture(60, 90, 1), texture(60, 90, 2)


def luma(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture, np.float64) @ (0.299, 0.587, 0.114)


def chroma(picture: np.ndarray) -> np.ndarray:
    return picture - luma(picture)[..., None]


def test_unlocked_is_the_painting_bit_for_bit() -> None:
    np.testing.assert_array_equal(lock_colours(PAINTED, SOURCE, 0.0), PAINTED)


@pytest.mark.parametrize("amount", [0.01, 0.3, 1.0])
def test_light_and_shade_stay_the_paintings(amount: float) -> None:
    assert np.abs(luma(lock_colours(PAINTED, SOURCE, amount)) - luma(PAINTED)).max() <= 1.0


def test_locked_has_the_sources_hue_and_where_there_is_room_its_chroma() -> None:
    locked = chroma(lock_colours(PAINTED, SOURCE, 1.0))
    wanted = chroma(SOURCE)
    share = (locked * wanted).sum(2) / (wanted * wanted).sum(2)
    assert np.abs(locked - share[..., None] * wanted).max() < 1.5, "one direction: the hue"
    grey = luma(PAINTED)[..., None] + wanted
    has_room = ((grey >= 0) & (grey <= 255)).all(2)
    assert 0.2 < has_room.mean() < 1.0, "both cases are looked at"
    assert np.abs(share[has_room] - 1).max() < 0.3 and np.abs(locked - wanted)[has_room].max() < 1.5
    assert (share[~has_room] < 1.1).all()


def test_in_between_is_a_mix() -> None:
    muted = np.uint8(96) + PAINTED // 8, np.uint8(96) + SOURCE // 8  # far from the ends of the range
    half = chroma(lock_colours(*muted, 0.5))
    assert np.abs(half - (chroma(muted[0]) + chroma(muted[1])) / 2).max() < 1.5


def test_a_source_that_is_its_own_painting_comes_back() -> None:
    assert np.abs(lock_colours(SOURCE, SOURCE, 1.0).astype(int) - SOURCE).max() <= 1
    grey = np.repeat(SOURCE[..., :1], 3, axis=2)
    assert np.ptp(lock_colours(PAINTED, grey, 1.0).astype(int), axis=2).max() <= 1, "a grey source gives no colour"


def test_black_and_white_stay_and_no_light_is_lost_in_strong_colours() -> None:
    red = np.full((2, 3, 3), (255, 0, 0), np.uint8)
    for value in (0, 255):
        assert (lock_colours(np.full_like(red, value), red, 1.0) == value).all()
    dark = lock_colours(np.full_like(red, 30), red, 1.0)
    assert np.abs(luma(dark) - 30).max() <= 1.0 and (dark[..., 0] > 2 * dark[..., 1]).all()


def test_strips_join_as_if_there_were_none(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lock_colours(PAINTED, SOURCE, 0.7)
    monkeypatch.setattr(colour_lock, "_STRIP_PIXELS", 7 * PAINTED.shape[1] + 5)
    np.testing.assert_array_equal(lock_colours(PAINTED, SOURCE, 0.7), whole)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 2)])
def test_every_size_works(size: tuple[int, int]) -> None:
    assert lock_colours(texture(*size, 1), texture(*size, 2), 1.0).shape == (*size, 3)


def test_noise_of_a_dark_source_does_not_become_colour() -> None:
    """What is nearly black has little chroma, and keeps no more of it under brighter paint."""
    rng = np.random.default_rng(0)
    dark = rng.integers(0, 6, (60, 60, 3), np.uint8)
    bright = PAINTED[:60, :60] // 4 + np.uint8(140)
    locked = lock_colours(bright, dark, 1.0)
    assert np.ptp(locked.astype(int), axis=2).max() <= 7


def test_each_amount_has_its_own_key_and_none_is_the_painting_itself() -> None:
    assert locked_key("abc", 0.0) == "abc"
    assert len({locked_key(key, amount) for key in ("abc", "abd") for amount in (0.0, 0.5, 1.0)}) == 6
