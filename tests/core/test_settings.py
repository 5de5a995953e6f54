# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: every value in its range is kept, every other is refused by name with what was expected."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.settings import (
    ANCHOR_SPACING_RANGE,
    BRUSH_SIZE_RANGE,
    DEVICES,
    ENGINES,
    FLOWS,
    HOLDS,
    QUALITIES,
    RESOLUTION_RANGE,
    SETTLINGS,
    StylizeSettings,
    picture_of,
)

GOOD = st.builds(
    StylizeSettings,
    style=st.text(min_size=1).filter(str.strip),
    brush_size=st.floats(*BRUSH_SIZE_RANGE),
    clarity=st.floats(0.0, 1.0),
    colour_lock=st.floats(0.0, 1.0),
    stability=st.floats(0.0, 1.0),
    hold_strokes=st.sampled_from(HOLDS),
    settling=st.sampled_from(SETTLINGS),
    anchor_spacing=st.integers(*ANCHOR_SPACING_RANGE),
    flow=st.sampled_from(FLOWS),
    resolution=st.integers(*RESOLUTION_RANGE),
    quality=st.sampled_from(QUALITIES),
    engine=st.sampled_from(ENGINES),
    device=st.sampled_from(DEVICES),
)


@given(GOOD)
def test_settings_come_back_from_json(settings: StylizeSettings) -> None:
    assert StylizeSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    "path", ["a.jpg", "Mein Bild.PNG", "/pictures/絵.webp", "C:\\pictures\\a.jpg", "./name", "folder/name"]
)
def test_a_path_is_a_picture(path: str) -> None:
    assert picture_of(path) == Path(path)


@pytest.mark.parametrize("style", ["starry-night", "composition-vii", "my-leaves-2", "no such style", ""])
def test_a_name_is_none(style: str) -> None:
    assert picture_of(style) is None


def test_what_is_left_out_takes_its_default() -> None:
    assert StylizeSettings.from_json({}) == StylizeSettings()
    assert StylizeSettings.from_json({"brush_size": 2}).brush_size == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("style", ""),
        ("style", "  "),
        ("style", 3),
        ("quality", "best"),
        ("brush_size", 0.49),
        ("brush_size", 4.01),
        ("brush_size", math.nan),
        ("brush_size", math.inf),
        ("brush_size", "2"),
        ("brush_size", True),
        ("clarity", -0.01),
        ("clarity", 1.01),
        ("clarity", True),
        ("colour_lock", -0.01),
        ("colour_lock", 1.01),
        ("colour_lock", math.nan),
        ("colour_lock", True),
        ("stability", -0.01),
        ("stability", 1.01),
        ("stability", None),
        ("hold_strokes", "fours"),
        ("hold_strokes", 2),
        ("settling", "none"),
        ("settling", None),
        ("anchor_spacing", 0),
        ("anchor_spacing", 25),
        ("anchor_spacing", 8.0),
        ("anchor_spacing", True),
        ("flow", "farneback"),
        ("flow", 3),
        ("engine", "cupy"),
        ("engine", ["torch"]),
        ("device", "tpu"),
        ("device", None),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=rf"{name} is .*expected") as caught:
        StylizeSettings.from_json({name: value})
    assert repr(value) in caught.value.message


def test_a_number_out_of_range_names_the_range() -> None:
    with pytest.raises(SettingsError, match=r"from 0\.5 to 4\.0"):
        StylizeSettings(brush_size=9)
    with pytest.raises(SettingsError, match="auto, opencv, torch"):
        StylizeSettings(engine="cupy")


def test_an_unknown_setting_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="Unknown setting 'colour'") as caught:
        StylizeSettings.from_json({"colour": 1})
    assert all(field.name in caught.value.hint for field in dataclasses.fields(StylizeSettings))


@pytest.mark.parametrize("record", [None, 3, "x", [], [["style", "x"]]])
def test_settings_that_are_no_object_are_refused(record: object) -> None:
    with pytest.raises(SettingsError, match="an object with named fields was expected"):
        StylizeSettings.from_json(record)


def test_settings_that_mean_the_same_are_written_the_same() -> None:
    """They enter cache keys: 1 and 1.0 must not paint a clip twice."""
    whole = StylizeSettings(brush_size=2, clarity=1, colour_lock=1, stability=1)
    broken = StylizeSettings(brush_size=2.0, clarity=1.0, colour_lock=1.0, stability=1.0)
    assert json.dumps(whole.to_json()) == json.dumps(broken.to_json())
