# SPDX-License-Identifier: GPL-3.0-or-later
"""Room of runs, runs nobody shows, runs that were moved, runs that are brought along."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from blender_addon.core_link import errors
from blender_addon.storage import run_folder, run_use

NAMES = ("000001.png", "000002.png", "000003.png")


def make(cache: Path, uid: str = "0a") -> Path:
    """A run with one painted frame of 50,000 bytes, two placeholders."""
    run = run_folder.make_run(cache, "clip", uid, NAMES, (16, 9))
    (run / NAMES[1]).unlink()
    (run / NAMES[1]).write_bytes(b"p" * 50_000)
    return run


def test_room_counts_links_once(tmp_path: Path) -> None:
    run = make(tmp_path)
    blank = (run / run_folder.PLACEHOLDER).stat().st_size
    assert run_use.bytes_of(run) == 50_000 + blank
    assert run_use.bytes_of(run, run_use.bring(run, tmp_path / "other")) == 50_000 + blank
    assert run_use.bytes_of(tmp_path / "gone") == 0


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0 MB"), (40_000, "0 MB"), (3_240_000, "3.2 MB"), (120e6, "120 MB"), (1_440e6, "1.4 GB")]
)
def test_amounts_are_told_as_editors_read_them(size: float, told: str) -> None:
    assert run_use.amount(int(size)) == told


def test_unused_are_the_runs_that_nobody_shows(tmp_path: Path) -> None:
    shown, other = make(tmp_path), make(tmp_path)
    (tmp_path / "results" / "mine").mkdir()
    (tmp_path / "results" / "mine" / "holiday").mkdir()
    assert run_use.unused(tmp_path, [shown]) == [other]
    assert run_use.unused(tmp_path / "nowhere", []) == []


def test_a_moved_run_is_found_by_its_name(tmp_path: Path) -> None:
    run, other = make(tmp_path / "old"), make(tmp_path / "old")
    shutil.move(tmp_path / "old", tmp_path / "new" / "deep")
    found = run_use.look_for([run.name, "never made"], tmp_path)
    assert found == {run.name: tmp_path / "new" / "deep" / run.relative_to(tmp_path / "old")}
    assert other.name not in found
    (tmp_path / "trap" / run.name).mkdir(parents=True)
    assert run_use.look_for([run.name], tmp_path / "trap") == {}, "a folder of that name alone is no run"


def test_a_run_is_brought_whole_and_the_old_one_stays(tmp_path: Path) -> None:
    run = make(tmp_path / "old")
    there = run_use.bring(run, tmp_path / "new")
    assert there == tmp_path / "new" / "results" / run.parent.name / run.name
    assert run_folder.painted_frames(there) == run_folder.painted_frames(run) == frozenset({1})
    assert run_use.bring(run, tmp_path / "new") == there, "once is enough"
    assert [path.name for path in there.parent.iterdir()] == [run.name]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    run = make(tmp_path / "old")
    (tmp_path / "new").write_text("a file, no folder")
    with pytest.raises(errors.CacheError, match="cannot be written"):
        run_use.bring(run, tmp_path / "new")
