# SPDX-License-Identifier: GPL-3.0-or-later
"""Collecting aside: everything arrives whole, and whenever it is stopped nothing is lost or left half."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blender_addon.storage import run_folder, run_use
from blender_addon.storage.collecting import Collecting

FRAMES = 40


@pytest.fixture(autouse=True)
def other_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be linked, as between two disks."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)


def make(cache: Path, uid: str) -> Path:
    names = [f"{number:06}.png" for number in range(1, FRAMES + 1)]
    run = run_folder.make_run(cache, "clip", uid, names, (16, 9))
    for number, name in enumerate(names):
        (run / name).write_bytes(bytes([number]) * 1000)
    return run


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end
        time.sleep(0.001)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_runs_arrive_whole_one_after_the_other(tmp_path: Path) -> None:
    runs, home = [make(tmp_path / "old", uid) for uid in "abc"], tmp_path / "new"
    collecting, fractions = Collecting(runs, home), []
    assert not collecting.has_ended and collecting.fraction == 0.0
    collecting.start()
    while not collecting.has_ended:
        fractions.append(collecting.fraction)
    arrived = collecting.arrived()
    assert [run for run, _ in arrived] == runs and collecting.arrived() == []
    for run, target in arrived:
        assert target.is_relative_to(home) and contents(target) == contents(run)
    assert fractions == sorted(fractions) and collecting.fraction == 1.0
    assert collecting.error is None and not collecting.was_cancelled


def test_stopped_it_leaves_whole_runs_and_no_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, home = [make(tmp_path / "old", uid) for uid in "abc"], tmp_path / "new"
    copied, slow = [], shutil.copy2

    def counted(source: str, target: str) -> str:
        time.sleep(0.002)
        copied.append(target)
        return str(slow(source, target))

    monkeypatch.setattr(shutil, "copy2", counted)
    collecting = Collecting(runs, home)
    collecting.start()
    wait(lambda: len(copied) >= FRAMES + 10)  # in the second run
    collecting.cancel()
    pressed = len(copied)
    wait(lambda: collecting.has_ended)
    assert len(copied) <= pressed + 2 and collecting.was_cancelled and collecting.error is None
    [(run, target)] = collecting.arrived()
    assert run == runs[0] and contents(target) == contents(run)
    assert [path.name for path in (home / "results").glob("*/*")] == [target.name]
    assert all(len(contents(run)) == FRAMES + 1 for run in runs), "where they came from they stay"
    again = Collecting(runs, home)
    again.start()
    again.wait()
    assert len(again.arrived()) == 3


def test_a_disk_that_is_full_is_told_and_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: str, target: str) -> str:
        Path(target).write_bytes(b"a part")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    collecting = Collecting([make(tmp_path / "old", "a")], tmp_path / "new")
    collecting.start()
    collecting.wait()
    assert collecting.error is not None and "cannot be written" in collecting.error.message
    assert collecting.arrived() == [] and list((tmp_path / "new" / "results").glob("*/*")) == []


def test_halves_of_a_blender_that_was_killed_are_swept_when_they_are_old(tmp_path: Path) -> None:
    old, fresh = (tmp_path / "results" / "clip-a" / f"bringing-{name}" for name in ("old", "fresh"))
    for half in (old, fresh):
        half.mkdir(parents=True)
    os.utime(old, (1, 1))
    run_use.sweep_halves(tmp_path)
    assert not old.exists() and fresh.exists()


def test_what_is_being_brought_is_not_offered_for_deletion(tmp_path: Path) -> None:
    run = make(tmp_path, "a")
    half = run.with_name("bringing-x")
    half.mkdir()
    (half / run_folder.PLACEHOLDER).write_bytes(b"")
    assert run_use.unused(tmp_path, [run]) == [] and run_use.unused(tmp_path, []) == [run]
