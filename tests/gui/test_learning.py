# SPDX-License-Identifier: GPL-3.0-or-later
"""Train This Style in a real window, in the Python with torch that runs these tests (free of bpy)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gui.window import ARTIFACTS, REPOSITORY, WindowBlender

pytest.importorskip("torch", reason="a style is learnt with torch")


@pytest.fixture(scope="module")
def learning(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once; what was found."""
    picture = REPOSITORY / "docs" / "pictures" / "result.jpg"  # of a name that no preset has
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    if Path("/usr") in prefixes:
        pytest.skip(f"{sys.executable} is the system's own Python, which Blender's folder cannot show")
    options = {"clip": str(clip), "length": 12, "picture": str(picture), "python": sys.executable}
    return window.play("learning", ARTIFACTS / "learning", (1000, 1300), seconds=600, shown=prefixes, **options)


def test_a_style_is_learnt_from_the_picture_and_the_selected_strip(learning: dict[str, Any]) -> None:
    assert learning["chosen"] == "result.jpg" and learning["footage"] == "clip.mp4"
    style, content = learning["losses"]
    assert style > 0 and content > 0


def test_time_left_and_a_preview_are_shown(learning: dict[str, Any]) -> None:
    assert "left" in learning["text"] and learning["preview"] > 0


def test_the_window_answers_while_it_learns(learning: dict[str, Any]) -> None:
    assert learning["longest"] < 0.25


def test_a_click_on_the_cross_stops_it_and_what_was_learnt_stays(learning: dict[str, Any]) -> None:
    assert learning["stage"] == "cancelled"
    assert any(name.endswith(".training") for name in learning["kept"])


def test_the_console_stays_without_an_error(learning: dict[str, Any]) -> None:
    assert "Traceback" not in learning["log"], learning["log"]
