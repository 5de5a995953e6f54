# SPDX-License-Identifier: GPL-3.0-or-later
"""Strength: the curve goes through its keys, and the mix is Blender's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import texture

from core.errors import MediaError, SettingsError
from core.storage.frames import Frame
from core.strength import StrengthCurve, mix

KEYS = st.dictionaries(st.integers(0, 500), st.floats(0.0, 1.0), min_size=1, max_size=6).map(
    lambda keys: tuple(sorted(keys.items()))
)


@given(KEYS, st.integers(-50, 600))
def test_a_curve_is_straight_between_its_keys_and_held_outside(keys: tuple[tuple[int, float], ...], at: int) -> None:
    frames, values = zip(*keys, strict=True)
    assert StrengthCurve(keys).at(at) == pytest.approx(np.interp(at, frames, values), abs=1e-9)


@given(KEYS)
def test_a_curve_goes_through_its_keys_exactly(keys: tuple[tuple[int, float], ...]) -> None:
    curve = StrengthCurve(keys)
    assert all(curve.at(frame) == value for frame, value in keys)


@given(KEYS)
def test_a_curve_is_read_as_it_is_written(keys: tuple[tuple[int, float], ...]) -> None:
    text = " ".join(f"{frame}:{value!r}" for frame, value in keys)
    assert StrengthCurve.parse(text) == StrengthCurve(keys)


def test_one_number_holds_for_all_frames() -> None:
    curve = StrengthCurve.parse("0.8")
    assert [curve.at(i) for i in (0, 7, 1000)] == [0.8] * 3


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "0:x", "x:0", "0:", ":1", "1.5", "-0.1", "0:nan", "0:inf", "0:0 0:1", "5:0 3:1", "0.5 0.7", "1:2:3"],
)
def test_a_wrong_curve_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"[Ss]trength"):
        StrengthCurve.parse(text)


def test_none_is_the_source_and_full_is_the_painting_bit_for_bit() -> None:
    alpha = texture(16, 24, 3)[..., 0]
    source, painted = Frame(texture(16, 24, 1), alpha), Frame(texture(16, 24, 2), None)
    np.testing.assert_array_equal(mix(source, painted, 0.0).rgb, source.rgb)
    np.testing.assert_array_equal(mix(source, painted, 1.0).rgb, painted.rgb)
    for strength in (0.0, 0.3, 1.0):
        mixed_alpha = mix(source, painted, strength).alpha
        assert mixed_alpha is not None
        np.testing.assert_array_equal(mixed_alpha, alpha)


@given(st.floats(0.0, 1.0))
def test_the_mix_is_that_of_blender(strength: float) -> None:
    """(1 - s)·source + s·painted, for every pair of values; Blender rounds in its own way, within one step."""
    source, painted = (plane.astype(np.uint8) for plane in np.mgrid[0:256, 0:256])
    mixed = mix(Frame(np.dstack([source] * 3)), Frame(np.dstack([painted] * 3)), strength).rgb
    exact = (1.0 - strength) * source.astype(float) + strength * painted
    # Half a step by rounding, and a little for single precision.
    assert np.abs(mixed[..., 0] - exact).max() <= 0.5 + 1e-4


def test_pictures_of_two_sizes_are_not_mixed() -> None:
    with pytest.raises(MediaError, match=r"\(4, 6\).*\(4, 5\)"):
        mix(Frame(texture(4, 6)), Frame(texture(4, 5)), 0.5)
