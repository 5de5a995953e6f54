# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are whole or absent, whatever happens: readers in a loop, a kill, a full disk, a folder that is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import CacheError
from core.storage.whole_file import place_copy, write_whole


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "brushflow-test", str(folder)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("mounting a tiny disk needs root on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_reader_never_sees_a_part(tmp_path: Path) -> None:
    path, contents = tmp_path / "file.bin", [bytes([value]) * 300_000 for value in (1, 2, 3)]
    write_whole(path, contents[0])
    stop, seen, broken = threading.Event(), set[int](), list[int]()

    def read() -> None:
        while not stop.is_set():
            data = path.read_bytes()
            seen.add(data[0])
            if data not in contents:
                broken.append(len(data))

    reader = threading.Thread(target=read)
    reader.start()
    for round_ in range(60):
        write_whole(path, contents[round_ % 3])
    stop.set()
    reader.join()
    assert not broken
    assert len(seen) > 1, "the reader must have read while files were replaced"
    assert [p.name for p in tmp_path.iterdir()] == ["file.bin"]


def test_a_kill_in_the_middle_leaves_the_old_file(tmp_path: Path, repository: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from core.storage.whole_file import write_whole\n"
        "data = [bytes([v]) * 4_000_000 for v in (1, 2)]\n"
        "print('started', flush=True)\n"
        "for i in range(10**9): write_whole(Path(sys.argv[1]), data[i % 2])\n"
    )
    path = tmp_path / "file.bin"
    for wait in (0.11, 0.17, 0.23):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(path)], cwd=repository, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None and process.stdout.readline() == "started\n"
        while not path.exists():
            time.sleep(0.01)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        data = path.read_bytes()
        assert data in (b"\1" * 4_000_000, b"\2" * 4_000_000)


def test_a_full_disk_is_told_and_leaves_nothing_behind(tiny_disk: Path) -> None:
    write_whole(tiny_disk / "old.bin", b"kept")
    with pytest.raises(CacheError, match="is full") as caught:
        write_whole(tiny_disk / "old.bin", bytes(1_000_000))
    assert "Free some space" in caught.value.hint
    assert (tiny_disk / "old.bin").read_bytes() == b"kept"
    assert [p.name for p in tiny_disk.iterdir()] == ["old.bin"]


def test_a_copy_to_a_full_disk_is_told_and_leaves_nothing_behind(tiny_disk: Path, tmp_path: Path) -> None:
    """Another disk: no hard link is possible, so this is the copying way."""
    (tmp_path / "small.bin").write_bytes(b"small")
    place_copy(tmp_path / "small.bin", tiny_disk / "small.bin")
    assert (tiny_disk / "small.bin").read_bytes() == b"small"
    (tmp_path / "large.bin").write_bytes(bytes(1_000_000))
    with pytest.raises(CacheError, match="is full"):
        place_copy(tmp_path / "large.bin", tiny_disk / "large.bin")
    assert [p.name for p in tiny_disk.iterdir()] == ["small.bin"]


def test_a_folder_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "source").write_text("x")
    for path in (tmp_path / "file" / "a.bin", tmp_path / "file" / "deeper" / "a.bin"):
        with pytest.raises(CacheError, match="Cannot write"):
            write_whole(path, b"x")
        with pytest.raises(CacheError, match="Cannot write"):
            place_copy(tmp_path / "source", path)
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_target_that_is_a_folder_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "a.bin").mkdir()
    with pytest.raises(CacheError, match="Cannot write"):
        write_whole(tmp_path / "a.bin", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_placed_copy_has_the_bytes_and_replaces_what_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source.bin", tmp_path / "new" / "target.bin"
    write_whole(source, b"one")
    for _ in range(2):  # the second time both are names of one file already
        place_copy(source, target)
        assert target.read_bytes() == b"one"
        assert [p.name for p in target.parent.iterdir()] == ["target.bin"]
    write_whole(source, b"two")  # replaces the name, never the bytes
    assert target.read_bytes() == b"one"
    place_copy(source, target)
    assert target.read_bytes() == b"two"


def test_a_placed_copy_of_what_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        place_copy(tmp_path / "gone", tmp_path / "target")
    assert not list(tmp_path.iterdir())
