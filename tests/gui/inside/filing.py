# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint Files by mouse and keys: the button, two files marked in the file browser, and what the tab says of them."""

from collections.abc import Generator
from pathlib import Path

import bpy
from browsing import browser, place_of, show_folder
from edit import module, queue, result, scene, select, wait
from eyes import Pulse, shot
from hands import key, window
from manual_tab import open_whole_tab, press, shorten

STYLES = {"first.blend": "great-wave", "second.blend": "the-scream"}
NAMES = tuple(STYLES)


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Makes two files with a stale strip each, has them painted, and looks on."""
    timeline = yield from open_whole_tab(out, order)
    shorten()
    yield from make_others(out / "others")
    desk = module("actions.files_desk").DESK
    shown = result().directory
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    yield from press(timeline, "brushflow.paint_files")
    yield from show_folder(str(out / "others" / NAMES[0]))
    yield from key("A", *place_of(browser()))
    yield 0.3
    yield from shot(out / "1-marked.png")
    yield from key("RET", *place_of(browser()))
    yield from wait(lambda: browser() is None and desk.is_busy, 15)
    yield from wait(lambda: desk.files.current.progress.done > 0, 300)
    timeline.tag_redraw()
    yield 0.3
    yield from shot(out / "2-painting.png")
    pulse = Pulse()
    pulse.start()
    yield from wait(lambda: not desk.is_busy, 300)
    longest = pulse.stop()["longest"]
    yield 0.5
    yield from shot(out / "3-painted.png")
    found = {
        "ended": {file.path.name: [file.stage, file.sentence] for file in desk.files.files},
        "longest": longest,
        "open": [Path(bpy.data.filepath).name, bpy.data.is_dirty, result().directory == shown],
    }
    yield from press(timeline, "brushflow.cancel_files")
    found["put away"] = desk.files is None
    return found


def make_others(folder: Path) -> Generator[float, None, None]:
    """Paints the strip, and saves the edit twice beside itself, each with another style stored on the strip."""
    folder.mkdir()
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
        yield from wait(lambda: queue().is_settled, 120)
        select(result())
        for name, style in STYLES.items():
            scene().brushflow.style = style
            bpy.ops.brushflow.store_settings()
            bpy.ops.wm.save_as_mainfile(filepath=str(folder / name), copy=True)
        bpy.ops.wm.save_mainfile()
