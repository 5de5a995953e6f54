# SPDX-License-Identifier: GPL-3.0-or-later
"""Files one after the other, with real processes that speak as the child Blender does (free of bpy)."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blender_addon.actions import file_list
from blender_addon.actions.file_list import FileList
from blender_addon.core_link import errors
from blender_addon.processes.file_painter import FilePainter, FileProgress

_SPEAKS = """
import json, sys, time
order = json.loads(sys.stdin.readline())
def say(**told):
    print("brushflow file " + json.dumps(told), flush=True)
print("Read blend: as Blender prints it")
"""
PAINTS = 'say(strip="clip", done=1, total=2)\nsay(outcome="painted", sentence="1 frame of " + order["blend"])'
DIES = 'say(strip="clip", done=1, total=2)\nsys.exit(3)'
WAITS = """
say(strip="clip", done=3, total=9)
last = sys.stdin.read().strip()
say(outcome="stopped", sentence="Stopped, told " + repr(last))
"""
DEAF = 'say(strip="clip", done=3, total=9)\ntime.sleep(60)'
STEADY = """
for done in range(2, 8):
    say(strip="clip", done=done, total=12)
    time.sleep(0.1)
sys.stdin.read()
"""


class Bench:
    """Starts a process for each file, and remembers for which."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder, self.program = folder, program
        self.begun: list[str] = []
        self.refused = ""

    def begin(self, path: Path) -> FilePainter:
        self.begun.append(path.name)
        if path.name == "gone.blend":
            raise errors.BrushflowError("There is no such file.")
        command = [sys.executable, "-c", _SPEAKS + self.program]
        return FilePainter(command, {"blend": path.name}, self.folder / "files.log", yields=False)

    def list_of(self, *names: str) -> FileList:
        paths = [self.folder / name for name in names]
        return FileList(paths, self.begin, lambda path: "It is open." if path.name == self.refused else "")


def until(files: FileList, condition: Callable[[], bool], seconds: float = 20.0) -> None:
    late = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < late, files.files
        files.tick()
        time.sleep(0.002)


def ended(files: FileList) -> list[tuple[str, str]]:
    until(files, lambda: not files.is_busy)
    return [(file.stage, file.sentence) for file in files.files]


def begun(files: FileList) -> bool:
    return files.current is not None and files.current.progress.done >= 3


def test_one_after_the_other_and_each_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, PAINTS)
    files = bench.list_of("a.blend", "b.blend", "../" + tmp_path.name + "/a.blend")
    seen: set[FileProgress] = set()
    while files.is_busy:
        files.tick()
        assert sum(file.stage == file_list.PAINTING for file in files.files) <= 1
        seen |= {file.progress for file in files.files}
    assert ended(files) == [("painted", "1 frame of a.blend"), ("painted", "1 frame of b.blend")]
    assert bench.begun == ["a.blend", "b.blend"]
    assert files.number == 2 and files.process_id is None and not files.tick()


def test_what_cannot_be_painted_gets_its_sentence_and_the_next_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, PAINTS)
    bench.refused = "open.blend"
    files = bench.list_of("gone.blend", "open.blend", "a.blend")
    assert ended(files) == [
        ("failed", "There is no such file."),
        ("passed over", "It is open."),
        ("painted", "1 frame of a.blend"),
    ]
    assert bench.begun == ["gone.blend", "a.blend"], "what is open here is not opened there"


def test_a_child_that_dies_is_told_with_its_log(tmp_path: Path) -> None:
    ((stage, sentence),) = ended(Bench(tmp_path, DIES).list_of("a.blend"))
    assert stage == "failed" and "code 3" in sentence and str(tmp_path / "files.log") in sentence


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    def begin(_: Path) -> FilePainter:
        return FilePainter([str(tmp_path / "no such program")], {}, tmp_path / "files.log", yields=False)

    ((stage, sentence),) = ended(FileList([tmp_path / "a.blend"], begin, lambda _: ""))
    assert stage == "failed" and "no such program" in sentence


def test_stop_lets_the_child_save_and_opens_no_other(tmp_path: Path) -> None:
    bench = Bench(tmp_path, WAITS)
    files = bench.list_of("a.blend", "b.blend")
    until(files, lambda: begun(files))
    files.stop()
    assert files.is_stopping and files.is_busy
    assert ended(files) == [("stopped", "Stopped, told ''"), ("stopped", "It was not opened.")]
    assert bench.begun == ["a.blend"]


def test_a_file_that_is_opened_here_meanwhile_is_not_saved_there(tmp_path: Path) -> None:
    bench = Bench(tmp_path, WAITS)
    files = bench.list_of("a.blend", "b.blend")
    until(files, lambda: begun(files))
    bench.refused = "a.blend"
    until(files, lambda: files.files[0].has_ended)
    assert (files.files[0].stage, files.files[0].sentence) == ("stopped", "It is open.")
    until(files, lambda: begun(files))
    assert files.current is not None and files.current.path.name == "b.blend", "the next one goes on"
    files.drop(2.0)


def test_the_line_that_forbids_to_save_arrives(tmp_path: Path) -> None:
    bench = Bench(tmp_path, WAITS)
    painter = bench.begin(tmp_path / "a.blend")
    painter.ask_to_stop(may_save=False)
    late = time.monotonic() + 20.0
    while (report := painter.listen()) is None:
        assert time.monotonic() < late
        time.sleep(0.002)
    assert report.sentence == "Stopped, told 'leave'"
    painter.stop(1.0)


def test_a_child_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_list, "_LATE_SECONDS", 0.1)
    files = Bench(tmp_path, DEAF).list_of("a.blend")
    until(files, lambda: begun(files))
    files.stop()
    ((stage, sentence),) = ended(files)
    assert stage == "failed" and "code -9" in sentence


def test_drop_waits_no_longer_than_it_was_told(tmp_path: Path) -> None:
    files = Bench(tmp_path, DEAF).list_of("a.blend", "b.blend")
    until(files, lambda: begun(files))
    since = time.monotonic()
    files.drop(0.2)
    assert time.monotonic() - since < 5.0
    assert [file.stage for file in files.files] == ["stopped", "stopped"]
    assert files.process_id is None


def test_the_time_left_comes_from_the_time_taken(tmp_path: Path) -> None:
    files = Bench(tmp_path, STEADY).list_of("a.blend")
    told = []

    def at_the_end() -> bool:
        file = files.current
        if file is not None:
            told.append((file.progress.done, file.seconds_left))
        return file is not None and file.progress.done == 7

    until(files, at_the_end)
    assert {left for done, left in told if done < 6} == {-1.0}, "too few to say anything"
    last = told[-1][1]
    assert 0.3 < last < 10.0, "five frames at about a tenth of a second"
    files.drop(1.0)
    assert dataclasses.replace(files.files[0], seconds_left=-1.0) == files.files[0]
