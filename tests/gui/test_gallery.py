# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery in the real window, by mouse and keys (free of bpy). Screenshots: ``build/gui/gallery``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gui.window import ARTIFACTS, WindowBlender


@pytest.fixture(scope="module")
def gallery(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once; what was found."""
    found = window.play("gallery", ARTIFACTS / "gallery", clip=str(clip), length=24)
    assert "Traceback" not in found["log"], found["log"]
    return found


def test_a_click_on_the_star_makes_the_style_the_first(gallery: dict[str, Any]) -> None:
    before, after = gallery["favourite"]["before"], gallery["favourite"]["after"]
    assert after == [before[1], before[0], *before[2:]]


def test_a_trial_is_stopped_by_a_click_and_what_is_there_stays(gallery: dict[str, Any]) -> None:
    stopped = gallery["stopped"]
    assert stopped["stage"] == "cancelled" and stopped["seconds"] < 1.0
    assert 2 <= stopped["painted"] < stopped["of"]


def test_all_styles_are_tried_one_after_another_favourites_first(gallery: dict[str, Any]) -> None:
    tried = gallery["tried"]
    assert tried["stage"] == "done"
    assert tried["styles"] == gallery["favourite"]["after"]
    assert tried["counts"] == sorted(tried["counts"]) and len(set(tried["counts"])) >= 6, "they came all together"
    assert tried["counts"][-1] == tried["new_thumbnails"] == len(tried["styles"])
    print(f"first after {tried['first']:.1f} s, all {len(tried['styles'])} after {tried['seconds']:.1f} s")


def test_a_click_on_its_name_chooses_a_style(gallery: dict[str, Any]) -> None:
    chosen = gallery["chosen"]
    assert chosen["before"] != chosen["wanted"] == chosen["after"]


@pytest.mark.parametrize("when", ["draw", "draw_tried"])
def test_the_gallery_draws_within_a_millisecond(gallery: dict[str, Any], when: str) -> None:
    draw = gallery[when]
    print(f"{when}: median {draw['median'] * 1000:.2f} ms, longest {draw['longest'] * 1000:.2f} ms")
    assert draw["drawings"] >= 10 and draw["median"] < 0.001
