# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting at a part of the render's size, in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SIZE, HALF = (642, 363), (321, 181)  # one side is odd: half of it is no whole number
FACTOR = [642 / 321, 363 / 181]


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario; a picture of smooth parts, contours and fine grain."""
    work = tmp_path_factory.mktemp("working resolution")
    grain = np.random.default_rng(3).integers(-18, 19, (SIZE[1], SIZE[0], 1), np.int16)
    for index in range(3):
        picture = media.frame(index, *SIZE) + grain
        media.write(work / "pictures" / f"{index + 1:03}.png", np.clip(picture, 0, 255).astype(np.uint8))
    found = installed.play("working_resolution", work, pictures=str(work / "pictures"), size=SIZE)
    assert [found[name]["error"] for name in ("whole", "half", "back", "placed half", "draft", "trimmed")] == [""] * 6
    return found


def size_of(path: str) -> tuple[int, int]:
    return read(path).shape[1], read(path).shape[0]


def blurred(path: str) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(read(path)[..., :3].astype(np.float32), (0, 0), 6.0), np.float32)


def test_frames_are_read_painted_and_stored_small(told: dict[str, Any]) -> None:
    assert size_of(told["whole"]["picture"]) == size_of(told["whole"]["placeholder"]) == SIZE
    assert size_of(told["half"]["picture"]) == size_of(told["half"]["placeholder"]) == HALF
    assert told["half"]["label"] == told["whole"]["label"] + " · 50 %"


def test_the_result_fills_the_picture_as_its_source_does(told: dict[str, Any]) -> None:
    assert told["whole"]["scale"] == [1.0, 1.0]
    assert told["half"]["scale"] == pytest.approx(FACTOR)
    assert size_of(told["half"]["rendered"]) == SIZE and read(told["half"]["rendered"])[..., 3].min() == 255
    source, painted = read(told["source"]), read(told["half"]["rendered"])
    for edge in (np.s_[:3], np.s_[-3:], np.s_[:, :3], np.s_[:, -3:]):
        assert np.abs(painted[edge] - source[edge]).mean() > 8, "the border is painted, too"


def test_but_for_sharpness_it_is_the_same_painting(told: dict[str, Any]) -> None:
    whole, half, source = (blurred(told[name]["rendered"]) for name in ("whole", "half", "whole"))
    source = blurred(told["source"])
    apart, painted = np.abs(whole - half).mean(), np.abs(whole - source).mean()
    print(f"between the two {apart:.2f}, from the source {painted:.2f}")
    assert apart < 0.35 * painted
    detail = [
        cv2.Laplacian(read(told[name]["rendered"])[..., 1].astype(np.float32), cv2.CV_32F).var()
        for name in ("whole", "half")
    ]
    assert detail[1] < detail[0], "it is coarser"


def test_back_at_the_whole_size_it_is_as_it_was(told: dict[str, Any]) -> None:
    assert told["back"]["scale"] == pytest.approx([1.0, 1.0], abs=1e-6)
    assert difference(read(told["back"]["picture"]), read(told["whole"]["picture"])) == 0
    assert difference(read(told["back"]["rendered"]), read(told["whole"]["rendered"])) <= 1


def test_another_resolution_makes_a_painting_stale_and_goes_with_the_settings(told: dict[str, Any]) -> None:
    assert told["halves"] == ["", [""]]
    assert told["stored"] == ["", ["was painted before its settings changed"]]
    assert told["taken"] == ["", 70] and told["reset"] == ["", 100]


def test_what_the_editor_did_to_the_strip_stays(told: dict[str, Any]) -> None:
    assert told["placed half"]["scale"] == pytest.approx([0.5 * FACTOR[0], 0.8 * FACTOR[1]])
    assert told["placed half"]["crop"] == 10 and told["curve"] == pytest.approx([0.8 * FACTOR[1]])
    before, after = blurred(told["placed"]), blurred(told["placed half"]["rendered"])
    assert np.abs(before - after).mean() < 3
    assert told["trimmed"]["scale"] == pytest.approx([0.5 * 642 / 513, 0.8 * 363 / 290])
    assert size_of(told["trimmed"]["picture"]) == (513, 290)


def test_a_draft_is_painted_so_too_and_a_new_strip_fills_the_picture(told: dict[str, Any]) -> None:
    assert size_of(told["draft"]["picture"]) == HALF
    assert told["draft"]["scale"] == pytest.approx(told["placed half"]["scale"])
    assert told["draft"]["label"].endswith(" · 50 % · Draft")
    error, new = told["new strip"]
    assert error == new["error"] == "" and new["scale"] == pytest.approx(FACTOR)
