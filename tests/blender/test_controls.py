# SPDX-License-Identifier: GPL-3.0-or-later
"""What is set in the panel is what is painted, and what the result strip remembers (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SIZE = 240, 180
CONTROLS = {
    "as they come": {},
    "locked": {"colour_lock": 0.9},
    "wide": {"colour_lock": 0.0, "brush_size": 2.7},
    "clear": {"brush_size": 1.0, "clarity": 0.8},
    "on twos": {"clarity": 0.0, "hold_strokes": "twos", "flow": "dis-fine"},
    "master": {"quality": "MASTER", "hold_strokes": "surfaces", "flow": "dis"},
}
PAINTED = [name for name in CONTROLS if name != "master"]


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The paintings, and the one that this Python cannot do."""
    work = tmp_path_factory.mktemp("controls")
    pictures = work / "pictures"
    for index in range(3):
        media.write(pictures / f"{index + 1:03}.png", media.frame(index, *SIZE))
    return installed.play("controls", work, pictures=str(pictures), size=SIZE, controls=CONTROLS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("as they come", (1.0, 0.0, 0.0)),
        ("locked", (1.0, 0.0, 0.9)),
        ("wide", (2.7, 0.0, 0.0)),
        ("clear", (1.0, 0.8, 0.0)),
    ],
)
def test_the_controls_reach_the_worker_and_are_stored_on_the_strip(
    told: dict[str, Any], name: str, expected: tuple[float, float, float]
) -> None:
    assert told[name]["error"] == ""
    for settings in (told[name]["asked"], told[name]["stored"]):
        assert (settings["brush_size"], settings["clarity"], settings["colour_lock"]) == expected


def test_blender_s_own_python_is_asked_for_no_other_device(told: dict[str, Any]) -> None:
    assert all(told[name]["asked"]["device"] == "auto" and not told[name]["error"] for name in PAINTED)


def test_master_is_refused_on_the_press_where_no_python_with_torch_is_named(told: dict[str, Any]) -> None:
    assert told["wide"]["asked"]["quality"] == "final"
    assert "The quality Master needs torch" in told["master"]["error"]
    assert "Python with Torch" in told["master"]["error"]
    assert told["master"]["job"] == told["on twos"]["job"] != told["wide"]["job"], "nothing was queued"
    assert told["master"]["folder"] == told["on twos"]["folder"], "what was painted is still shown"


def test_strokes_are_held_as_chosen(told: dict[str, Any]) -> None:
    held = {name: (told[name]["asked"]["hold_strokes"], told[name]["stored"]["hold_strokes"]) for name in PAINTED}
    assert held.pop("on twos") == ("twos", "twos") and set(held.values()) == {("surfaces", "surfaces")}


def test_motion_is_looked_at_as_carefully_as_chosen(told: dict[str, Any]) -> None:
    flows = {name: (told[name]["asked"]["flow"], told[name]["stored"]["flow"]) for name in PAINTED}
    assert flows.pop("on twos") == ("dis-fine", "dis-fine") and set(flows.values()) == {("dis", "dis")}


def test_the_figures_of_the_frames_lie_beside_them(told: dict[str, Any]) -> None:
    assert [[one["frame"] for one in told[name]["figures"]] for name in PAINTED] == [[0, 1, 2]] * len(PAINTED)


def test_each_of_them_is_seen(told: dict[str, Any]) -> None:
    source, *paintings = (read(path) for path in (told["source"], *(told[name]["picture"] for name in PAINTED)))
    free, locked, wide, clear, _on_twos = paintings
    assert difference(free, wide) > 10 and difference(free, locked) > 10 and difference(free, clear) > 2
    assert _apart_in_colour(locked, source) < 0.4 * _apart_in_colour(free, source)


def _apart_in_colour(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of what the channels lie above or below the luma, of 255."""
    chroma = [picture[..., :3] - (picture[..., :3] @ (0.299, 0.587, 0.114))[..., None] for picture in (one, other)]
    return float(np.abs(chroma[0] - chroma[1]).mean())
