# SPDX-License-Identifier: GPL-3.0-or-later
"""The curve of coherence and Go to Worst Frame in the real window (free of bpy). Pictures: ``build/gui/coherence``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.gui.window import ARTIFACTS, WindowBlender

LENGTH, SPOILT = 20, (5, 15)
OUT = ARTIFACTS / "coherence"
RED, CALM = (66, 76, 250), (242, 224, 204)  # blue, green, red


@pytest.fixture(scope="module")
def found(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once; two frames have figures that were made worse by hand."""
    told = window.play("coherence", OUT, clip=str(clip), length=LENGTH, spoilt=SPOILT)
    assert "Traceback" not in told["log"], told["log"]
    return told


def test_each_click_goes_to_the_next_worst_frame_and_says_why(found: dict[str, Any]) -> None:
    assert [frame for frame, _ in found["frames"]] == [1 + index for index in SPOILT]
    for frame, sentence in found["frames"]:
        assert sentence.startswith(f"Frame {frame}: ") and "times the usual" in sentence and "only 41 %" in sentence


def test_a_click_draws_the_curve_over_the_strip_red_where_it_is_poor(found: dict[str, Any]) -> None:
    assert found["shown"]
    red, calm = columns(found, RED), columns(found, CALM)
    assert calm.mean() > 0.6
    for index in range(LENGTH):
        part = red[round(index / LENGTH * red.size) : round((index + 1) / LENGTH * red.size)]
        if min(abs(index - one) for one in SPOILT) > 1:
            assert not part.any(), index
        if index in SPOILT:
            assert part.any(), index


@pytest.mark.parametrize("when", ["off", "on"])
def test_it_costs_less_than_a_millisecond(found: dict[str, Any], when: str) -> None:
    draw = found[when]
    print(f"{when}: median {draw['median'] * 1000:.3f} ms, longest {draw['longest'] * 1000:.3f} ms")
    assert draw["drawings"] >= 10 and draw["median"] < 0.001


def columns(found: dict[str, Any], colour: tuple[int, int, int]) -> np.ndarray:
    """Of each pixel along the strip, whether the switch gave some pixel above or below about that colour."""
    left, right, low, high = (round(edge) for edge in found["strip"])
    has = []
    for name in ("1-panel", "2-curve"):
        picture = cv2.imread(str(OUT / f"{name}.png"))
        assert picture is not None, name
        has.append(np.abs(picture[high:low, left:right].astype(np.int16) - colour).max(axis=2) < 40)
    return np.asarray((has[1] & ~has[0]).any(axis=0))
