# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview in the real window (free of bpy). Screenshots: ``build/gui/wiping-…``.

That it looks as the result strip is told by the pixels of the screen, also zoomed and through a view transform.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.gui.window import ARTIFACTS, WindowBlender

CASES = {"plain": {}, "zoomed": {"zoom": 0.6}, "agx": {"view": "AgX", "zoom": 1.6, "scale": 1.25}}


@pytest.fixture(scope="module", params=list(CASES))
def wiping(request: pytest.FixtureRequest, window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once with a strip of one frame, so that preview and result have the same statistics."""
    out = ARTIFACTS / f"wiping-{request.param}"
    found = window.play("wiping", out, clip=str(clip), length=1, **CASES[request.param])
    assert "Traceback" not in found["log"], found["log"]
    return found | {"out": out}


def test_the_line_is_dragged_and_keys_change_what_is_seen(wiping: dict[str, Any]) -> None:
    assert wiping["line"] == pytest.approx(0.25, abs=0.01)
    assert wiping["keys"]["ways"] == ["side by side", "wipe", "source", "wipe"]


def test_escape_ends_it_and_nothing_stays(wiping: dict[str, Any]) -> None:
    assert wiping["ended"] == {"is_on": False, "images": [], "watchers": 0}
    assert difference(wiping, "1-source", "7-ended") == 0


def test_the_source_is_the_picture_that_was_there(wiping: dict[str, Any]) -> None:
    """By areas: while one edits, Blender shows movies with coarser colours than it renders them."""
    assert area_difference(wiping, "1-source", "5-held") < 2.5


def test_the_painting_looks_as_the_result_strip(wiping: dict[str, Any]) -> None:
    assert difference(wiping, "6-painted", "8-result") < 1.0
    assert difference(wiping, "1-source", "8-result") > 10


def test_under_the_wipe_each_side_shows_its_own(wiping: dict[str, Any]) -> None:
    assert area_difference(wiping, "3-dragged", "1-source", 0.02, 0.22) < 2.5
    assert difference(wiping, "3-dragged", "8-result", 0.28, 0.98) < 1.0


def difference(wiping: dict[str, Any], one: str, other: str, left: float = 0.02, right: float = 0.98) -> float:
    """Mean absolute difference, 0 … 255, of the picture as far as it is seen, without labels and Blender's tools."""
    a, b = (inside(wiping, name, left, right) for name in (one, other))
    return float(np.abs(a - b).mean())


def area_difference(wiping: dict[str, Any], one: str, other: str, left: float = 0.02, right: float = 0.98) -> float:
    """The same, of the means of areas of 16 x 16 pixels."""
    a, b = (
        cv2.resize(inside(wiping, name, left, right), None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA)
        for name in (one, other)
    )
    return float(np.abs(a - b).mean())


def inside(wiping: dict[str, Any], name: str, left: float, right: float) -> NDArray[np.float32]:
    picture = cv2.imread(str(wiping["out"] / f"{name}.png"))
    assert picture is not None, name
    box, region = wiping["box"], wiping["region"]
    width, height = box[2] - box[0], box[3] - box[1]
    x0, x1 = box[0] + left * width, box[0] + right * width
    y0, y1 = box[1] + 0.05 * height, box[1] + 0.8 * height
    x0, x1 = max(x0, region["x"] + 8), min(x1, region["x"] + region["width"] - 90)
    y0, y1 = max(y0, region["y"] + 8), min(y1, region["y"] + region["height"] - 60)
    part = picture[round(y0) : round(y1), round(x0) : round(x1)]
    assert part.size > 3000, "too little of the picture is seen"
    return np.asarray(part, np.float32)
