# SPDX-License-Identifier: GPL-3.0-or-later
"""Where source and painting lie in the preview region, under a wipe line or side by side. Free of bpy; pixels.

All places are pixels of the region, x to the right, y upwards. Parts of pictures are 0 … 1 across and up.
"""

from __future__ import annotations

import dataclasses
import enum


class Way(enum.Enum):
    """How source and painting are compared."""

    WIPE = "wipe"
    SIDE = "side by side"
    SOURCE = "source"  # while the key is held


@dataclasses.dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    low: float
    right: float
    high: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From low to high."""
        return self.high - self.low

    def part(self, left: float, right: float) -> Box:
        """The part of it from ``left`` to ``right``, 0 … 1 of its width."""
        return Box(self.left + left * self.width, self.low, self.left + right * self.width, self.high)

    def half_as_high(self) -> Box:
        """The middle half of it: a picture in half the width keeps its shape."""
        quarter = self.height / 4
        return Box(self.left, self.low + quarter, self.right, self.high - quarter)


@dataclasses.dataclass(frozen=True)
class Piece:
    """A part of one picture and where it is drawn.

    Attributes:
        is_painted: of the painting; else of the source.
        place: where it is drawn.
        left, right: the part of the picture's width that is shown, 0 … 1.
    """

    is_painted: bool
    place: Box
    left: float = 0.0
    right: float = 1.0


def picture_box(size: tuple[int, int], corners: tuple[float, float, float, float], picture: tuple[float, float]) -> Box:
    """Where Blender draws the picture of the timeline.

    Args:
        size: width and height of the region.
        corners: what of the view the region shows: left, low, right, high, in units of the view.
        picture: width and height of the rendered picture in units of the view; it lies about the view's origin.
    """
    left, low, right, high = corners
    across, up = size[0] / (right - left), size[1] / (high - low)
    wide, tall = picture[0] / 2, picture[1] / 2
    return Box((-wide - left) * across, (-tall - low) * up, (wide - left) * across, (tall - low) * up)


def pieces(way: Way, box: Box, line: float) -> list[Piece]:
    """What is drawn into the picture's box.

    Args:
        line: where the wipe line is, 0 … 1 of the picture's width: the source lies left of it, the painting right.
    """
    if way is Way.SOURCE:
        return [Piece(False, box)]
    if way is Way.SIDE:
        halves = box.part(0.0, 0.5), box.part(0.5, 1.0)
        return [Piece(half is halves[1], half.half_as_high()) for half in halves]
    found = [Piece(False, box.part(0.0, line), 0.0, line), Piece(True, box.part(line, 1.0), line, 1.0)]
    return [piece for piece in found if piece.right > piece.left]


def line_under(box: Box, x: float) -> float:
    """The place of the wipe line that is dragged to ``x``, 0 … 1."""
    return min(1.0, max(0.0, (x - box.left) / box.width)) if box.width > 0 else 0.5


def is_near_line(box: Box, line: float, x: float, y: float, reach: float) -> bool:
    """True where a click at (x, y) takes hold of the wipe line: at most ``reach`` pixels off."""
    return abs(x - (box.left + line * box.width)) <= reach and box.low - reach <= y <= box.high + reach
