# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong at a desk, in the real window (free of bpy). Screenshots: ``build/gui/mishaps``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gui.window import ARTIFACTS, WindowBlender


@pytest.fixture(scope="module")
def mishaps(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """They were played once; what was found."""
    found = window.play("mishaps", ARTIFACTS / "mishaps", clip=str(clip), length=24)
    assert "Traceback" not in found["log"], found["log"]
    return found


def test_with_nothing_selected_the_button_is_grey(mishaps: dict[str, Any]) -> None:
    assert mishaps["nothing_selected"] == {"is_grey": True, "is_busy": False, "result": False}


def test_a_missing_file_is_told_in_the_panel(mishaps: dict[str, Any]) -> None:
    missing = mishaps["missing"]
    assert "holiday in the mountains.mp4" in missing["sentence"]
    assert "missing" in missing["sentence"]
    assert "Find Missing Files" in missing["hint"]
    assert not missing["is_busy"] and not missing["result"]


def test_another_style_is_chosen_in_the_menu(mishaps: dict[str, Any]) -> None:
    style = mishaps["style"]
    assert style["known"] >= 2
    assert style["before"] and style["after"], "no style is shown as chosen"
    assert style["before"] != style["after"]


@pytest.mark.parametrize("how", ["undo", "deleted"])
def test_painting_stops_when_its_result_goes(mishaps: dict[str, Any], how: str) -> None:
    assert not mishaps[how]["result"]
    assert "was removed" in mishaps[how]["sentence"]


def test_a_second_press_is_refused_and_the_first_goes_on(mishaps: dict[str, Any]) -> None:
    two = mishaps["two"]
    assert two["first"] == ["FINISHED"]
    assert "being painted already" in two["refusal"]
    assert two["goes_on"]


def test_opening_another_file_leaves_nothing_running(mishaps: dict[str, Any]) -> None:
    assert mishaps["opened"] == {"is_busy": False, "worker_lives": False}
