# SPDX-License-Identifier: GPL-3.0-or-later
"""Duplicate, retime, meta and delete, each with undo and redo, in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

RESULT = "pictures (Brushflow)"
BOTH = ["pictures", RESULT]


@pytest.fixture(scope="module")
def told(installed: Installed, small_media: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    found = installed.play("habits", tmp_path_factory.mktemp("habits"), pictures=str(small_media / "images"))
    assert found["error"] == ""
    return found


@pytest.mark.parametrize("act", ["duplicate", "retime", "meta", "delete_source", "delete_result"])
def test_undo_and_redo_lead_back_and_forth(told: dict[str, Any], act: str) -> None:
    assert told[act]["undone"] == [BOTH, []], "as it was, and painted in full"
    assert told[act]["redone"] == told[act]["done"]


def test_a_duplicate_is_painted_by_itself(told: dict[str, Any]) -> None:
    extra = told["duplicate"]["extra"]
    assert extra["copies"] == ["pictures (Brushflow).001", "pictures.001"]
    assert extra["found"] == [], "a copy shows what the first one shows"
    assert extra["error"] == "" and extra["apart"] and extra["first kept"]


def test_a_retimed_strip_is_stale_until_it_is_painted_again(told: dict[str, Any]) -> None:
    extra = told["retime"]["extra"]
    assert extra["found"] == [f"{RESULT} was painted before its source changed"]
    assert extra["error"] == "" and extra["after"] == []


def test_inside_a_meta_strip_it_is_found_and_painted(told: dict[str, Any]) -> None:
    extra = told["meta"]["extra"]
    assert extra["names"] == ["MetaStrip"] and extra["found"] == []
    assert extra["error"] == "" and extra["jobs"] == ["done"]


def test_without_its_source_a_result_stays_and_says_why_it_cannot_be_painted(told: dict[str, Any]) -> None:
    extra = told["delete_source"]["extra"]
    assert extra["found"] == [] and "is gone" in extra["error"]


def test_a_deleted_result_comes_back_from_the_cache(told: dict[str, Any]) -> None:
    extra = told["delete_result"]["extra"]
    assert extra["error"] == "" and extra["found"] == []
    assert extra["job"]["reused"] == len(extra["job"]["finished"]) == 6
