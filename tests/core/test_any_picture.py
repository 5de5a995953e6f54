# SPDX-License-Identifier: GPL-3.0-or-later
"""Any picture is made fit to be a style, or refused with a sentence."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.errors import MediaError
from core.storage.frames import Frame, write_frame
from core.styles.any_picture import read_any_picture

PICTURE = texture(120, 160, 3)


def test_a_picture_is_read_as_it_is(tmp_path: Path) -> None:
    write_frame(tmp_path / "a.png", Frame(PICTURE))
    np.testing.assert_array_equal(read_any_picture(tmp_path / "a.png"), PICTURE)


def test_grey_translucent_and_cmyk_pictures_become_rgb(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), PICTURE[..., 0])
    np.testing.assert_array_equal(read_any_picture(tmp_path / "grey.png"), np.repeat(PICTURE[..., :1], 3, 2))
    alpha = np.full(PICTURE.shape[:2], 255, np.uint8)
    alpha[:60] = 0
    write_frame(tmp_path / "clear.png", Frame(PICTURE, alpha))
    read = read_any_picture(tmp_path / "clear.png")
    assert (read[:60] == 255).all() and (read[60:] == PICTURE[60:]).all()
    pillow = pytest.importorskip("PIL.Image", reason="writes the CMYK file")
    smooth = cv2.GaussianBlur(PICTURE, (0, 0), 3)
    pillow.fromarray(smooth).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    assert np.abs(read_any_picture(tmp_path / "print.jpg").astype(int) - smooth).mean() < 6


def test_a_huge_picture_is_reduced_and_a_long_one_cut(tmp_path: Path) -> None:
    write_frame(tmp_path / "huge.png", Frame(cv2.resize(PICTURE, (4000, 3000))))
    assert read_any_picture(tmp_path / "huge.png").shape == (512, 683, 3)
    write_frame(tmp_path / "long.png", Frame(cv2.resize(PICTURE, (2000, 100))))
    assert read_any_picture(tmp_path / "long.png").shape == (100, 300, 3)


def test_what_cannot_be_a_style_is_told(tmp_path: Path) -> None:
    write_frame(tmp_path / "tiny.png", Frame(PICTURE[:10, :10]))
    write_frame(tmp_path / "flat.png", Frame(np.full((100, 100, 3), 90, np.uint8)))
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    write_frame(tmp_path / "torn.png", Frame(PICTURE))
    (tmp_path / "torn.png").write_bytes((tmp_path / "torn.png").read_bytes()[:40])
    (tmp_path / "vast.png").write_bytes(png_of_size(100_000, 100_000))
    cv2.imwrite(str(tmp_path / "light.tiff"), PICTURE.astype(np.float32))
    (tmp_path / "folder.png").mkdir()
    for name, words in (
        ("tiny.png", "10x10 pixels"),
        ("flat.png", "flat colour"),
        ("text.jpg", "not a picture"),
        ("empty.jpg", "not a picture"),
        ("torn.png", "not a picture"),
        ("vast.png", "more pixels than can be read"),
        ("light.tiff", "8 or 16 bits were expected"),
        ("folder.png", "Cannot read"),
        ("gone.jpg", "Cannot read"),
    ):
        with pytest.raises(MediaError, match=words) as caught:
            read_any_picture(tmp_path / name)
        assert name in caught.value.message and caught.value.hint, "it names the picture and says what to do"


def png_of_size(width: int, height: int) -> bytes:
    """A PNG file that claims this size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
