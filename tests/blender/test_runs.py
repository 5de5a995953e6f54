# SPDX-License-Identifier: GPL-3.0-or-later
"""A result follows what editors do with it (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

NAME = 'my "painting"'


@pytest.fixture(scope="module")
def told(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Restyled, moved, trimmed, split and cleared in turn."""
    played = installed.play("runs", tmp_path_factory.mktemp("runs"), media=str(small_media))
    assert played["errors"] == [""] * 5
    return played


def test_a_used_channel_is_passed_over(told: dict[str, Any]) -> None:
    (result,) = told["first"]["results"]
    assert (result["channel"], result["range"]) == (3, [1, 9])


def test_a_second_style_switches_the_same_strip(told: dict[str, Any]) -> None:
    (before,), (after,) = told["first"]["results"], told["restyled"]["results"]
    assert after["folder"] != before["folder"]
    assert (after["name"], after["channel"], after["range"]) == (NAME, 5, [1, 9])
    assert told["restyled"]["uids"] == told["first"]["uids"]
    assert told["restyled"]["keys"] == {NAME: [[1, 0.5], [8, 0.75]]}


def test_moving_keeps_the_strip_and_its_keyframes(told: dict[str, Any]) -> None:
    (result,) = told["moved"]["results"]
    assert result["range"] == [11, 19]
    assert told["moved"]["keys"] == {NAME: [[11, 0.5], [18, 0.75]]}


def test_a_trimmed_source_gets_a_result_of_its_length_with_everything_else_kept(told: dict[str, Any]) -> None:
    (result,) = told["trimmed"]["results"]
    assert (result["name"], result["channel"], result["range"]) == (NAME, 5, [11, 17])
    assert len(result["files"]) == 6
    assert told["trimmed"]["keys"] == {NAME: [[11, 0.5], [18, 0.75]]}
    assert told["trimmed"]["names"] == ["clip", NAME]


def test_half_of_a_split_is_painted_by_itself(told: dict[str, Any]) -> None:
    (before,) = told["trimmed"]["results"]
    left, right = sorted(told["right half restyled"]["results"], key=lambda result: result["range"][0])
    assert (left["folder"], left["range"]) == (before["folder"], [11, 14])
    assert right["folder"] != before["folder"]
    assert (right["range"], len(right["files"])) == ([14, 17], 3)
    assert len(set(told["right half restyled"]["uids"])) == 2, "an identifier copied by the split is renewed"


def test_clear_takes_one_result_and_only_its_pictures(told: dict[str, Any]) -> None:
    (left,) = told["right half cleared"]["results"]
    assert Path(left["folder"]).name in told["folders left"]
    right = next(r for r in told["right half restyled"]["results"] if r["range"][0] == 14)
    assert Path(right["folder"]).name not in told["folders left"]
