# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint Files in a real window: two files marked in the file browser (free of bpy)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gui.window import ARTIFACTS, WindowBlender

LENGTH = 6


@pytest.fixture(scope="module")
def filing(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once; what was found."""
    chosen = {"clip": str(clip), "length": LENGTH, "style": "starry-night"}
    return window.play("filing", ARTIFACTS / "filing", (1000, 1900), seconds=420, **chosen)


def test_the_marked_files_are_painted_one_after_the_other(filing: dict[str, Any]) -> None:
    sentence = f"{LENGTH} frames painted on 1 strip, and saved."
    assert filing["ended"] == {name: ["painted", sentence] for name in ("first.blend", "second.blend")}


def test_the_file_in_the_window_stays_as_it_is(filing: dict[str, Any]) -> None:
    assert filing["open"] == ["balloons.blend", False, True]


def test_the_window_answers_meanwhile(filing: dict[str, Any]) -> None:
    assert filing["longest"] < 0.25


def test_a_click_puts_the_list_away(filing: dict[str, Any]) -> None:
    assert filing["put away"]


def test_the_console_stays_without_an_error(filing: dict[str, Any]) -> None:
    assert "Traceback" not in filing["log"], filing["log"]
