# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving elsewhere, Collect, Relink, Clean Up in the installed extension (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.blender import media
from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

SIZE = 120, 90


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    work = tmp_path_factory.mktemp("moved project")
    picture = media.frame(5, 200, 150)[:, ::-1]
    media.write(work / "any.png", picture)
    for index in range(2):
        media.write(work / "frames" / f"{index + 1:03}.png", media.frame(index, *SIZE))
    return installed.play(
        "moved_project", work, picture=str(work / "any.png"), pictures=str(work / "frames"), size=SIZE
    )


def test_the_style_picture_is_found_from_wherever_the_file_is_saved(told: dict[str, Any]) -> None:
    first, while_a_copy_was_written, saved_elsewhere, is_there = told["picture"]
    assert first == while_a_copy_was_written == "//style.png", "a copy changes nothing in the open file"
    assert saved_elsewhere == "//../../old/style.png"
    assert told["errors"] == ["", ""]
    error, job = told["painted from the new place"]
    assert error == "" and job["stage"] == "done"
    assert is_there is False, "its folder was moved elsewhere in the end"


def test_an_unsaved_file_is_told_to_be_saved(told: dict[str, Any]) -> None:
    assert "Save the file first" in told["unsaved"]


def test_the_disk_is_measured(told: dict[str, Any]) -> None:
    assert told["use"]["total"] > 0 and told["use"]["kept"] > 0


def test_collect_brings_frames_beside_the_file(told: dict[str, Any]) -> None:
    error, stored, painted = told["collected"]
    assert error == "" and stored.startswith("//brushflow/results/") and painted == 2
    assert told["collected again"] == ""
    assert told["moved"] == [stored, 2], "and they move with it"


def test_relink_finds_frames_by_the_name_of_their_run(told: dict[str, Any]) -> None:
    lost, in_vain = told["copy"]
    assert lost == 1 and in_vain == "", "it lies elsewhere; only a warning"
    error, stored, painted = told["relinked"]
    assert error == "" and painted == 2 and Path(stored).parts


def test_clean_up_never_deletes_what_is_shown(told: dict[str, Any]) -> None:
    error, stored, painted = told["cleaned"]
    assert error == "" and painted == 2
    assert told["left"], "and nothing else is left"
    assert told["kept after forgetting"] == 0 and told["still shown"] == [stored, 2]
