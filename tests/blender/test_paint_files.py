# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint Files in the installed extension: other .blend files, one after the other (free of bpy itself)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.scenarios.running import gone_after

pytestmark = pytest.mark.blender

NAMES = ("stale", "broken", "never", "newer", "whole", "here", "gone", "gaps")
FEW, MANY = (5, (96, 72)), (24, (320, 240))


def play(installed: Installed, work: Path, part: str, length: tuple[int, tuple[int, int]] = FEW) -> dict[str, Any]:
    return installed.play("paint_files", work / "work", **options(work, part, length))


def options(work: Path, part: str, length: tuple[int, tuple[int, int]]) -> dict[str, Any]:
    count, size = length
    for index in range(count):
        media.write(work / "pictures" / f"{index + 1:03}.png", media.frame(index, *size))
    return {"part": part, "pictures": str(work / "pictures"), "size": size}


@pytest.fixture(scope="module")
def in_turn(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two files with work left among others."""
    return play(installed, tmp_path_factory.mktemp("in turn"), "in_turn")


@pytest.fixture(scope="module")
def stopped(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Stopped in several ways."""
    return play(installed, tmp_path_factory.mktemp("stopped"), "stopped", MANY)


def test_two_files_are_painted_one_after_the_other(in_turn: dict[str, Any]) -> None:
    assert in_turn["ended"]["stale.blend"] == ["painted", "5 frames painted on 1 strip, and saved."]
    assert in_turn["ended"]["gaps.blend"] == ["painted", "1 strip filled from earlier work, and saved."]
    for name, style in (("stale", "great-wave"), ("gaps", "starry-night")):
        before, after = in_turn["before"][name], in_turn["after"][name]
        assert before["state"] != [False, "", 0] and after["state"] == [False, "", 0]
        assert after["folder"] != before["folder"] and after["stored"].startswith("//brushflow")
        assert after["with"] == [style, "final"]
    assert in_turn["after"]["stale"]["another add-on's"] == 7, "it does not run there, and loses nothing"
    assert in_turn["backups"] == [True, True], "Blender's own backup is the file as it was"


def test_the_others_get_their_sentence_and_are_left_as_they_are(in_turn: dict[str, Any]) -> None:
    ended = in_turn["ended"]
    assert list(ended) == [f"{name}.blend" for name in NAMES]
    words = {
        "broken": ("failed", "cannot read it"),
        "never": ("passed over", "Nothing in it was ever painted"),
        "newer": ("failed", "It was saved by a newer Blender"),
        "whole": ("passed over", "painted in full already"),
        "here": ("passed over", "It is open in this window"),
        "gone": ("failed", "There is no such file"),
    }
    for name, (stage, sentence) in words.items():
        assert ended[f"{name}.blend"][0] == stage and sentence in ended[f"{name}.blend"][1]
    assert sorted(in_turn["untouched"]) == [f"{name}.blend" for name in sorted(words) if name != "gone"]
    assert in_turn["still open"]


def test_a_script_hears_what_failed(in_turn: dict[str, Any]) -> None:
    assert "broken.blend: " in in_turn["error"] and "gone.blend: " in in_turn["error"]
    assert "here.blend" not in in_turn["error"].replace("Warning", "")
    assert "No file is chosen" in in_turn["nothing chosen"]
    assert in_turn["by full path"][:2] == ["", "passed over"]


def test_drafts_stay_drafts_or_become_final(installed: Installed, tmp_path: Path) -> None:
    told = play(installed, tmp_path, "drafts")
    assert told["False"][:2] == ["", "passed over"] and told["False state"]["state"] == [True, "", 0]
    assert told["True"][:2] == ["", "painted"] and told["True state"]["state"] == [False, "", 0]


def test_stop_ends_everything_and_leaves_the_file_as_it_was(stopped: dict[str, Any]) -> None:
    told = stopped["stopped"]
    assert told["seconds"] < 5.0 and told["alive"] >= 0.0
    (first, sentence), (second, _) = told["ended"]
    assert first == second == "stopped" and "What is painted is kept" in sentence
    assert stopped["meanwhile"] == [False, False], "nothing is cleaned up, and no second list begun"
    assert told["untouched"] and told["runs"] == 1 and told["temporary"] == []


def test_what_was_painted_comes_at_once_the_next_time(stopped: dict[str, Any]) -> None:
    sentence, state = stopped["gone on"]
    assert state == [False, "", 0]
    assert 0 < int(sentence.split()[0]) < MANY[0], "the others came from the cache"


def test_a_strip_with_gaps_keeps_what_it_got_before_it_was_stopped(stopped: dict[str, Any]) -> None:
    stage, sentence, painted = stopped["gaps"]
    assert stage == "stopped" and "painted on 1 strip, and saved" in sentence
    assert 2 <= painted < MANY[0]


def test_strips_of_every_scene_and_the_one_in_hand_is_taken_back(installed: Installed, tmp_path: Path) -> None:
    told = play(installed, tmp_path, "two_scenes", MANY)
    stage, sentence = told["ended"]
    assert stage == "stopped" and "painted on 1 strip, and saved" in sentence and told["in hand"] == "pictures"
    before, after = told["before"], told["after"]
    assert after["Other"][0] != before["Other"][0] and after["Other"][1:] == ["", "0"]
    assert after["Scene"] == before["Scene"] and before["Scene"][1] != ""
    assert after["shown"] == before["shown"]


def test_disabling_the_add_on_leaves_no_process(stopped: dict[str, Any]) -> None:
    seconds, gone, forgotten = stopped["dropped"]
    assert seconds < 8.0 and gone >= 0.0 and forgotten


def test_nobody_elses_work_is_saved_over(installed: Installed, tmp_path: Path) -> None:
    told = play(installed, tmp_path, "meddled", MANY)
    stage, sentence, is_theirs = told["saved by somebody"]
    assert stage == "failed" and "Somebody saved it" in sentence and is_theirs
    stage, sentence, is_untouched = told["opened here"]
    assert stage == "stopped" and "It is open in this window" in sentence and is_untouched


def test_no_process_outlives_blender(installed: Installed, tmp_path: Path) -> None:
    process, _ = installed.start("paint_files", tmp_path / "work", **options(tmp_path, "closing", MANY))
    process.communicate(timeout=240)
    family = json.loads((tmp_path / "work" / "family.json").read_text("utf-8"))
    assert family and gone_after(family, 15.0) >= 0.0
