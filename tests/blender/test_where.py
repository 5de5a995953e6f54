# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks by strip modifiers and two styles on one strip, in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SIZE = 96, 72


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    work = tmp_path_factory.mktemp("where")
    for index in range(5):
        media.write(work / "frames" / f"{index + 1:03}.png", media.frame(index, *SIZE))
    half = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    half[:, SIZE[0] // 2 :] = 255
    media.write(work / "half.png", half)
    return installed.play("two_looks", work, pictures=str(work / "frames"), half=str(work / "half.png"), size=SIZE)


def test_another_strip_limits_the_painting(told: dict[str, Any]) -> None:
    assert told["error"] == "" and told["by strip"] == ["", "half"]
    source, painted, limited = (read(told[name]) for name in ("source", "everywhere", "half"))
    middle = SIZE[0] // 2
    assert difference(limited[:, : middle - 2], source[:, : middle - 2]) <= 1
    assert difference(limited[:, middle + 2 :], painted[:, middle + 2 :]) <= 1
    assert difference(source, painted) > 20


def test_a_mask_takes_its_place_and_everywhere_takes_it_away(told: dict[str, Any]) -> None:
    assert told["by mask"] == ["", "shape"]
    assert told["taken away"] == ["", ""]


def test_bad_names_get_a_sentence(told: dict[str, Any]) -> None:
    assert "There is no mask 'never drawn'" in told["unknown"]
    assert "cannot limit itself" in told["itself"]


def test_the_second_style_crosses_in_over_the_first(told: dict[str, Any]) -> None:
    assert told["second"] == "" and len(told["results"]) == 2 and told["first kept"]
    channels = [channel for channel, _ in told["results"]]
    before, middle, after = (read(path) for path in told["crossed"])
    lower, upper = (read(path) for _, path in sorted(zip(channels, told["pictures"], strict=True)))
    assert difference(before, lower) <= 1, "before the crossing the first alone"
    assert difference(lower, upper) > 20
    assert difference(middle, before) > 10 and difference(middle, after) > 10


def test_stylize_then_paints_only_the_look_that_is_seen(told: dict[str, Any]) -> None:
    assert told["restyled"] == "" and told["only the upper"] == [True, True]
