# SPDX-License-Identifier: GPL-3.0-or-later
"""The painted bars in the real window (free of bpy). Screenshots: ``build/gui/bars``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.gui.window import ARTIFACTS, WindowBlender

LENGTH = 24
OUT = ARTIFACTS / "bars"
GREEN, AMBER = (92, 184, 92), (51, 179, 237)  # blue, green, red


@pytest.fixture(scope="module")
def bars(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once; what was found."""
    found = window.play("bars", OUT, clip=str(clip), length=LENGTH)
    assert "Traceback" not in found["log"], found["log"]
    return found


def test_what_is_painted_and_what_is_stale_is_told(bars: dict[str, Any]) -> None:
    assert bars["states_painted"] == ["painted"] * LENGTH
    assert bars["states_stale"] == ["stale"] * LENGTH


def test_it_is_seen_along_the_strip(bars: dict[str, Any]) -> None:
    assert share(bars, "1-painting", GREEN) == pytest.approx(0.65, abs=0.3)
    assert share(bars, "2-painted", GREEN) > 0.9
    assert share(bars, "3-stale", AMBER) > 0.9 and share(bars, "3-stale", GREEN) < 0.1
    assert share(bars, "4-off", GREEN) == share(bars, "4-off", AMBER) == 0.0


@pytest.mark.parametrize("when", ["without", "busy", "painted", "off", "thousand"])
def test_it_costs_less_than_a_millisecond(bars: dict[str, Any], when: str) -> None:
    draw = bars[when]
    print(f"{when}: median {draw['median'] * 1000:.3f} ms, longest {draw['longest'] * 1000:.3f} ms")
    assert draw["drawings"] >= 10 and draw["median"] < 0.001


def share(bars: dict[str, Any], name: str, colour: tuple[int, int, int]) -> float:
    """The part of the strip's length along which some pixel has the colour."""
    picture = cv2.imread(str(OUT / f"{name}.png"))
    assert picture is not None, name
    left, right, low, high = bars["bar"]
    part = picture[round(high) : round(low), round(left) : round(right)].astype(np.int16)
    return float((np.abs(part - colour).max(axis=2) < 12).any(axis=0).mean())
