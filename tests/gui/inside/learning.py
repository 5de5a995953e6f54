# SPDX-License-Identifier: GPL-3.0-or-later
"""A style of the editor's own by mouse and keys: a picture in the file browser, how far it is, and the cross."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy
from browsing import browser, choose_by_keys, place_of, show_folder
from edit import ADDON, add_clip, open_tab, open_video_editing, queue, wait
from eyes import Pulse, shot
from hands import click, key, row_of, sidebar, survey, window
from manual_tab import last_column
from picture import close


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Chooses the picture, looks on until a preview is there, and stops."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    timeline = yield from open_tab()
    preferences = bpy.context.preferences.addons[ADDON].preferences
    preferences.torch_python, preferences.device = order["python"], "cpu"
    yield from choose(timeline, order["picture"])
    (job,) = queue().jobs
    pulse = Pulse()
    pulse.start()
    yield from wait(lambda: (job.state.losses is not None and job.preview_icon) or job.state.has_ended, 300)
    longest = pulse.stop()["longest"]
    told = {"losses": job.state.losses, "text": job.state.progress_text, "preview": job.preview_icon}
    timeline.tag_redraw()
    yield 0.5
    yield from shot(out / "1-learning.png")
    across = last_column(timeline)
    rows = yield from survey(timeline, across, step=0.5, patience=24)
    yield from click(sidebar(timeline).x + sidebar(timeline).width * across, row_of(rows, "brushflow.cancel"))
    yield from wait(lambda: queue().is_settled, 30)
    yield 0.5
    yield from shot(out / "2-stopped.png")
    return {
        **told,
        "chosen": Path(job.request.picture).name,
        "footage": Path(job.request.footage).name,
        "longest": longest,
        "stage": job.state.stage.value,
        "kept": sorted(path.name for path in Path(job.request.styles_dir).iterdir()),
    }


def choose(timeline: Any, picture: str) -> Generator[float, None, None]:
    """What the entry of the menu of Styles does, and then the file browser by keys."""
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    with bpy.context.temp_override(window=window(), area=timeline, region=sidebar(timeline)):
        bpy.ops.brushflow.train_style("INVOKE_DEFAULT")
    yield from show_folder(picture)
    yield from choose_by_keys(picture)
    yield from key("RET", *place_of(browser()))
    yield from wait(lambda: browser() is None and bool(queue().jobs), 15)
