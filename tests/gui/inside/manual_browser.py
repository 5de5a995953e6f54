# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's picture of the file browser, a picture chosen in it as the style."""

from collections.abc import Generator
from pathlib import Path

import bpy
from album import Album, region_of
from browsing import browser, choose_by_keys, open_by_click
from edit import add_clip, open_tab, open_video_editing
from picture import close

_HEIGHT = 306  # pixels of files that are shown


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Takes it."""
    album = Album(out)
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "balloons.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    timeline = yield from open_tab()
    yield from open_by_click(timeline, order["picture"])
    yield from choose_by_keys(order["picture"])
    left, top, _, height = region_of(browser(), "WINDOW")
    execute = region_of(browser(), "EXECUTE")
    # What lies between them is more of the same, and the path above them is of this machine.
    yield from album.take("any-picture", (left, top, execute[2], min(height, _HEIGHT)), execute)
    return {}
