# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's file browser by mouse and keys."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from edit import wait
from gallery import find_right_of
from hands import click, find, key, window


def browser() -> Any:
    """The area that is a file browser over the whole window; None while there is none."""
    shown = window().screen
    return next((one for one in shown.areas if one.type == "FILE_BROWSER" and len(shown.areas) == 1), None)


def open_by_click(timeline: Any, picture: str) -> Generator[float, None, None]:
    """Clicks the button beside the style menu; the browser opens in the folder of a picture, over the whole window."""
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    menu = yield from find(timeline, "brushflow.style")
    button = yield from find_right_of(timeline, menu, "brushflow.use_picture")
    yield from click(*button)
    yield from show_folder(picture)


def show_folder(picture: str) -> Generator[float, None, None]:
    """Waits for the browser, and shows the folder of a picture in it."""
    yield from wait(lambda: browser() is not None, 10)
    yield 0.8
    parameters = browser().spaces.active.params
    parameters.directory = f"{Path(picture).parent}/".encode()
    parameters.display_type = "THUMBNAIL"
    yield 2.0  # until the thumbnails are there


def choose_by_keys(picture: str) -> Generator[float, None, None]:
    """Walks with the arrow keys until a file is the chosen one.

    Raises:
        LookupError: it never is.
    """
    area = browser()
    place = place_of(area)
    for _ in range(40):
        yield from key("RIGHT_ARROW", *place)
        yield 0.1
        if area.spaces.active.params.filename == Path(picture).name:
            return
    raise LookupError(f"{picture} was not reached; {area.spaces.active.params.filename!r} is chosen")


def place_of(area: Any) -> tuple[float, float]:
    """A place among the files where there is none."""
    region = next(region for region in area.regions if region.type == "WINDOW")
    return region.x + region.width - 30, region.y + 30
