# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures for the manual: screenshots, and which parts of them are to be shown. Whoever plays cuts them out."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

from edit import rectangle
from eyes import shot
from hands import move, sidebar, widget_unit, window

Box = tuple[float, float, float, float]
"""Left, top, width and height: pixels of the screen from its upper left corner."""

_TABS = 1.3  # widgets: what stands right of the panels
_SETTLE = 0.6


class Album:
    """What was taken: screenshots, and ``album.json`` with the boxes of each, by its name."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._pictures: dict[str, list[list[int]]] = {}

    def take(self, name: str, *boxes: Box) -> Generator[float, None, None]:
        """Takes a screenshot; the boxes will stand one below the other."""
        yield _SETTLE
        yield from shot(self._out / f"{name}.png")
        self._pictures[name] = [[round(value) for value in box] for box in boxes]
        (self._out / "album.json").write_text(json.dumps(self._pictures), "utf-8")


def whole(area: Any) -> Box:
    """An area with its header."""
    return area.x, window().height - area.y - area.height, area.width, area.height


def region_of(area: Any, kind: str) -> Box:
    """One region of an area."""
    place = rectangle(area, kind)
    return place["x"], place["y"], place["width"], place["height"]


def rest(area: Any) -> Generator[float, None, None]:
    """Takes the mouse to where nothing lights up."""
    yield from move(area.x + 40, area.y + 6)


Rows = list[tuple[float, str]]
"""What ``hands.survey`` found: height and control, from top to bottom."""


def lines(area: Any, rows: Rows, first: str, last: str) -> Box:
    """The part of the sidebar from one control to another, both included."""
    found = [y for y, text in rows if first in text], [y for y, text in rows if last in text]
    for wanted, heights in zip((first, last), found, strict=True):
        if not heights:
            raise LookupError(f"No control for {wanted!r}; there are {sorted({text for _, text in rows})}.")
    return between(area, found[0][0] + widget_unit() * 0.75, found[1][-1] - widget_unit() * 0.75)


def panel(area: Any, rows: Rows, first: str, last: str) -> Box:
    """The same with all that has no name above it: the panel's header and its sentences."""
    left, top, width, height = lines(area, rows, first, last)
    start = next(number for number, (_, text) in enumerate(rows) if first in text)
    before = [y for y, text in rows[:start] if text]
    if before:
        header = window().height - before[-1] + widget_unit() * 0.75
        height, top = height + top - header, header
    return left, top, width, height


def between(area: Any, high: float, low: float) -> Box:
    """The sidebar's panels between two heights of the window."""
    region = sidebar(area)
    return region.x, window().height - high, region.width - _TABS * widget_unit(), high - low
