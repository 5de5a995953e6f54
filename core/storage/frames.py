# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames: reading, writing and naming them by their pixels. Free of bpy and torch.

Convention everywhere in core: pictures are (H, W, 3) uint8 RGB, row 0 at the top, in the display space the sequencer
shows; alpha is (H, W) uint8, straight.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..errors import MediaError
from .whole_file import write_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")

# Paint holds next to nothing that returns, so looking for it is time lost: differences of neighbours, runs, and Huffman
# codes take half as long as the lightest search and leave files as small (docs/decisions.md).
_PNG_OPTIONS = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_SUB),
)
# Without a filter, too: it would take ten times as long as the rest.
_QUICK_PNG_OPTIONS = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 0),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE),
)


@dataclasses.dataclass(frozen=True)
class Frame:
    """One picture of a clip.

    Attributes:
        rgb: (H, W, 3) uint8.
        alpha: (H, W) uint8, or None when the picture is opaque.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]

    def content_key(self) -> str:
        """Hash of the pixels: equal for equal pictures, whatever file they come from. 32 hexadecimal digits."""
        digest = hashlib.blake2b(repr(self.rgb.shape).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.rgb).data)
        if self.alpha is not None:
            digest.update(np.ascontiguousarray(self.alpha).data)
        return digest.hexdigest()


@dataclasses.dataclass(frozen=True)
class Clip:
    """Ordered frames that lie as picture files; ``frame_index`` counts from 0 through ``paths``."""

    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, frame_index: int) -> Frame:
        """The frame's pixels. Raises ``MediaError`` when the file is missing or damaged."""
        return read_frame(self.paths[frame_index])

    @classmethod
    def from_folder(cls, folder: Path, names: Sequence[str] | None = None) -> Clip:
        """The pictures of a folder: those named, in that order, or all of them in the order of their names,
        in which numbers count as numbers: frame2 comes before frame10.

        Raises:
            MediaError: no such folder, or no picture in it.
        """
        if not folder.is_dir():
            raise MediaError(f"The folder {folder} does not exist.", "Check the path.")
        if names is None:
            pictures = (p.name for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
            names = sorted(pictures, key=_with_numbers)
        if not names:
            raise MediaError(
                f"The folder {folder} holds no pictures.", f"Expected files ending in {', '.join(PICTURE_SUFFIXES)}."
            )
        return cls(tuple(folder / name for name in names))


def _with_numbers(name: str) -> list[tuple[int, str]]:
    """For sorting: the digits of a name as numbers, then the name itself where only zeros in front differ."""
    words = re.split(r"([0-9]+)", name)  # text and digits in turn, text first
    return [(int(word), "") if place % 2 else (0, word) for place, word in enumerate(words)] + [(0, name)]


def read_frame(path: Path) -> Frame:
    """Read a picture file of 8 or 16 bits, grey, RGB or RGBA.

    Raises:
        MediaError: the file is missing, is no picture, or is damaged.
    """
    try:
        data = np.fromfile(path, np.uint8)  # cv2.imread cannot open non-Latin paths on Windows
    except OSError as error:
        raise MediaError(f"Cannot read {path}: {error.strerror or error}.", "Check that the file exists.") from error
    return decode_frame(data, str(path))


def decode_frame(data: NDArray[np.uint8], name: str) -> Frame:
    """A picture from the bytes of its file; ``name`` is for the error's sentence."""
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in error.err:  # OpenCV's own limits, looked up in the header
            raise MediaError(
                f"{name} has more pixels than can be read.", "Reduce it to at most 30000 pixels a side."
            ) from error
        picture = None
    if picture is None:
        raise MediaError(f"{name} is not a picture, or is damaged.", "Replace the file or leave it out.")
    if picture.dtype not in (np.uint8, np.uint16):
        raise MediaError(f"{name} holds {picture.dtype} pixels; 8 or 16 bits were expected.", "Convert it to PNG.")
    pixels = _eight_bits(picture)
    if pixels.ndim == 2:
        return Frame(np.repeat(pixels[..., np.newaxis], 3, axis=2))
    if pixels.shape[2] == 2:  # grey with alpha
        return Frame(np.repeat(pixels[..., :1], 3, axis=2), np.ascontiguousarray(pixels[..., 1]))
    to_rgb = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGB
    rgb = np.asarray(cv2.cvtColor(pixels, to_rgb), np.uint8)
    if pixels.shape[2] == 3:
        return Frame(rgb)
    alpha = np.ascontiguousarray(pixels[..., 3])
    return Frame(rgb, None if alpha.min() == 255 else alpha)


def _eight_bits(picture: NDArray[Any]) -> NDArray[np.uint8]:
    if picture.dtype == np.uint16:
        return ((picture.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return picture.astype(np.uint8, copy=False)


def encode_png(frame: Frame, *, quickly: bool = False) -> bytes:
    """The frame as the bytes of an 8-bit PNG file, lossless.

    Args:
        quickly: without compression: sooner done, and larger.
    """
    if frame.alpha is None:
        picture = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
    else:
        picture = np.dstack((frame.rgb[..., ::-1], frame.alpha))
    good, data = cv2.imencode(".png", picture, _QUICK_PNG_OPTIONS if quickly else _PNG_OPTIONS)
    if not good:
        raise MediaError(f"Cannot encode a picture of {frame.size[1]}x{frame.size[0]} pixels as PNG.")
    return data.tobytes()


def write_frame(path: Path, frame: Frame) -> None:
    """Write an 8-bit PNG that is whole or absent. Raises ``CacheError`` when the folder cannot be written."""
    write_whole(path, encode_png(frame))
