# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts parts out of screenshots and saves them small and sharp."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

LARGEST = 120_000  # bytes, of a picture of the manual
_GAP = 6  # pixels between two parts
_JPEG_QUALITY = 85


def cut(screen: Image.Image, boxes: Sequence[Sequence[int]]) -> Image.Image:
    """Parts of a screenshot, one below the other.

    Args:
        screen: the screenshot, RGB.
        boxes: left, top, width and height of each part; what lies outside the screenshot is left out.

    Raises:
        ValueError: a part lies outside altogether.
    """
    parts = []
    for left, top, width, height in boxes:
        box = max(0, left), max(0, top), min(screen.width, left + width), min(screen.height, top + height)
        if box[2] <= box[0] or box[3] <= box[1]:
            raise ValueError(f"the part {[left, top, width, height]} lies outside {screen.width}x{screen.height}")
        parts.append(screen.crop(box))
    height = sum(part.height for part in parts) + _GAP * (len(parts) - 1)
    whole = Image.new("RGB", (max(part.width for part in parts), height), "white")
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height + _GAP
    return whole


def save_small(picture: Image.Image, path: Path, largest: int = LARGEST) -> Path:
    """Saves as PNG of at most so many bytes: with 256 colours, and smaller only if that is not enough."""
    picture.quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
    if path.stat().st_size > largest:
        scale = 0.95 * (largest / path.stat().st_size) ** 0.5
        save_small(picture.resize((round(picture.width * scale), round(picture.height * scale))), path, largest)
    return path


def save_photograph(picture: Image.Image, path: Path) -> Path:
    """Saves as JPEG."""
    picture.save(path, quality=_JPEG_QUALITY, optimize=True)
    return path
