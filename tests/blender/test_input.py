# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused with a sentence; unusual input is painted (free of bpy itself)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.blender.installed import Installed
from tests.blender.media import difference, read
from tests.blender.small_disk import small_disk

pytestmark = pytest.mark.blender

# What the sentence must name: the value, and what to do about it.
REFUSALS = {
    "missing movie": ("'gone'", "/nowhere/gone.mp4", "Find Missing Files"),
    "missing picture": ("'pictures'", "not there.png", "Find Missing Files"),
    "missing in meta": ("'inner' in 'meta'", "/nowhere/inner.mp4"),
    "sound": ("'noise'", "sound strip"),
    "adjustment": ("'layer'", "adjustment layer", "meta strip"),
    "empty meta": ("'empty'", "empty"),
    "no camera": ("'world'", "no camera"),
    "nothing selected": ("Select the strips to paint",),
    "unknown style": ("'no such style'", "starry-night"),
    "cache below a file": ("Not a directory", "preferences"),
    "no free channel": ("'highest'", "128"),
}
UNUSUAL = (
    "one frame",
    "held still",
    "odd size",
    "smallest size",
    "flat size",
    "one pixel",
    "alpha",
    "before zero",
    "strange names",
    "unsaved",
    "faded and covered",
    "sound beside",
)


def available(told: dict[str, Any]) -> dict[str, Any]:
    """What a case told; skips the test where this build of Blender cannot set the case up."""
    if "unavailable" in told:
        pytest.skip(told["unavailable"])
    return told


@pytest.fixture(scope="module")
def refused(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every refusal."""
    return installed.play("refusals", tmp_path_factory.mktemp("refusals"), media=str(small_media))


@pytest.mark.parametrize("case", REFUSALS)
def test_bad_input_is_refused_before_any_work(refused: dict[str, Any], case: str) -> None:
    told = available(refused[case])
    assert all(words in told["sentence"] for words in REFUSALS[case]), told["sentence"]
    assert "Traceback" not in told["sentence"]
    assert told["added"] == [], "a refusal changes nothing on the timeline"
    assert [path for path in told["left"] if path.endswith((".png", ".blend"))] == [], "and leaves no files"


def test_a_full_disk_is_told(
    installed: Installed, small_media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk", kilobytes=64) as disk:
        (disk / "filler").write_bytes(bytes(60 * 1024))
        monkeypatch.setitem(os.environ, "BRUSHFLOW_TEST_FULL_DISK", str(disk))
        told = installed.play("refusals", tmp_path / "work", media=str(small_media), only=["full disk"])["full disk"]
    assert str(disk) in told["sentence"]
    assert "Only 0.0 MB are free there" in told["sentence"]
    assert "preferences" in told["sentence"]
    assert told["added"] == []


@pytest.fixture(scope="module")
def unusual(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every unusual case, painted."""
    return installed.play("odd_input", tmp_path_factory.mktemp("odd input"), media=str(small_media))


@pytest.mark.parametrize("case", UNUSUAL)
def test_unusual_input_is_painted(unusual: dict[str, Any], case: str) -> None:
    told = available(unusual[case])
    first, end = told["range"]
    result = told["result"]
    assert told["error"] == ""
    assert told["job"]["stage"] == "done"
    assert told["job"]["finished"] == list(range(end - first))
    assert result["range"] == told["range"]
    assert told["panel shows"] == result["name"]
    for shown, file in zip(told["rendered"], (result["files"][0], result["files"][-1]), strict=True):
        painted = read(Path(result["folder"], file))
        assert painted.shape == (told["size"][1], told["size"][0], 4)
        opaque = painted[..., 3] == 255
        if case != "faded and covered":  # there something lies above the result
            assert difference(read(shown)[opaque], painted[opaque]) <= 1


def test_alpha_is_kept(unusual: dict[str, Any]) -> None:
    told = unusual["alpha"]
    painted = read(Path(told["result"]["folder"], told["result"]["files"][0]))
    assert np.unique(painted[..., 3]).tolist() == [0, 128, 255]
    clear = painted[..., 3] == 0
    assert difference(read(told["rendered"][0])[clear], read(told["source"][0])[clear]) == 0


def test_fading_and_what_lies_above_are_not_painted(unusual: dict[str, Any]) -> None:
    told = unusual["faded and covered"]
    painted = read(Path(told["result"]["folder"], told["result"]["files"][0]))
    assert (painted[..., 3] == 255).all(), "at its first frame the clip itself is faded out"


def test_an_unsaved_file_uses_the_users_own_folder(unusual: dict[str, Any], installed: Installed) -> None:
    folder = Path(unusual["unsaved"]["result"]["folder"])
    assert folder.is_relative_to(installed.resources)
    assert not folder.is_relative_to(installed.extension)
