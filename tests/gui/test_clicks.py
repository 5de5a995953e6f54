# SPDX-License-Identifier: GPL-3.0-or-later
"""Pause by a click, a picture by the file browser, at the usual interface scale and at the double (free of bpy).

The screenshots under ``build/gui/`` are there to be looked at: every panel of the tab is open.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gui.window import ARTIFACTS, REPOSITORY, WindowBlender

PICTURES = REPOSITORY / "models" / "styles"
CASES = {"plain": ((1000, 1650), 1.0), "double": ((1500, 3200), 2.0)}


@pytest.fixture(scope="module", params=list(CASES))
def clicks(request: pytest.FixtureRequest, window: WindowBlender, clip: Path) -> dict[str, Any]:
    """They were made once; what was found."""
    size, scale = CASES[request.param]
    return window.play(
        "clicks",
        ARTIFACTS / f"clicks-{request.param}",
        size,
        seconds=900,
        clip=str(clip),
        length=12,
        scale=scale,
        style="great-wave",
        picture=str(PICTURES / "cottages.jpg"),
        other_picture=str(PICTURES / "arlesiennes.jpg"),
    )


def test_sound_is_offered_nowhere_as_a_picture(clicks: dict[str, Any]) -> None:
    assert clicks["paintable"] == {"MOVIE": True, "SOUND": False}


def test_a_picture_is_chosen_in_the_file_browser(clicks: dict[str, Any]) -> None:
    assert clicks["picture"]["chosen"] == "cottages.jpg"
    assert clicks["picture"]["style"] == "PICTURE"
    assert Path(clicks["picture"]["picture"]) == PICTURES / "cottages.jpg"


def test_escape_leaves_the_style_as_it_was(clicks: dict[str, Any]) -> None:
    assert clicks["left_alone"]["chosen"] == "arlesiennes.jpg"
    assert clicks["left_alone"]["picture"] == clicks["picture"]["picture"]


def test_a_click_on_pause_goes_on_and_holds(clicks: dict[str, Any]) -> None:
    assert clicks["pause"]["held"] == [True, False, True]


def test_a_click_on_the_cross_takes_a_strip_off_the_list_and_the_other_is_painted(clicks: dict[str, Any]) -> None:
    assert clicks["pause"]["taken_off"].count("cancelled") == 1
    assert sorted(clicks["pause"]["end"]) == ["cancelled", "done"]


def test_the_console_stays_without_an_error(clicks: dict[str, Any]) -> None:
    assert "Traceback" not in clicks["log"] and "Error" not in clicks["log"], clicks["log"]
