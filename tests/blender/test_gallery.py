# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery of the installed extension: trials, favourites, one's own styles (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SIZE = 480, 270


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the edit."""
    folder = tmp_path_factory.mktemp("gallery")
    media.write(folder / "painting.png", media.frame(5, 200, 150)[:, ::-1])
    for index in range(3):
        media.write(folder / "frames" / f"{index + 1:03}.png", media.frame(index * 9, *SIZE))
    return folder


@pytest.fixture(scope="module")
def told(installed: Installed, work: Path) -> dict[str, Any]:
    """The scenario."""
    options = {"pictures": str(work / "frames"), "size": SIZE, "painting": str(work / "painting.png")}
    return installed.play("gallery", work, **options)


def picture(data: str) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(bytes.fromhex(data), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return np.asarray(found[..., 2::-1], np.uint8)


def test_favourites_come_first_stay_and_can_be_searched(told: dict[str, Any]) -> None:
    seen = told["favourites"]
    assert seen["first"] == "the-scream" and seen["only"] == ["the-scream"]
    assert seen["count"] >= 16
    assert seen["searched"] == ["starry-night"] and seen["nothing"] == []


def test_the_menu_is_short_and_its_tooltip_tells_all(told: dict[str, Any]) -> None:
    name, tooltip = told["favourites"]["menu"][0]
    assert name == "The Great Wave off Kanagawa" and tooltip == f"{name} \N{EN DASH} Katsushika Hokusai"


def test_the_current_frame_is_tried_in_the_styles_shown(told: dict[str, Any], work: Path) -> None:
    trial = told["trial"]
    assert trial["error"] == "" and trial["stage"] == "done"
    assert list(trial["painted"]) == trial["wanted"] and len(trial["wanted"]) >= 2
    assert trial["shown"] == sorted(trial["wanted"]), "their thumbnails are new, and only theirs"
    source = picture(trial["source bytes"])
    np.testing.assert_array_equal(source, read(work / "frames" / "002.png")[..., :3])
    small = picture(next(iter(trial["bytes"].values())))
    assert small.shape == (180, 320, 3)
    assert difference(small, cv2.resize(source, (320, 180), interpolation=cv2.INTER_AREA)) > 10


def test_another_trial_takes_the_place_of_the_first(told: dict[str, Any]) -> None:
    trial = told["trial"]
    assert trial["again"] == "" and trial["first is gone"]
    assert trial["cleared"] == {}, "the styles' own thumbnails come back"
    assert "no styles to try" in trial["nothing"]


def test_beside_the_strip_there_is_nothing_to_try(told: dict[str, Any]) -> None:
    assert "playhead (frame 50) is not over 'pictures', which shows frames 1 to 3" in told["beside"]


def test_a_preview_is_what_the_preview_region_would_show(told: dict[str, Any], work: Path) -> None:
    plain, agx = told["preview"]["Standard"], told["preview"]["AgX"]
    for seen in (plain, agx):
        assert seen["stage"] == "done", seen["sentence"]
        assert len(seen["shown"]) == 2
    np.testing.assert_array_equal(picture(plain["shown"][0]), read(work / "frames" / "001.png")[..., :3])
    assert difference(picture(plain["shown"][1]), picture(plain["shown"][0])) > 10
    np.testing.assert_array_equal(picture(agx["shown"][1]), picture(agx["expected"]))
    assert difference(picture(agx["shown"][1]), picture(plain["shown"][1])) > 3, "the view transform is gone through"


def test_a_preview_goes_ahead_of_a_trial_which_goes_on(told: dict[str, Any]) -> None:
    both = told["both"]
    assert both["preview"] == both["trial"] == "done"
    assert both["trial meanwhile"] == "painting" and both["then"] < both["count"]
    assert both["in order"] and both["kept"] and both["all there"]


def test_a_trial_stops_and_what_is_there_stays(told: dict[str, Any]) -> None:
    cancelled = told["cancelled"]
    # The trial has ended for the eye at once; this is the worker, which is killed after 0.8 s if it does not answer.
    assert cancelled["stage"] == "cancelled" and cancelled["seconds"] < 2.0
    assert 1 <= cancelled["painted"] == cancelled["there"] < cancelled["of"]


def test_an_image_of_the_file_is_the_style(told: dict[str, Any], work: Path) -> None:
    image = told["image"]
    assert "file has no image" in image["none"]
    assert image["file error"] == image["made error"] == ""
    assert image["file"] == ["PICTURE", str(work / "painting.png")], "its own file, no copy"
    assert image["made"] == ["made_up_by_me.png", "89504e47"]
    assert "no image 'nobody'" in image["unknown"]


def test_ones_own_style_goes_out_and_comes_in(told: dict[str, Any]) -> None:
    own = told["own"]
    assert "presets cannot be changed" in own["preset"]
    assert [own[step] for step in ("export", "remove", "import", "rename", "paint")] == [""] * 5
    assert own["after removing"] == "starry-night" and own["after importing"] == "red-barn"
    assert own["title"] == "Blue Barn" and own["job"]["stage"] == "done"
    assert "bad.brushstyle is no style" in own["bad"] and "Traceback" not in own["bad"]


def test_off_and_on_ten_times_leaves_nothing(told: dict[str, Any]) -> None:
    rounds = told["rounds"]
    assert all(found[:2] == [False, 0] for found in rounds["counts"]), rounds["counts"]
    assert len({found[2] for found in rounds["counts"]}) == 1, "preview collections are removed"
    assert rounds["back"] and rounds["left on disk"] == [] and rounds["processes"] == []
