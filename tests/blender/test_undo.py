# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo find every painting as it was (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SOURCE, BOTH = ["clip"], ["clip", "clip (Brushflow)"]


def test_each_press_is_one_step_and_its_pictures_stay(installed: Installed, small_media: Path, tmp_path: Path) -> None:
    told = installed.play("undo", tmp_path, media=str(small_media))
    names = {act: told[act]["names"] for act in told if act != "output"}
    assert names == {
        "before": SOURCE,
        "first": BOTH,
        "second": BOTH,
        "back to the first": BOTH,
        "back to before": SOURCE,
        "the first again": BOTH,
        "cleared": SOURCE,
        "clearing undone": BOTH,
    }
    picture = {act: read(told[act]["rendered"]) for act in names}
    assert told["second"]["folder"] != told["first"]["folder"]
    assert difference(picture["first"], picture["before"]) > 10
    assert difference(picture["second"], picture["first"]) > 10
    for again in ("back to the first", "the first again", "clearing undone"):
        assert told[again]["folder"] == told["first"]["folder"]
        assert difference(picture[again], picture["first"]) == 0
    for source in ("back to before", "cleared"):
        assert difference(picture[source], picture["before"]) == 0
