# SPDX-License-Identifier: GPL-3.0-or-later
"""Go to Worst Frame in the installed extension, against the figures that the worker wrote (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from blender_addon.storage.coherence import APART, read
from tests.blender import media
from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

SIZE, LENGTH = (96, 72), 24
MOVED = 37  # frames, in the scenario
SPOILT = {7: 60, 17: 40}  # frame_index: how strong its noise is


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario, with the figures as they were written: two frames are noisy, which no flow can follow."""
    work = tmp_path_factory.mktemp("coherence")
    pictures(work)
    found = installed.play("coherence", work, pictures=str(work / "pictures"), size=SIZE, keep=str(work / "kept"))
    return found | {"figures": read(work / "kept")}


def pictures(work: Path) -> None:
    """Calm ones, but for the two."""
    chance = np.random.default_rng(5)
    for index in range(LENGTH):
        picture = media.frame(index // 4, *SIZE).astype(np.int16)
        picture[20:50, 20:70] += chance.integers(-1, 2, (30, 50, 1), np.int16) * SPOILT.get(index, 0)
        media.write(work / "pictures" / f"{index + 1:03}.png", np.clip(picture, 0, 255).astype(np.uint8))


def worst(told: dict[str, Any], indices: range) -> int:
    """frame_index of the worst frame of some."""
    return max(indices, key=lambda index: told["figures"].badness(index))


def test_without_a_painting_there_is_nowhere_to_go(told: dict[str, Any]) -> None:
    assert "Select a painted strip" in told["nothing painted"] and told["error"] == ""


def test_the_first_press_goes_to_the_worst_frame_and_says_why(told: dict[str, Any]) -> None:
    frame, sentence = told["plain"][0]
    assert frame == 1 + worst(told, range(LENGTH)) and min(abs(frame - 1 - one) for one in SPOILT) <= 1
    assert sentence.startswith(f"Frame {frame}: ") and "times the usual" in sentence
    assert told["playhead elsewhere"] == [frame, sentence]


def test_each_further_press_goes_to_a_place_some_frames_away_and_begins_anew(told: dict[str, Any]) -> None:
    frames = [frame for frame, _ in told["plain"]]
    assert abs(frames[1] - frames[0]) >= APART
    assert {min(SPOILT, key=lambda one: abs(one + 1 - frame)) for frame in frames[:2]} == set(SPOILT)
    distinct = list(dict.fromkeys(frames))
    assert all(abs(a - b) >= APART for a in distinct for b in distinct if a != b)


def test_it_follows_moving_trimming_and_reversing(told: dict[str, Any]) -> None:
    assert told["moved"][0] == told["plain"][0][0] + MOVED
    first, end = told["range"]
    shown = range(first - 1 - MOVED, end - 1 - MOVED)
    assert told["trimmed"][0] == 1 + MOVED + worst(told, shown)
    last = LENGTH - 1
    back = {frame: last - (frame - 1 - MOVED) for frame in range(first, end)}
    assert told["reversed"][0] == max(back, key=lambda frame: (told["figures"].badness(back[frame]), -frame))


def test_frames_that_nobody_sees_are_passed_over(told: dict[str, Any]) -> None:
    gone, first = told["trimmed"][0], told["range"][0]
    assert told["faded"][0] == 1 + MOVED + worst(told, range(first - 1 - MOVED, gone - 1 - MOVED))
    frame, _, first, end = told["in meta"]
    assert first <= frame < end < told["range"][1]


def test_without_figures_a_sentence_says_so(told: dict[str, Any]) -> None:
    assert "Nothing was measured of 'pictures (Brushflow)'" in told["no figures"]


@pytest.fixture(scope="module")
def retimed(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same pictures at half the speed."""
    if installed.version < "4.5":
        pytest.skip("before 4.5 Blender retimes movie and sound strips alone, and a result is an image strip")
    work = tmp_path_factory.mktemp("retimed")
    pictures(work)
    return installed.play("retimed", work, pictures=str(work / "pictures"), size=SIZE, speed=50.0)


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_on_a_retimed_strip_the_worst_picture_is_seen_and_rendered(retimed: dict[str, Any], way: str) -> None:
    first, end = retimed[way]["range"]
    assert end - first >= 2 * LENGTH - 3, "it is slowed down"
    figures = read(Path(retimed["figures"]))
    worst_first = sorted(range(LENGTH), key=figures.badness, reverse=True)
    painted = {index: image(Path(retimed["folder"], name)) for index, name in enumerate(retimed["files"])}
    for kind in ("seen", "animation"):
        arrived = [nearest(painted, image(Path(path))) for path in retimed[way][kind]]
        assert arrived[0] == worst_first[0], kind
        assert {min(SPOILT, key=lambda one: abs(one - index)) for index in arrived} == set(SPOILT)


def image(path: Path) -> NDArray[np.int16]:
    return media.read(path)[..., :3]


def nearest(painted: dict[int, NDArray[np.int16]], rendered: NDArray[np.int16]) -> int:
    """frame_index of the painted picture that was rendered."""
    apart = {index: float(np.abs(picture - rendered).mean()) for index, picture in painted.items()}
    found = min(apart, key=lambda index: apart[index])
    assert apart[found] < 0.5
    return found
