# SPDX-License-Identifier: GPL-3.0-or-later
"""Run folders: placeholders that are whole pictures, and what is painted (free of bpy)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core_link import errors
from blender_addon.storage import run_folder
from blender_addon.storage.painted_state import PaintedState

FRAMES = ("000001.png", "000002.png", "000003.png")


@pytest.mark.parametrize("size", [(1, 1), (4, 4), (67, 45), (1920, 1080)])
def test_placeholders_are_transparent_pictures(size: tuple[int, int]) -> None:
    data = run_folder.transparent_png(*size)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.shape == (size[1], size[0], 4)
    assert not picture.any()
    assert len(data) < 20_000


def test_a_size_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="0x5"):
        run_folder.transparent_png(0, 5)


def test_a_new_run_holds_a_placeholder_for_every_frame(tmp_path: Path) -> None:
    run = run_folder.make_run(tmp_path, "clip", "abcd1234", FRAMES, (8, 6))
    assert run.parent == tmp_path / "results" / "clip-abcd1234"
    assert {path.name for path in run.iterdir()} == {*FRAMES, run_folder.PLACEHOLDER}
    assert run_folder.painted_frames(run) == frozenset()
    other = run_folder.make_run(tmp_path, "clip", "abcd1234", FRAMES, (8, 6))
    assert other != run, "no run touches the files of another"


def test_replacing_one_placeholder_leaves_the_others(tmp_path: Path) -> None:
    run = run_folder.make_run(tmp_path, "clip", "abcd1234", FRAMES, (8, 6))
    painted = tmp_path / "painted.png"
    painted.write_bytes(cv2.imencode(".png", np.full((6, 8, 4), 200, np.uint8))[1].tobytes())
    os.replace(painted, run / FRAMES[1])
    assert run_folder.painted_frames(run) == {1}
    assert (run / FRAMES[0]).read_bytes() == (run / run_folder.PLACEHOLDER).read_bytes()


def test_a_copied_project_knows_its_painted_frames(tmp_path: Path) -> None:
    """Links become files of their own when a folder is copied; what is in them decides."""
    run = run_folder.make_run(tmp_path, "clip", "abcd1234", FRAMES, (8, 6))
    for frame in FRAMES[:2]:
        content = (run / frame).read_bytes()
        (run / frame).unlink()
        (run / frame).write_bytes(content)
    blank = (run / run_folder.PLACEHOLDER).read_bytes()
    os.unlink(run / FRAMES[2])
    (run / FRAMES[2]).write_bytes(blank[:-1] + b"?")  # as long, but not the same
    assert run_folder.painted_frames(run) == {2}


def test_a_run_that_is_gone_has_no_painted_frames(tmp_path: Path) -> None:
    assert run_folder.painted_frames(tmp_path / "gone") == frozenset()


def test_runs_that_a_strip_shows_are_not_removed(tmp_path: Path) -> None:
    runs = [run_folder.make_run(tmp_path, "clip", "abcd1234", FRAMES, (8, 6)) for _ in range(3)]
    (runs[0].parent / "mine").mkdir()
    (runs[0].parent / "mine" / "note.txt").write_text("not a run")
    assert run_folder.remove_runs(runs[0].parent, [runs[1]]) == 2
    assert sorted(path.name for path in runs[0].parent.iterdir()) == sorted([runs[1].name, "mine"])


def test_an_unwritable_cache_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for make in (
        lambda: run_folder.ensure_writable(tmp_path / "file" / "cache"),
        lambda: run_folder.make_run(tmp_path / "file", "clip", "abcd1234", FRAMES, (8, 6)),
        lambda: run_folder.make_temporary(tmp_path / "file"),
    ):
        with pytest.raises(errors.CacheError, match="cannot be written"):
            make()


def test_only_old_temporary_folders_are_swept(tmp_path: Path) -> None:
    old, young = run_folder.make_temporary(tmp_path), run_folder.make_temporary(tmp_path)
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    new = run_folder.make_temporary(tmp_path)
    assert set((tmp_path / "temporary").iterdir()) == {young, new}


def test_old_logs_are_swept(tmp_path: Path) -> None:
    for name in ("old.log", "young.log"):
        (tmp_path / name).write_text("")
    os.utime(tmp_path / "old.log", (time.time() - 15 * 24 * 3600,) * 2)
    run_folder.sweep(tmp_path, days=14)
    assert [path.name for path in tmp_path.iterdir()] == ["young.log"]


@given(st.text(max_size=80))
def test_any_name_becomes_part_of_a_folder_name(name: str) -> None:
    safe = run_folder.safe_name(name)
    assert safe
    assert not set(safe) & set('/\\:*?"<>|\0\n. ')
    assert len(safe.encode()) <= 40


def test_painted_state_looks_once_and_remembers(tmp_path: Path) -> None:
    run = run_folder.make_run(tmp_path, "clip", "abcd1234", FRAMES, (8, 6))
    state, told = PaintedState(), []
    assert state.of(run, lambda: told.append("known")) is None
    end = time.monotonic() + 10
    while not told and time.monotonic() < end:
        time.sleep(0.01)
    assert state.of(run) == frozenset()
    state.set(run, frozenset({1}))
    assert state.of(run) == frozenset({1})
    state.forget()
    assert state.of(run) is None
