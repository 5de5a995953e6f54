# SPDX-License-Identifier: GPL-3.0-or-later
"""The render guard in the installed extension (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

RESULT = "pictures (Brushflow)"
STALE = [f"{RESULT} was painted before its source changed"]


@pytest.fixture(scope="module")
def told(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    return installed.play("guard", tmp_path_factory.mktemp("guard"), pictures=str(small_media / "images"))


def test_without_paintings_there_is_nothing_to_say(told: dict[str, Any]) -> None:
    assert told["nothing painted"] == [] and told["error"] == ""


def test_a_draft_is_told_as_the_render_starts(told: dict[str, Any]) -> None:
    assert told["draft"] == [f"{RESULT} is a draft"]
    assert "not everything is painted in full: 1 draft." in told["render of a draft"]
    assert told["draft"][0] in told["render of a draft"]


def test_one_button_makes_drafts_final(told: dict[str, Any]) -> None:
    error, found, again = told["finished"]
    assert (error, found) == ("", [])
    assert again == "", "with no draft left it only says so"
    assert told["render of the final"] == ""


@pytest.mark.parametrize("act", ["color_saturation", "use_flip_x", "transform", "modifier", "file", "moved apart"])
def test_what_changes_the_picture_makes_the_painting_stale(told: dict[str, Any], act: str) -> None:
    assert len(told["changes"][act]) == 1 and told["changes"][act][0].startswith(RESULT)
    assert act == "moved apart" or told["changes"][act] == STALE


@pytest.mark.parametrize(
    "act", ["taken back", "moved together", "trimmed together", "renamed and lifted", "opened again"]
)
def test_what_leaves_the_picture_as_it_is_does_not(told: dict[str, Any], act: str) -> None:
    assert told["changes"][act] == []


def test_paint_missing_and_render_leaves_nothing_to_say(told: dict[str, Any]) -> None:
    assert len(told["with a gap"]) == 1 and "is a draft" in told["with a gap"][0]
    assert "missing" in told["with a gap"][0]
    assert told["rendered"] == ""
    assert told["files"] == [f"frame_{frame:04}.png" for frame in range(5, 11)]
    assert told["after"] == []


def test_what_cannot_be_painted_is_not_rendered(told: dict[str, Any]) -> None:
    error, *files = told["cannot"]
    assert "is missing" in error and files == []
