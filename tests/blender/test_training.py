# SPDX-License-Identifier: GPL-3.0-or-later
"""An editor's own style, trained by the installed extension in a Python that has torch (free of bpy itself)."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from core.storage.frames import Frame, write_frame
from core.training.practice import dead_leaves
from tests.blender.installed import Installed
from tests.blender.media import read

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="training needs torch"),
]


@pytest.fixture(scope="module")
def told(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A style learnt in a few seconds from a made picture, on an installation of its own."""
    work = tmp_path_factory.mktemp("training")
    write_frame(work / "red_leaves.png", Frame(dead_leaves(1, 96, 128)))
    copy = installed.copy(work / "user")
    options = {"media": str(small_media), "picture": str(work / "red_leaves.png"), "python": sys.executable}
    return copy.play("training", work / "edit", seconds=1200, **options)


def test_without_torch_the_button_is_grey_and_says_why(told: dict[str, Any]) -> None:
    assert told["poll without torch"] is False
    assert "Python with Torch" in told["without torch"]
    assert told["poll"] is True


def test_it_is_told_stopped_and_gone_on_with(told: dict[str, Any]) -> None:
    assert told["footage"][0] == told["footage"][1]
    assert re.fullmatch(r"Training \d+ % · [\d:]+ left", told["text"])
    assert told["preview"]
    assert told["cancelled"] == "cancelled"
    assert told["unfinished"] == ["leaves.training"]
    assert told["trained"] == ""
    assert told["finished"] == ["leaves"]
    assert "'Leaves' is ready" in told["notice"]


def test_the_new_style_is_in_the_list_at_once_and_in_later_sessions(told: dict[str, Any]) -> None:
    assert told["listed"] == [*told["shipped"], ["leaves", "Leaves", True]]
    assert told["later"] == told["listed"]


def test_a_strip_is_painted_in_it(told: dict[str, Any]) -> None:
    painted = told["painted"]
    assert painted["error"] == "" and painted["job"]["stage"] == "done"
    assert painted["job"]["finished"] == [0, 1, 2]
    assert read(Path(painted["job"]["run"]) / "000001.png").std() > 1


def test_a_name_is_not_taken_twice_and_a_missing_picture_is_told(told: dict[str, Any]) -> None:
    assert "already" in told["again"] and "Start Anew" in told["again"]
    assert "gone.png" in told["no picture"]


def test_nothing_is_written_inside_the_extension(told: dict[str, Any]) -> None:
    assert ".user" in Path(told["folder"]).parts
