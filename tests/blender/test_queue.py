# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.blender import media
from tests.blender.installed import Installed

pytestmark = pytest.mark.blender

SIZE, COUNT = (96, 72), 10


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Both parts of the scenario, each in a Blender of its own."""
    work = tmp_path_factory.mktemp("queue")
    for index in range(COUNT):
        media.write(work / "frames" / f"{index + 1:03}.png", media.frame(index, *SIZE))
    options = {"pictures": str(work / "frames"), "size": SIZE}
    begin = installed.play("waiting", work, part="begin", **options)
    return {**begin, "later": installed.play("waiting", work, part="later", **options)}


def test_the_strip_under_the_playhead_comes_first(told: dict[str, Any]) -> None:
    assert told["playhead first"][0] == "three" and told["playhead first"][-1] == "one"


def test_pause_frees_the_worker_within_its_second_and_keeps_what_is_painted(told: dict[str, Any]) -> None:
    held = told["held"]
    assert held["finished"][0] == held["finished"][1] >= 2
    assert held["text"] == "Paused" and held["busy"] and not held["worker"]


def test_what_waits_is_put_in_order_by_hand_and_by_the_playhead(told: dict[str, Any]) -> None:
    first, *others = told["playhead first"]
    assert told["moved up"] == [first, others[1], others[0], others[2]]
    assert told["playhead moved"] == ["three", "one", "two", "four"]


def test_one_is_taken_off_the_list(told: dict[str, Any]) -> None:
    assert told["one cancelled"] == ["three", "one", "two"] and told["gone"] == ""


def test_the_strip_goes_on_where_it_was_held(told: dict[str, Any]) -> None:
    job = told["went on"]
    assert job["stage"] == "done" and job["finished"] == list(range(COUNT))
    assert job["reused"] >= 2, "what was painted before comes from the cache"


def test_time_and_room_are_told_from_what_was_measured(told: dict[str, Any]) -> None:
    assert told["unknown"] is None and told["second"]["reused"] <= 2
    seconds, size, memory = told["expected"]
    assert seconds > 0 and size > COUNT * 1000
    assert 100e6 < memory < 2e9, "as much as Python, OpenCV and the networks hold"
    assert told["seconds left"] == -1.0 or told["seconds left"] >= 0.5 * seconds, "the strip that waits counts"
    later_seconds, later_size, later_memory = told["later"]["expected"]
    assert later_memory == memory
    assert later_seconds == pytest.approx(seconds * 8 / COUNT), "it is remembered"
    assert later_size == pytest.approx(size * 8 / COUNT, abs=1)  # whole bytes


def test_no_time_is_told_for_what_is_painted_as_it_is_chosen(told: dict[str, Any]) -> None:
    left = told["later"]["to paint"]
    assert left["starry-night"] == [0] * 4
    assert left["great-wave"] == left["PICTURE"] == [COUNT] * 4


def test_what_was_left_is_offered_when_the_file_is_opened_again(told: dict[str, Any]) -> None:
    later = told["later"]
    assert sorted(later["names"]["Scene"]) == ["four (Brushflow)", "two (Brushflow)"]
    assert later["frames"] == 2 * COUNT and later["error"] == ""
    assert [job["stage"] for job in later["jobs"]] == ["done", "done"]
    assert later["left"] == 0
    can_go_on, pause = later["nothing"]
    assert not can_go_on and "Nothing is being painted" in pause
