# SPDX-License-Identifier: GPL-3.0-or-later
"""Any picture is a style in the installed extension, at once, wherever it lies (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SIZE = 120, 90
NAME = "Тихая ночь 絵 ü.png"
WAYS = ("chosen", "opened again", "by its path", "beside the file")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the edit, with the picture in a folder beside it."""
    folder = tmp_path_factory.mktemp("picture style")
    media.write(folder / "My Pictures" / NAME, media.frame(5, 200, 150)[:, ::-1])
    for index in range(2):
        media.write(folder / "frames" / f"{index + 1:03}.png", media.frame(index, *SIZE))
    (folder / "text.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def told(installed: Installed, work: Path) -> dict[str, Any]:
    """The scenario."""
    picture = str(work / "My Pictures" / NAME)
    text = str(work / "text.jpg")
    return installed.play("picture_style", work, picture=picture, text=text, pictures=str(work / "frames"), size=SIZE)


def test_the_button_keeps_the_path_beside_the_file_and_the_menu_names_the_picture(told: dict[str, Any]) -> None:
    assert told["kept"] == ["PICTURE", f"//My Pictures/{NAME}"]
    assert told["may be relative"], "else Blender warns of the path it shows"
    assert told["items"][-1] == NAME and len(told["items"]) > 4


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_is_painted_with_however_it_is_named(told: dict[str, Any], work: Path, way: str) -> None:
    seen = told[way]
    assert seen["error"] == "" and seen["job"]["stage"] == "done"
    assert seen["label"] == NAME
    assert seen["stored"] == str(work / "My Pictures" / NAME), "whole, for the worker runs elsewhere"
    assert seen["job"]["reused"] == (0 if way == "chosen" else 2), "what it shows decides, not how it is named"
    assert difference(read(seen["picture"]), read(told["a preset"]["picture"])) > 10
    assert difference(read(seen["picture"]), read(work / "frames" / "001.png")) > 10


def test_without_a_picture_the_sentence_says_what_to_press(told: dict[str, Any]) -> None:
    assert "No picture is chosen" in told["none chosen"]["error"] and "Use a Picture" in told["none chosen"]["error"]
    assert told["none chosen"]["notice"][0] in told["none chosen"]["error"], "the panel says it too"
    assert "job" not in told["none chosen"]


def test_a_picture_that_is_gone_is_told_before_any_work(told: dict[str, Any]) -> None:
    assert "gone.jpg that is to be the style is not there" in told["gone"]["error"]
    assert told["gone"]["notice"][0] in told["gone"]["error"]
    assert told["gone"]["names"] == ["pictures"], "nothing is laid on the timeline"
    assert "gone.jpg" in told["button"]


def test_what_is_no_picture_is_told_before_any_work(told: dict[str, Any]) -> None:
    seen = told["no picture"]
    assert "text.jpg is not a picture" in seen["error"] and "Traceback" not in seen["error"]
    assert seen["notice"][0] in seen["error"]
    assert seen["job"]["run"] == told["a preset"]["job"]["run"], "nothing was queued"
    assert told["images"] == 0, "what was looked into does not stay in the file"
