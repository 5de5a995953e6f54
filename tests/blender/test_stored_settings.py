# SPDX-License-Identifier: GPL-3.0-or-later
"""Quality, stored settings and presets in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import read

pytestmark = pytest.mark.blender

SIZE = 360, 270


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    work = tmp_path_factory.mktemp("stored settings")
    pictures = work / "pictures"
    for index in range(3):
        media.write(pictures / f"{index + 1:03}.png", media.frame(index, *SIZE))
    return installed.play("stored_settings", work, pictures=str(pictures), size=SIZE)


def test_without_a_painting_there_is_nothing_to_repaint(told: dict[str, Any]) -> None:
    assert "Select a painted strip" in told["nothing painted"]


def test_a_draft_is_painted_and_says_so(told: dict[str, Any]) -> None:
    error, stored, painted, _, label = told["drafted"]
    assert error == "" and stored == painted
    assert (stored["quality"], stored["style"], stored["brush_size"]) == ("draft", "great-wave", 2.0)
    assert label.endswith("· Draft")


def test_repaint_keeps_to_what_is_stored_whatever_the_panel_says(told: dict[str, Any]) -> None:
    error, stored, _, picture, _, job = told["again"]
    assert error == "" and stored == told["drafted"][1]
    assert job["reused"] == 3, "the same painting comes from the cache"
    np.testing.assert_array_equal(read(picture), read(told["drafted"][3]))


def test_the_final_of_a_draft_has_its_settings_and_other_pixels(told: dict[str, Any]) -> None:
    error, stored, _, picture, label, job = told["final"]
    assert error == "" and job["reused"] == 0 and "Draft" not in label
    assert stored == {**told["drafted"][1], "quality": "final"}
    apart = np.abs(read(picture) - read(told["drafted"][3])).mean()
    assert 0.1 < apart < 12, "the same strokes, not the same sharpness"
    assert told["final again"][1]["quality"] == "final", "once final, it stays so"


def test_copied_settings_wait_for_repaint(told: dict[str, Any]) -> None:
    error, stored, painted, picture, _ = told["copied"]
    assert error == "" and stored == told["final"][1] and painted == told["other"][2]
    assert picture == told["other"][3], "nothing was painted"
    assert told["stale"] == ["", "was painted before its settings changed"]
    error, stored, painted, picture, _ = told["painted"]
    assert error == "" and painted == stored == told["final"][1] and picture != told["other"][3]


def test_the_panel_takes_and_gives_settings(told: dict[str, Any]) -> None:
    assert told["taken"] == ["", "great-wave", 2.0]
    error, stored, painted, *_ = told["stored"]
    assert error == "" and stored["style"] == "the-scream" and painted["style"] == "great-wave"


def test_defaults_and_presets_bring_their_values_back(told: dict[str, Any]) -> None:
    assert told["before reset"] == ["FINAL", 2.0, 0.4, 0.0, 8, "twos", "dis-fast"]
    assert told["reset"] == ["", "FINAL", 1.0, 0.0, 0.0, 8, "surfaces", "dis"]
    assert told["presets"] == ["Wide_one.py"]
    assert told["from preset"] == told["before reset"]
