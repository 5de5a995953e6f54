# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect Beside the File while Blender goes on, in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.blender import media
from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

SIZE, LENGTH = (96, 72), 3


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    work = tmp_path_factory.mktemp("collecting")
    for index in range(LENGTH):
        media.write(work / "pictures" / f"{index + 1:03}.png", media.frame(index, *SIZE))
    return installed.play("collecting", work, pictures=str(work / "pictures"), size=SIZE)


def test_strips_show_what_was_brought_and_the_old_frames_stay(told: dict[str, Any]) -> None:
    stored, painted = told["collected"]
    assert told["error"] == "" and stored.startswith("//brushflow") and painted == LENGTH
    assert told["old ones stay"] == LENGTH


def test_stopped_at_any_moment_every_frame_is_still_shown(told: dict[str, Any]) -> None:
    assert told["stopped"][1] == LENGTH
    assert told["can press again"] is False, "one after the other"


def test_another_file_ends_it_and_leaves_no_half(told: dict[str, Any]) -> None:
    assert told["dropped"] and told["halves"] == []
