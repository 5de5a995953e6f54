# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouse and keys: moves, clicks, and finds controls the way a hand does, by hovering over them.

Blender tells nobody where a button lies, but it can copy what the button under the mouse stands for: the command of an
operator, the path of a property. Positions are pixels of the window, y upwards.
"""

import math
import time
from collections.abc import Generator
from typing import Any

import bpy

Steps = Generator[float, None, Any]
_DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
_SETTLE = 0.06  # until a redraw has made the control under the mouse the active one


def window() -> Any:
    """Blender's one window."""
    return bpy.context.window_manager.windows[0]


def move(x: float, y: float) -> Steps:
    """Moves the mouse."""
    window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=int(x), y=int(y))
    yield _SETTLE


def click(x: float, y: float) -> Steps:
    """Clicks the left button at a place."""
    yield from move(x - 2, y)
    yield from move(x, y)
    for value in ("PRESS", "RELEASE"):
        window().event_simulate(type="LEFTMOUSE", value=value, x=int(x), y=int(y))
        yield 0.08


def point(area: Any, x: float, y: float, wanted: str, *, seconds: float = 3.0) -> Steps:
    """Moves the mouse to a control and waits until Blender says that it is the one under the mouse.

    Raises:
        LookupError: another is there, or none; says which.
    """
    until = time.monotonic() + seconds
    while True:
        yield from move(x - 2, y)
        yield from move(x, y)
        there = under_mouse(area)
        if wanted in there:
            return
        if time.monotonic() > until:
            raise LookupError(f"No control for {wanted!r} at {x:.0f}, {y:.0f}; there is {there!r}.")


def key(name: str, x: float, y: float, *, text: str = "", **modifiers: bool) -> Steps:
    """Presses and releases a key while the mouse is at a place; modifiers: ctrl, shift, alt."""
    yield from move(x, y)
    for value in ("PRESS", "RELEASE"):
        unicode = {"unicode": text} if text and value == "PRESS" else {}
        window().event_simulate(type=name, value=value, x=int(x), y=int(y), **unicode, **modifiers)
        yield 0.05


def write(text: str, x: float, y: float) -> Steps:
    """Types digits and dots."""
    for letter in text:
        yield from key(_DIGITS[int(letter)] if letter.isdigit() else "PERIOD", x, y, text=letter)


def under_mouse(area: Any) -> str:
    """What is under the mouse in the area's sidebar."""
    region = sidebar(area)
    manager = bpy.context.window_manager
    with bpy.context.temp_override(window=window(), area=area, region=region):
        shown = bpy.context.property
        if shown is not None:
            return str(shown[1])
        if bpy.ops.ui.copy_python_command_button.poll():
            manager.clipboard = ""
            bpy.ops.ui.copy_python_command_button()
            return str(manager.clipboard)
    return ""


def survey(area: Any, across: float = 0.5, *, step: float = 1 / 3, patience: float = math.inf) -> Steps:
    """What lies in the sidebar from top to bottom: (y, what) of each row that was hovered over.

    Args:
        area: whose sidebar.
        across: where; 0 is its left edge, 1 its right one.
        step: from one row to the next, in widgets.
        patience: how much emptiness is the end of the tab, in widgets.
    """
    region = sidebar(area)
    unit = widget_unit()
    x, y = region.x + region.width * across, region.y + region.height - unit / 2
    rows: list[tuple[float, str]] = []
    last = y
    while y > region.y and last - y < patience * unit:
        yield from move(x, y)
        rows.append((y, under_mouse(area)))
        last = y if rows[-1][1] else last
        y -= unit * step
    return rows


def row_of(rows: list[tuple[float, str]], wanted: str) -> float:
    """The height of the first control whose command or path contains a text.

    Raises:
        LookupError: it is not there; names what is.
    """
    found = [y for y, text in rows if wanted in text]
    if not found:
        raise LookupError(f"No control for {wanted!r} in the sidebar; it has {sorted({text for _, text in rows})}.")
    touching = [y for y in found if found[0] - y < widget_unit() * 1.5]
    return (touching[0] + touching[-1]) / 2


def find(area: Any, wanted: str) -> Steps:
    """The place of a control in the area's sidebar."""
    rows = yield from survey(area)
    return middle(area), row_of(rows, wanted)


def find_dot(area: Any, wanted: str) -> Steps:
    """The place of the keyframe dot right of a property: one half widget beyond the field's right edge."""
    x, y = yield from find(area, wanted)
    region, unit = sidebar(area), widget_unit()
    right = region.x + region.width
    while right > x:
        yield from move(right, y)
        if wanted in under_mouse(area):
            return right + unit / 2 + 1, y
        right -= 2
    raise LookupError(f"{wanted!r} has no right edge.")


def middle(area: Any) -> float:
    """The middle of the sidebar, across."""
    region = sidebar(area)
    return float(region.x + region.width * 0.5)


def widget_unit() -> float:
    """The height of a usual control, in pixels."""
    return float(20 * bpy.context.preferences.system.ui_scale)


def sidebar(area: Any) -> Any:
    """The sidebar of an area."""
    return next(region for region in area.regions if region.type == "UI")
