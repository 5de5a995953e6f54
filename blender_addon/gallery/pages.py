# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the gallery that leave room in the sidebar for the rest of the tab. Free of bpy."""

from __future__ import annotations

_CELL = 104, 124  # pixels at scale 1: a thumbnail, its name below it
_SCROLL_BAR = 24
_PART = 0.55  # of the sidebar's height that thumbnails may take
_MOST_ROWS = 4


def shape(width: float, height: float) -> tuple[int, int]:
    """Columns and rows of a page in a sidebar of so many pixels, counted at scale 1; at least one of each."""
    columns = int((width - _SCROLL_BAR) / _CELL[0])
    rows = int(_PART * height / _CELL[1])
    return max(1, columns), min(_MOST_ROWS, max(1, rows))


def page_of(count: int, page_size: int, wanted: int) -> tuple[int, int]:
    """The page that is shown, from 0, and how many there are; in the place of one beyond the last the last one."""
    pages = max(1, -(-count // page_size))
    return min(wanted, pages - 1), pages
