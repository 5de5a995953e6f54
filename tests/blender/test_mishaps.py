# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad luck in the middle of a job: a sentence says what happened, and nothing is lost (free of bpy itself)."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.small_disk import small_disk

pytestmark = pytest.mark.blender

COUNT = 16
MISHAPS = (
    "worker_killed",
    "child_killed",
    "renamed",
    "source_deleted",
    "result_deleted",
    "other_file_opened",
    "two_at_once",
    "cancelled_while_waiting",
    "damaged_cache",
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures large enough that painting them has a middle."""
    folder = tmp_path_factory.mktemp("pictures")
    for index in range(COUNT):
        media.write(folder / f"{index + 1:03}.png", media.frame(index, 320, 240))
    return folder


@pytest.fixture(scope="module")
def told(installed: Installed, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every mishap."""
    work = tmp_path_factory.mktemp("mishaps")
    return installed.play("mishaps", work, pictures=str(pictures), mishaps=MISHAPS)


def test_a_killed_worker(told: dict[str, Any]) -> None:
    ended, again = told["worker_killed"]["ended"], told["worker_killed"]["again"]
    assert ended["stage"] == "failed"
    assert "signal 9" in ended["sentence"]
    assert ended["notice"] == ended["sentence"], "the panel says it too"
    assert ended["log"] in ended["hint"]
    assert Path(ended["log"]).is_file()
    assert again["stage"] == "done"
    assert again["reused"] >= len(ended["finished"]) >= 2


def test_a_killed_child(told: dict[str, Any]) -> None:
    ended = told["child_killed"]["ended"]
    assert ended["stage"] == "failed"
    assert "'pictures'" in ended["sentence"]
    assert "-9" in ended["sentence"]
    assert Path(ended["log"]).is_file()
    assert told["child_killed"]["again"]["stage"] == "done"


def test_renamed_strips_and_scene(told: dict[str, Any]) -> None:
    assert told["renamed"]["ended"]["stage"] == "done"
    assert told["renamed"]["ended"]["finished"] == list(range(COUNT))
    assert told["renamed"]["names"] == ["other", "other result"]


def test_a_deleted_source(told: dict[str, Any]) -> None:
    assert told["source_deleted"]["ended"]["stage"] == "done"
    assert told["source_deleted"]["names"] == ["pictures (Brushflow)"]


def test_a_deleted_result(told: dict[str, Any]) -> None:
    ended = told["result_deleted"]["ended"]
    assert ended["stage"] == "cancelled"
    assert "was removed" in ended["notice"]
    assert len(ended["finished"]) >= 2


def test_another_file_opened(told: dict[str, Any]) -> None:
    mishap = told["other_file_opened"]
    assert mishap["ended"]["stage"] == "cancelled"
    assert not mishap["busy"]
    assert not mishap["worker runs"]
    assert mishap["temporary"] == []
    assert mishap["names"] == ["pictures"]
    run = Path(mishap["ended"]["run"])
    assert len(painted_in(run)) >= len(mishap["ended"]["finished"]) >= 2, "painted frames stay"
    assert mishap["error"] == ""
    assert mishap["next"]["stage"] == "done"


def test_two_jobs_at_once(told: dict[str, Any]) -> None:
    mishap = told["two_at_once"]
    assert mishap["second while the first ended"] == "waiting"
    assert [mishap["first"]["stage"], mishap["second"]["stage"]] == ["done", "done"]
    assert len(mishap["second"]["finished"]) == 6
    assert mishap["refused"].startswith("'pictures' is being painted already.")
    assert mishap["names"] == ["more", "more (Brushflow)", "pictures", "pictures (Brushflow)"]


def test_cancelled_while_waiting(told: dict[str, Any]) -> None:
    assert [job["stage"] for job in told["cancelled_while_waiting"]["ended"]] == ["cancelled", "cancelled"]
    assert not told["cancelled_while_waiting"]["busy"]


def test_damaged_cache_files_are_made_again(told: dict[str, Any]) -> None:
    first, second = told["damaged_cache"]["first"], told["damaged_cache"]["second"]
    assert told["damaged_cache"]["damaged"] > COUNT
    assert second["stage"] == "done"
    for index in first["finished"]:
        one, two = (Path(job["run"], f"{index + 1:06}.png") for job in (first, second))
        assert np.array_equal(media.read(one), media.read(two))


@pytest.mark.parametrize(("stage", "kilobytes"), [("could not be read", 2500), ("is full", 7500)])
def test_the_disk_runs_full_in_the_middle(
    installed: Installed,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    kilobytes: int,
) -> None:
    """The smaller disk is full before all frames are extracted, the other before all are painted."""
    with small_disk(tmp_path / "disk", kilobytes=kilobytes) as disk:
        monkeypatch.setitem(os.environ, "BRUSHFLOW_TEST_SMALL_DISK", str(disk))
        played = installed.play("mishaps", tmp_path / "work", pictures=str(pictures), mishaps=["disk_runs_full"])
        told = played["disk_runs_full"]
        painted_in(Path(told["ended"]["run"]))  # what is there is whole
    assert told["ended"]["stage"] == "failed"
    assert str(disk) in told["sentence"]
    assert stage in told["sentence"], told["sentence"]
    assert "Traceback" not in told["sentence"]
    assert told["names"] == ["pictures", "pictures (Brushflow)"]
    assert told["again"] == "", "with room it works"


def test_ctrl_c_in_the_terminal(installed: Installed, pictures: Path, tmp_path: Path) -> None:
    told = installed.play("interrupted", tmp_path, pictures=str(pictures))
    assert told["errors"] == ["", ""]
    assert told["interrupted"]["stage"] == "cancelled"
    assert 2 <= len(told["interrupted"]["finished"]) < COUNT
    assert told["again"]["stage"] == "done"
    assert told["again"]["reused"] == len(told["interrupted"]["finished"])
    assert told["names"] == ["pictures", "pictures (Brushflow)"]


@pytest.mark.parametrize("act", ["die extracting", "die painting"])
def test_blender_vanishes(installed: Installed, pictures: Path, tmp_path: Path, act: str) -> None:
    process, result = installed.start("closing", tmp_path, pictures=str(pictures), act=act)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == -9, output
    told = json.loads(result.read_text("utf-8"))
    assert ends_within(told["process"], 10.0), "what Blender had started must not outlive it"
    whole = painted_in(Path(told["run"]))
    resumed = installed.play("closing", tmp_path, pictures=str(pictures), act="resume")
    assert resumed["error"] == ""
    assert resumed["job"]["finished"] == list(range(COUNT))
    assert resumed["job"]["reused"] >= len(whole) >= told["finished"]


def painted_in(run: Path) -> list[Path]:
    """The painted pictures of a run; every file must be whole, or still be a placeholder."""
    blank = (run / "placeholder.png").read_bytes()
    painted = []
    for path in sorted(run.glob("0*.png")):
        content = path.read_bytes()
        if content != blank:
            assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) is not None, path
            painted.append(path)
    return painted


def ends_within(process_id: int, seconds: float) -> bool:
    """Whether a process is gone, or dead and waiting to be noticed, before the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
