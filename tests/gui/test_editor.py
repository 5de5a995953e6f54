# SPDX-License-Identifier: GPL-3.0-or-later
"""Draft to final, check, queue and files in the window, on a small screen and on a dense one (free of bpy).

The screenshots under ``build/gui/`` are there to be looked at.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gui.window import ARTIFACTS, WindowBlender


@pytest.mark.parametrize(
    ("name", "size", "scale"), [("small", (1280, 720), 1.0), ("dense", (2560, 1440), 2.0)], ids=["small", "dense"]
)
def test_an_editor_finishes_drafts_and_holds_the_queue(
    window: WindowBlender, clip: Path, name: str, size: tuple[int, int], scale: float
) -> None:
    found = window.play("editor", ARTIFACTS / f"editor-{name}", size, clip=str(clip), length=8, scale=scale)
    assert "Traceback" not in found["log"], found["log"]
    assert len(found["found"]) == 1 and found["found"][0].endswith("is a draft")
    assert found["finished"] and found["held"]
    assert found["render"].startswith("3 drafts, 1 stale"), (
        "the strips that were taken off the queue, and the one turned"
    )
    assert f"not everything is painted in full: {found['render']}" in found["log"]
