# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames: every kind of picture is read exactly, what is damaged is named, and a picture is known by its pixels."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.errors import CacheError, MediaError
from core.storage.frames import Clip, Frame, decode_frame, encode_png, read_frame, write_frame

GREY, RGB, GREY_ALPHA, RGBA = 0, 2, 4, 6  # colour types of the PNG specification, table 11.1


def png(pixels: np.ndarray, colour_type: int) -> bytes:
    """A PNG file written here by the specification, (H, W, channels) uint8 or uint16: OpenCV writes fewer kinds."""
    depth = pixels.dtype.itemsize * 8
    rows = b"".join(b"\0" + row.astype(pixels.dtype.newbyteorder(">")).tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def read_bytes(folder: Path, data: bytes) -> Frame:
    (folder / "picture.png").write_bytes(data)
    return read_frame(folder / "picture.png")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("colour_type", "channels"), [(GREY, 1), (RGB, 3), (GREY_ALPHA, 2), (RGBA, 4)])
def test_every_kind_of_png_is_read_exactly(tmp_path: Path, colour_type: int, channels: int, dtype: type) -> None:
    rng = np.random.default_rng(channels)
    eight = rng.integers(0, 256, (7, 9, channels), np.uint8)
    # 257 = 65535 / 255: the 16-bit value that means the same as the 8-bit one.
    frame = read_bytes(tmp_path, png(eight if dtype is np.uint8 else eight.astype(np.uint16) * 257, colour_type))
    colours = eight[..., :3] if channels >= 3 else np.repeat(eight[..., :1], 3, axis=2)
    np.testing.assert_array_equal(frame.rgb, colours)
    if channels in (2, 4):
        assert frame.alpha is not None
        np.testing.assert_array_equal(frame.alpha, eight[..., -1])
    else:
        assert frame.alpha is None


def test_sixteen_bits_are_rounded_to_the_nearest() -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    read = decode_frame(np.frombuffer(png(values, GREY), np.uint8), "ramp").rgb[..., 0]
    np.testing.assert_array_equal(read, np.floor(values[..., 0] / 257.0 + 0.5).astype(np.uint8))


@pytest.mark.parametrize("colour_type", [GREY_ALPHA, RGBA])
def test_alpha_that_is_opaque_everywhere_is_no_alpha(tmp_path: Path, colour_type: int) -> None:
    pixels = np.full((3, 4, 2 if colour_type == GREY_ALPHA else 4), 255, np.uint8)
    assert read_bytes(tmp_path, png(pixels, colour_type)).alpha is None


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (3, 1), (5, 7), (64, 97)])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_what_is_written_is_read_bit_for_bit(tmp_path: Path, size: tuple[int, int], has_alpha: bool) -> None:
    rng = np.random.default_rng(1)
    alpha = rng.integers(0, 255, size, np.uint8) if has_alpha else None
    frame = Frame(rng.integers(0, 256, (*size, 3), np.uint8), alpha)
    write_frame(tmp_path / "a.png", frame)
    again = read_frame(tmp_path / "a.png")
    assert again.size == frame.size == size
    np.testing.assert_array_equal(again.rgb, frame.rgb)
    if alpha is None:
        assert again.alpha is None
    else:
        assert again.alpha is not None
        np.testing.assert_array_equal(again.alpha, alpha)
    assert again.content_key() == frame.content_key()


NAMES = ["a b.png", 'it\'s "quoted".png', "Übung - 絵画.png", "50%.png", "-f.png", "a\nb.png"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_letters_work(tmp_path: Path, name: str) -> None:
    frame = Frame(texture(8, 8))
    write_frame(tmp_path / "Ordner 絵 ß '\"" / name, frame)
    assert read_frame(tmp_path / "Ordner 絵 ß '\"" / name).content_key() == frame.content_key()


def test_the_content_key_sees_every_pixel_and_the_shape() -> None:
    rgb = texture(6, 8)
    keys = {Frame(rgb).content_key()}
    for y in range(6):
        for x in range(8):
            changed = rgb.copy()
            changed[y, x, (x + y) % 3] ^= 1
            keys.add(Frame(changed).content_key())
    keys.add(Frame(rgb.reshape(8, 6, 3)).content_key())
    keys.add(Frame(rgb, np.full((6, 8), 254, np.uint8)).content_key())
    assert len(keys) == 1 + 48 + 2
    flipped = rgb[::-1]  # not contiguous in memory, but the same picture
    assert Frame(flipped).content_key() == Frame(flipped.copy()).content_key()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"Cannot read .*gone\.png: No such file") as caught:
        read_frame(tmp_path / "gone.png")
    assert caught.value.hint


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "without its end", "a flipped bit", "colossal"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    whole = encode_png(Frame(texture(64, 96)))
    colossal = bytearray(png(np.zeros((1, 1, 3), np.uint8), RGB))
    colossal[16:24] = struct.pack(">II", 100_000, 100_000)
    colossal[29:33] = struct.pack(">I", zlib.crc32(bytes(colossal[12:29])))
    data = {
        "empty": b"",
        "text": b"This is no picture.",
        "truncated": whole[: len(whole) // 2],
        "without its end": whole[:-12],
        "a flipped bit": whole[:500] + bytes([whole[500] ^ 4]) + whole[501:],
        "colossal": bytes(colossal),
    }[damage]
    told = "has more pixels than can be read" if damage == "colossal" else "is not a picture, or is damaged"
    with pytest.raises(MediaError, match=rf"picture\.png {told}") as caught:
        read_bytes(tmp_path, data)
    assert caught.value.hint


def test_pixels_of_a_foreign_kind_are_named(tmp_path: Path) -> None:
    good, data = cv2.imencode(".tiff", np.ones((4, 4), np.float32))
    assert good
    with pytest.raises(MediaError, match="float32 pixels; 8 or 16 bits were expected"):
        read_bytes(tmp_path, data.tobytes())


def test_a_folder_gives_its_pictures_in_order_or_as_named(tmp_path: Path) -> None:
    for value, name in enumerate(["b.PNG", "a.png", "c.png"]):
        write_frame(tmp_path / name, Frame(np.full((2, 2, 3), value, np.uint8)))
    (tmp_path / "notes.txt").write_text("no picture")
    everything = Clip.from_folder(tmp_path)
    assert [everything.read(i).rgb[0, 0, 0] for i in range(len(everything))] == [1, 0, 2]
    named = Clip.from_folder(tmp_path, ["c.png", "c.png", "a.png"])
    assert [named.read(i).rgb[0, 0, 0] for i in range(len(named))] == [2, 2, 1]


def test_numbers_in_names_count_as_numbers(tmp_path: Path) -> None:
    """frame2 comes before frame10, as every editor shows them."""
    for value in (10, 2, 1, 11):
        write_frame(tmp_path / f"frame{value}.png", Frame(np.full((2, 2, 3), value, np.uint8)))
    clip = Clip.from_folder(tmp_path)
    assert [int(clip.read(i).rgb[0, 0, 0]) for i in range(4)] == [1, 2, 10, 11]


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no pictures"):
        Clip.from_folder(tmp_path)
    with pytest.raises(MediaError, match="does not exist"):
        Clip.from_folder(tmp_path / "gone")
    with pytest.raises(MediaError, match=r"Cannot read .*missing\.png"):
        Clip.from_folder(tmp_path, ["missing.png"]).read(0)


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match=r"Cannot write .*file.*a\.png"):
        write_frame(tmp_path / "file" / "a.png", Frame(texture(4, 4)))
