# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that was done is not done again (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blender import media
from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

COUNT, SPACING, CHANGED = 120, 4, 10
BLOCK = 48  # frames from one key to the next; the first block holds the changed frame


def test_cancel_resume_and_a_changed_picture(installed: Installed, tmp_path: Path) -> None:
    pictures = tmp_path / "source"
    for index in range(COUNT):
        media.write(pictures / f"{index + 1:03}.png", media.frame(index, 160, 120))
    other = tmp_path / "other.png"
    media.write(other, media.frame(CHANGED, 160, 120)[:, ::-1].copy())
    told = installed.play(
        "resume",
        tmp_path / "work",
        pictures=str(pictures),
        other_picture=str(other),
        changed=CHANGED,
        spacing=SPACING,
    )
    cancelled, resumed = told["cancelled"], told["resumed"]
    assert told["error"] == ""
    assert cancelled["stage"] == "cancelled"
    assert 3 <= len(cancelled["finished"]) < COUNT
    assert told["ended at once"], "the editor need not wait"
    assert told["seconds_to_stop"] < 1.0, "the worker itself"
    assert told["temporary"] == [], "extracted frames must go when their job ends"

    assert resumed["finished"] == list(range(COUNT))
    assert resumed["reused"] == len(cancelled["finished"]), "resuming paints what is missing and nothing else"

    changed = told["changed"]
    assert changed["finished"] == list(range(COUNT))
    painted = COUNT - changed["reused"]
    assert 1 <= painted < BLOCK, "a picture between two keys concerns this block alone"

    assert told["unchanged"]["reused"] == COUNT
    assert len({told[act]["run"] for act in ("cancelled", "resumed", "changed", "unchanged")}) == 4
