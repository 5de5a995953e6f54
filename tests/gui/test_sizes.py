# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel on a small screen and on a large, dense one: every control is in reach (free of bpy).

The screenshots under ``build/gui/`` are there to be looked at: no label is cut off.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gui.window import ARTIFACTS, WindowBlender


@pytest.mark.parametrize(
    ("name", "size", "scale"), [("small", (1280, 720), 1.0), ("dense", (2560, 1440), 2.0)], ids=["small", "dense"]
)
def test_every_control_is_in_reach(
    window: WindowBlender, clip: Path, name: str, size: tuple[int, int], scale: float
) -> None:
    found = window.play("sizes", ARTIFACTS / f"sizes-{name}", size, clip=str(clip), length=12, scale=scale)
    assert "Traceback" not in found["log"], found["log"]
    for wanted in ("brushflow.style", "brushflow.stylize", "blend_alpha"):
        assert any(wanted in control for control in found["controls"]), (wanted, found["controls"])
