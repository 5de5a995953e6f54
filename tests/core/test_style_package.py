# SPDX-License-Identifier: GPL-3.0-or-later
"""A style as one file: out and in again; and what strangers may put into one is refused, never run, never half kept."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import StyleError
from core.styles.style_package import CARD, Network, export_style, import_style, jpeg_size
from core.styles.user_styles import (
    MODULATION,
    RECORD,
    THUMBNAIL,
    UserStyle,
    find_user_style,
    list_user_styles,
    remove_user_style,
    rename_user_style,
)

CHANNELS = 12
NETWORKS = {"house": Network("abc", CHANNELS)}


def numbers(gamma: list[float], names: tuple[str, str] = ("gamma", "beta")) -> bytes:
    body = struct.pack(f"<{len(gamma)}f", *gamma)
    entries = {
        name: {"dtype": "F32", "shape": [len(gamma)], "data_offsets": [at * len(body), (at + 1) * len(body)]}
        for at, name in enumerate(names)
    }
    header = json.dumps(entries).encode()
    return struct.pack("<Q", len(header)) + header + body * 2


def jpeg(width: int = 40, height: int = 30) -> bytes:
    good, data = cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))
    assert good
    return data.tobytes()


def made(folder: Path, title: str = "Red Barn", data: bytes | None = None, identifier: str = "red-barn") -> UserStyle:
    data = numbers([0.5] * CHANNELS) if data is None else data
    style = UserStyle(folder / identifier, title, "barn.jpg", "house", "abc", hashlib.sha256(data).hexdigest())
    style.folder.mkdir(parents=True)
    style.modulation.write_bytes(data)
    (style.folder / THUMBNAIL).write_bytes(jpeg())
    (style.folder / RECORD).write_text(style.record(), "utf-8")
    return style


def package(folder: Path, **changes: bytes) -> Path:
    """A good package in which some files are others."""
    path = folder / "red-barn.brushstyle"
    export_style(made(folder / "made"), path)
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    names = {"record": RECORD, "numbers": MODULATION, "thumbnail": THUMBNAIL, "card": CARD}
    contents |= {names.get(name, name): data for name, data in changes.items()}
    if "numbers" in changes and "record" not in changes:
        record = json.loads(contents[RECORD])
        record["modulation_sha256"] = hashlib.sha256(changes["numbers"]).hexdigest()
        contents[RECORD] = json.dumps(record).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, data in contents.items():
            new.writestr(name, data)
    return path


def test_what_goes_out_comes_in_byte_for_byte(tmp_path: Path) -> None:
    style = made(tmp_path / "here", "Rote Scheune früh 絵")
    export_style(style, tmp_path / "a.brushstyle")
    first = (tmp_path / "a.brushstyle").read_bytes()
    export_style(style, tmp_path / "a.brushstyle")
    assert (tmp_path / "a.brushstyle").read_bytes() == first
    kept = import_style(tmp_path / "a.brushstyle", tmp_path / "there", NETWORKS, set())
    assert (kept.identifier, kept.title) == ("red-barn", "Rote Scheune früh 絵")
    assert list_user_styles(tmp_path / "there") == ([kept], [])
    for name in (RECORD, MODULATION, THUMBNAIL):
        assert (kept.folder / name).read_bytes() == (style.folder / name).read_bytes()
    assert "barn.jpg" in (kept.folder / CARD).read_text("utf-8")


def test_an_identifier_that_is_used_gets_a_number(tmp_path: Path) -> None:
    path = package(tmp_path)
    names = [import_style(path, tmp_path / "there", NETWORKS, {"red-barn-2"}).identifier for _ in range(3)]
    assert names == ["red-barn", "red-barn-3", "red-barn-4"]
    assert len(list_user_styles(tmp_path / "there")[0]) == 3


def record_with(folder: Path, **changes: object) -> bytes:
    record = json.loads(made(folder / "other").record())
    return json.dumps(record | changes).encode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (lambda _: {"../evil.py": b"x"}, "it holds '../evil.py'"),
        (lambda _: {"run.py": b"x"}, "it holds 'run.py'"),
        (lambda _: {"numbers": numbers([0.5] * 5)}, "12 numbers were expected"),
        (lambda _: {"numbers": numbers([float("nan")] * CHANNELS)}, "no number"),
        (lambda _: {"numbers": numbers([0.5] * CHANNELS, ("gamma", "os.system"))}, "gamma and beta were expected"),
        (lambda _: {"numbers": b"\x80\x04pickle"}, "no style that can be imported"),
        (lambda _: {"numbers": struct.pack("<Q", 1 << 60) + b"{}"}, "a header of"),
        (lambda _: {"numbers": bytes(1_000_001)}, "larger than 1000 kB"),
        (lambda _: {"thumbnail": b"GIF89a"}, "no JPEG"),
        (lambda _: {"thumbnail": jpeg()[:30]}, "damaged JPEG"),
        (lambda _: {"thumbnail": jpeg(5000, 4)}, "5000x4"),
        (lambda _: {"card": b"\xff\xfe"}, "no style that can be imported"),
        (lambda _: {"record": b"[" * 50_000}, "no style that can be imported"),
        (lambda _: {"record": b"{}"}, "no style that can be imported"),
        (lambda folder: {"record": record_with(folder, id="../../up")}, "no style|cannot be imported"),
        (lambda folder: {"record": record_with(folder, title="two\nlines")}, "no title"),
        (lambda folder: {"record": record_with(folder, network_key="other")}, "another version of the network 'house'"),
        (lambda folder: {"record": record_with(folder, modulation_sha256="0")}, "vouches"),
    ],
)
def test_what_does_not_belong_is_refused_and_nothing_is_kept(
    tmp_path: Path, changes: Callable[[Path], dict[str, bytes]], sentence: str
) -> None:
    path = package(tmp_path, **changes(tmp_path))
    with pytest.raises(StyleError, match=sentence) as caught:
        import_style(path, tmp_path / "there", NETWORKS, set())
    assert caught.value.hint and path.name in caught.value.message
    assert not (tmp_path / "there").exists() or not list((tmp_path / "there").iterdir())
    assert not list(tmp_path.glob("**/evil.py"))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = package(tmp_path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr(RECORD, b" " * 200_000_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(StyleError, match=r"larger than 100 kB"):
        import_style(path, tmp_path / "there", NETWORKS, set())


def test_a_file_that_is_gone_or_no_zip_or_cut_off_is_told(tmp_path: Path) -> None:
    good = package(tmp_path)
    (tmp_path / "text.brushstyle").write_text("no zip")
    cut = tmp_path / "cut.brushstyle"
    cut.write_bytes(good.read_bytes()[:-40])
    for path in (tmp_path / "gone.brushstyle", tmp_path / "text.brushstyle", cut):
        with pytest.raises(StyleError, match=path.name):
            import_style(path, tmp_path / "there", NETWORKS, set())


def test_renamed_it_keeps_its_identifier_and_removed_it_is_gone(tmp_path: Path) -> None:
    style = made(tmp_path)
    rename_user_style(style, "  Blue Barn ")
    found = find_user_style(tmp_path, "red-barn")
    assert found is not None and found.title == "Blue Barn"
    for wrong in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(StyleError, match="no title"):
            rename_user_style(found, wrong)
    remove_user_style(found)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [(1, 1), (40, 30), (1000, 17)])
def test_the_size_of_a_jpeg_is_read_without_decoding_it(size: tuple[int, int]) -> None:
    assert jpeg_size(jpeg(*size)) == size
