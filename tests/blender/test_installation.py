# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed extension leaves no trace, and says what is wrong when it is damaged (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.worker.protocol import VERSION
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender


@pytest.fixture(scope="module")
def lifecycle(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Disabled and enabled again, then one job."""
    work = tmp_path_factory.mktemp("lifecycle")
    return installed.play("lifecycle", work, media=str(small_media), extension=str(installed.extension))


def test_disabling_is_the_reverse_of_enabling(lifecycle: dict[str, Any]) -> None:
    assert lifecycle["with"] == lifecycle["again"]
    operators = {"cancel", "clear", "open_log", "stylize", "tell", "train_style", "use_picture", "repaint", "check"}
    operators |= {"choose_style", "favourite", "try_styles", "preview", "export_style", "import_style", "paint_files"}
    assert operators <= set(lifecycle["with"]["operators"])
    assert lifecycle["with"]["handlers"] >= 7
    assert lifecycle["with"]["menu entries"] == 3
    assert lifecycle["without"] == {
        "classes": [],
        "operators": [],
        "properties": [False, False],
        "menu entries": 0,
        "handlers": 0,
    }
    assert lifecycle["worker after disabling"] is None


@pytest.mark.parametrize("what", ["blend", "media", "extension", "scene", "areas"])
def test_a_job_touches_nothing_else(lifecycle: dict[str, Any], what: str) -> None:
    assert lifecycle["error"] == ""
    assert lifecycle[f"{what} untouched"]
    assert lifecycle["temporary"] == []


def test_nothing_heavy_is_loaded_into_blender(lifecycle: dict[str, Any]) -> None:
    assert lifecycle["numpy or cv2 imported"] == []
    assert "opencv" in lifecycle["report"]


def test_a_damaged_installation_is_told(installed: Installed, tmp_path: Path) -> None:
    copy = installed.copy(tmp_path / "user")
    told = copy.play("damaged", tmp_path / "work", installation=str(copy.extension))
    words = {
        "other protocol": (f"protocol {VERSION}", f"protocol 1{VERSION}", "restart Blender"),
        "engine without its worker": ("ended unexpectedly", "core.worker.serve"),
        "damaged model": ("painter.onnx",),
        "missing model": ("painter.onnx",),
        "no such Python": ("no python here", "preferences"),
        "no list of styles": ("index.json", "Install the add-on again from its zip."),
    }
    for case, expected in words.items():
        sentence = told[case]["sentence"]
        assert all(word in sentence for word in expected), (case, sentence)
        assert "Traceback" not in sentence
    assert told["mended"]["sentence"] == ""
    assert told["mended"]["job"]["stage"] == "done"


@pytest.mark.usefixtures("lifecycle")
def test_a_strip_inside_a_meta_strip(installed: Installed, small_media: Path, tmp_path: Path) -> None:
    """Also shows that the add-on works at once when it is enabled in a later session than it was disabled in."""
    told = installed.play("inside_meta", tmp_path, media=str(small_media))
    assert told["error"] == ""
    assert told["names"] == ["inner", "inner (Brushflow)", "sibling"]
    assert told["channel"] == 2
    for place in (0, 1):
        assert difference(read(told["at 0"][place]), read(told["source"][place])) == 0
        assert difference(read(told["plain"][place]), read(told["painted"][place])) <= 1


def test_the_timeline_that_is_shown_is_meant(installed: Installed, small_media: Path, tmp_path: Path) -> None:
    told = installed.play("other_scene", tmp_path, media=str(small_media))
    assert told["error"] == ""
    assert told["window shows"] == "Other"
    if installed.version < "5.0":  # there the sequencer always shows the window's scene
        assert told["timeline"] == ["clip"]
        assert told["other"] == ["colour", "colour (Brushflow)"]
    else:
        assert told["timeline"] == ["clip", "clip (Brushflow)"]
        assert told["other"] == ["colour"]
        assert told["sequencer shows"] == told["scene"]
    assert told["job"]["stage"] == "done"
