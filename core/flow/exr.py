# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the uncompressed OpenEXR files in which Blender writes its passes. Free of bpy and torch.

OpenCV reads neither layers nor parts. Only what Blender is told to write is read: scan lines without compression, in
one part (Blender 4) or in one part for each pass (Blender 5). After "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import MediaError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = 20000630
_MULTIPART = 0x1000
_NO_COMPRESSION = b"\0"
# By the number of a channel's kind in the file: whole number, half, float.
_KINDS = (np.dtype("<u4"), np.dtype("<f2"), np.dtype("<f4"))


class _Part(NamedTuple):
    """One part: its channels with their kinds in the order of the file, its size, and how its channels are called."""

    channels: tuple[tuple[str, np.dtype[np.generic]], ...]
    height: int
    width: int
    name: str


def read_channels(data: bytes) -> dict[str, NDArray[np.float32]]:
    """Every channel of a file by its whole name, (H, W) float32, row 0 at the top.

    Names are as in Blender 4, "ViewLayer.Vector.X"; in Blender 5 the part's name is put before where it is missing.

    Raises:
        MediaError: the bytes are no OpenEXR file, are torn, or are compressed or tiled.
    """
    try:
        return _read(data)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise MediaError(f"The rendered passes cannot be read ({type(error).__name__}: {error}).") from error


def _read(data: bytes) -> dict[str, NDArray[np.float32]]:
    magic, version = struct.unpack_from("<iI", data)
    if magic != _MAGIC:
        raise ValueError(f"the file starts with {data[:4]!r}")
    is_multipart = bool(version & _MULTIPART)
    parts: list[_Part] = []
    place = 8
    while not parts or (is_multipart and data[place] != 0):
        header, place = _header(data, place)
        parts.append(_part(header))
    place += is_multipart  # the empty header that ends the list
    found: dict[str, NDArray[np.float32]] = {}
    for part in parts:
        offsets = struct.unpack_from(f"<{part.height}Q", data, place)
        place += 8 * part.height
        found.update(_pixels(data, part, offsets, 12 if is_multipart else 8))
    return found


def _header(data: bytes, place: int) -> tuple[dict[str, bytes], int]:
    """The attributes of one part, and where they end."""
    found: dict[str, bytes] = {}
    while data[place] != 0:
        name, place = _text(data, place)
        _, place = _text(data, place)
        (size,) = struct.unpack_from("<i", data, place)
        found[name] = data[place + 4 : place + 4 + size]
        place += 4 + size
    return found, place + 1


def _text(data: bytes, place: int) -> tuple[str, int]:
    end = data.index(b"\0", place)
    return data[place:end].decode("utf-8", "replace"), end + 1


def _part(header: dict[str, bytes]) -> _Part:
    if header["compression"] != _NO_COMPRESSION or "tiles" in header:
        raise ValueError("uncompressed scan lines were expected")
    left, top, right, bottom = struct.unpack("<4i", header["dataWindow"])
    channels, place, listed = [], 0, header["channels"]
    while listed[place] != 0:
        name, place = _text(listed, place)
        (kind,) = struct.unpack_from("<i", listed, place)
        channels.append((name, _KINDS[kind]))
        place += 16
    return _Part(tuple(channels), bottom - top + 1, right - left + 1, header.get("name", b"").decode("utf-8"))


def _pixels(data: bytes, part: _Part, offsets: tuple[int, ...], head: int) -> dict[str, NDArray[np.float32]]:
    """Each row holds its channels one after another, behind ``head`` bytes that say which row it is."""
    planes = {name: np.empty((part.height, part.width), np.float32) for name, _ in part.channels}
    for row, offset in enumerate(offsets):
        place = offset + head
        for name, kind in part.channels:
            planes[name][row] = np.frombuffer(data, kind, part.width, place)
            place += part.width * kind.itemsize
    return {name if "." in name else f"{part.name}.{name}": plane for name, plane in planes.items()}
