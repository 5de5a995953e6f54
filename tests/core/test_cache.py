# SPDX-License-Identifier: GPL-3.0-or-later
"""The cache: what was kept comes back whole or not at all, the oldest goes first, and several may share it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clips import texture

from core.errors import CacheError
from core.storage.cache import Cache, cache_key
from core.storage.frames import Frame, encode_png, read_frame

PNG = encode_png(Frame(texture(32, 48)))
CONTENTS = {".png": PNG, ".bin": bytes(range(256)) * 20}

PARTS = st.lists(st.text() | st.integers() | st.floats() | st.none() | st.booleans() | st.tuples(st.text(), st.text()))


@given(PARTS, PARTS)
def test_different_parts_have_different_keys(one: list[object], other: list[object]) -> None:
    same = [repr(part) for part in one] == [repr(part) for part in other]
    assert (cache_key(*one) == cache_key(*other)) == same


def test_a_key_hangs_on_where_parts_begin_and_on_every_digit() -> None:
    assert cache_key("ab", "c") != cache_key("a", "bc") != cache_key("abc")
    assert cache_key(0.1 + 0.2) != cache_key(0.3)
    assert cache_key(("a", "b")) != cache_key("a", "b")
    assert len(cache_key()) == 32


def test_a_key_is_the_same_in_every_process(repository: Path) -> None:
    program = "from core.storage.cache import cache_key; print(cache_key('ä', 1, 0.1, (None, ('x',)), True))"
    for seed in ("1", "2"):  # a hash of Python's own would differ
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        found = subprocess.run(
            [sys.executable, "-c", program], cwd=repository, env=environment, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == cache_key("ä", 1, 0.1, (None, ("x",)), True)


@pytest.mark.parametrize("suffix", CONTENTS)
def test_what_was_written_comes_back(tmp_path: Path, suffix: str) -> None:
    cache, key = Cache(tmp_path / "new" / "folder"), cache_key(1)
    assert cache.read("stage", key, suffix) is None
    assert not cache.give("stage", key, suffix, tmp_path / "out")
    cache.write("stage", key, suffix, CONTENTS[suffix])
    assert cache.read("stage", key, suffix) == CONTENTS[suffix]
    assert Cache(cache.root).read("stage", key, suffix) == CONTENTS[suffix]
    assert cache.read("other stage", key, suffix) is None


def test_a_png_of_the_cache_is_an_ordinary_file(tmp_path: Path) -> None:
    cache, key = Cache(tmp_path / "cache"), cache_key(1)
    cache.write("stage", key, ".png", PNG)
    target = tmp_path / "result" / "000001.png"
    assert cache.give("stage", key, ".png", target)
    cache.path("stage", key, ".png").unlink()  # what was given stays when the cache is trimmed
    assert np.array_equal(read_frame(target).rgb, texture(32, 48))


def test_a_picture_that_another_program_saved_over_a_result_is_not_taken_for_ours(tmp_path: Path) -> None:
    cache, key = Cache(tmp_path / "cache"), cache_key(1)
    cache.write("stage", key, ".png", PNG)
    target = tmp_path / "000001.png"
    assert cache.give("stage", key, ".png", target)
    with open(target, "r+b") as file:  # in place: a hard link shares the bytes with the cache
        file.truncate()
        file.write(encode_png(Frame(texture(32, 48, 7))))
    assert cache.read("stage", key, ".png") is None


@pytest.mark.parametrize("suffix", CONTENTS)
def test_a_result_with_any_bit_flipped_is_absent(tmp_path: Path, suffix: str) -> None:
    cache, key = Cache(tmp_path), cache_key(1)
    cache.write("stage", key, suffix, CONTENTS[suffix])
    path = cache.path("stage", key, suffix)
    whole = path.read_bytes()
    places = sorted({*range(40), *range(40, len(whole), 97), *range(len(whole) - 20, len(whole))})
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :])
        assert cache.read("stage", key, suffix) is None, f"byte {place} of {len(whole)}"
        assert not path.exists(), "a damaged file is cleared away"
    cache.write("stage", key, suffix, CONTENTS[suffix])
    assert cache.read("stage", key, suffix) == CONTENTS[suffix]


@pytest.mark.parametrize("suffix", CONTENTS)
def test_a_cut_or_grown_result_is_absent(tmp_path: Path, suffix: str) -> None:
    cache, key = Cache(tmp_path), cache_key(1)
    cache.write("stage", key, suffix, CONTENTS[suffix])
    path = cache.path("stage", key, suffix)
    whole = path.read_bytes()
    for damaged in (b"", whole[:7], whole[: len(whole) // 2], whole[:-1], whole[:-12], whole + b"\0", whole + whole):
        path.write_bytes(damaged)
        assert not cache.holds("stage", key, suffix), f"{len(damaged)} of {len(whole)} bytes"
        assert not cache.give("stage", key, suffix, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _age(cache: Cache, key: str, seconds: float) -> None:
    status = cache.path("stage", key, ".bin").stat()
    os.utime(cache.path("stage", key, ".bin"), (status.st_atime, status.st_mtime - seconds))


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=10_000)
    keys = [cache_key(i) for i in range(12)]
    for place, key in enumerate(keys):
        cache.write("stage", key, ".bin", bytes(984))  # 1000 with its seal
        _age(cache, key, 1000 - 10 * place)
    assert cache.read("stage", keys[0], ".bin") is not None  # used: it is the youngest now
    assert cache.size_bytes() == 12_000
    cache.trim()
    assert cache.size_bytes() == 9_000, "a tenth below the limit, so that the next frame does not trim again"
    kept = {key for key in keys if cache.path("stage", key, ".bin").exists()}
    assert kept == {keys[0], *keys[4:]}


def test_nothing_goes_below_the_limit_or_without_one(tmp_path: Path) -> None:
    for limit in (0, 10_000):
        cache = Cache(tmp_path / str(limit), limit)
        for i in range(9):
            cache.write("stage", cache_key(i), ".bin", bytes(984))
        cache.trim()
        assert cache.size_bytes() == 9_000


def test_what_a_killed_process_left_behind_is_counted_and_goes_too(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=1_000)
    left = cache.path("stage", cache_key(1), ".png")
    left.parent.mkdir(parents=True)
    left = left.with_name(f".{left.name}.1-abc.part")
    left.write_bytes(bytes(5_000))
    os.utime(left, (1.0, 1.0))
    assert cache.size_bytes() == 5_000
    cache.trim()
    assert not left.exists()


def test_entries_are_all_whole_results_of_a_stage_in_order(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    kept = {cache_key(i): bytes([i]) * 10 for i in range(8)}
    for key, content in kept.items():
        cache.write("stage", key, ".bin", content)
        cache.write("other", key, ".bin", b"x")
    damaged = sorted(kept)[3]
    cache.path("stage", damaged, ".bin").write_bytes(b"garbage of more than a seal's length")
    assert list(cache.entries("stage", ".bin")) == [(k, kept[k]) for k in sorted(kept) if k != damaged]
    assert list(cache.entries("nothing", ".bin")) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match="Cannot write") as caught:
        Cache(tmp_path / "file" / "cache")
    assert "preferences" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_a_read_only_folder_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folder is closed to other users
        (Path(folder) / "stages").mkdir(mode=0o555)
        os.chmod(folder, 0o555)
        is_root = os.geteuid() == 0
        if is_root:  # root may write everywhere: be nobody meanwhile
            os.setresuid(65534, 65534, 0)
        try:
            with pytest.raises(CacheError, match="read-only") as caught:
                Cache(Path(folder))
        finally:
            if is_root:
                os.setresuid(0, 0, 0)
            os.chmod(folder, 0o755)
        assert "preferences" in caught.value.hint


def test_two_processes_write_the_same_results_at_once(tmp_path: Path, repository: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from core.storage.cache import Cache, cache_key\n"
        "cache = Cache(Path(sys.argv[1])); wrong = 0\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for i in range(150):\n"
        "    key, content = cache_key(i % 30), bytes([i % 30]) * 50_000\n"
        "    found = cache.read('stage', key, '.bin')\n"
        "    wrong += found not in (None, content)\n"
        "    cache.write('stage', key, '.bin', content)\n"
        "    wrong += cache.read('stage', key, '.bin') != content\n"
        "    wrong += not cache.give('stage', key, '.bin', Path(sys.argv[2]) / f'{i % 30}.bin')\n"
        "print(wrong)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "cache"), str(tmp_path / "out")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, cwd=repository, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    answers = [process.communicate("go\n", timeout=60) for process in processes]
    assert [answer[0].strip() for answer in answers] == ["0", "0"]
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(files) == 30, "no temporary file is left"
    assert len(list((tmp_path / "out").iterdir())) == 30
