# SPDX-License-Identifier: GPL-3.0-or-later
"""A style of the editor's own: learnt through the installed add-on, listed at once, and painted with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Without torch, stopped at its first step, gone on with, used, asked for again, refused."""
    scene = timeline.new()
    clip = Path(options["media"], "clip.mkv")
    timeline.strips(scene).new_movie(name="clip", filepath=str(clip), channel=1, frame_start=1)
    timeline.set_end(timeline.strips(scene)["clip"], 4)
    timeline.select(scene, "clip")
    timeline.save(work / "edit.blend")
    preferences = bpy.context.preferences.addons["bl_ext.user_default.brushflow"].preferences
    preferences.device = "cpu"
    module = timeline.addon("actions.train_style")
    told: dict[str, Any] = {"poll without torch": bpy.ops.brushflow.train_style.poll(), "shipped": styles()}
    told["without torch"] = press(options["picture"], 0.05)
    preferences.torch_python = options["python"]
    told["poll"] = bpy.ops.brushflow.train_style.poll()
    told["footage"] = [module.footage(scene), str(clip)]
    job = module.start(bpy.context, options["picture"], "Leaves", minutes=20.0)
    timeline.tick_until(lambda: job.state.losses is not None, 600.0)
    told["text"] = job.state.progress_text
    timeline.addon("jobs.queue").QUEUE.cancel_all()
    told["cancelled"] = job.state.stage.value
    timeline.tick_until(lambda: timeline.addon("jobs.queue").QUEUE.is_settled, 10.0)
    folder = Path(job.request.styles_dir)
    told["folder"] = str(folder)
    told["unfinished"] = sorted(path.name for path in folder.iterdir())
    told["preview"] = (folder / "leaves.training" / "preview.png").is_file()

    told["trained"] = press(options["picture"], 0.05, title="Leaves")
    told["listed"] = styles()
    told["finished"] = sorted(path.name for path in folder.iterdir())
    told["notice"] = timeline.addon("jobs.queue").QUEUE.notice.sentence
    scene.brushflow.style = "leaves"
    told["painted"] = {"error": timeline.stylize(), "job": timeline.last_job()}
    told["again"] = press(options["picture"], 0.05, title="Leaves")
    told["no picture"] = press(str(work / "gone.png"), 0.05)
    bpy.ops.preferences.addon_disable(module="bl_ext.user_default.brushflow")
    bpy.ops.preferences.addon_enable(module="bl_ext.user_default.brushflow")
    told["later"] = styles()
    return told


def styles() -> list[list[Any]]:
    """The list in the panel: identifier, title, and whether there is a thumbnail; icons have no number here."""
    style_list = timeline.addon("styles.style_list")
    styles = style_list.STYLES
    thumbnails = [bool(preset.thumbnail and preset.thumbnail.is_file()) for preset in styles.presets]
    items = [item for item in styles.items("") if item[0] != style_list.PICTURE]
    return [[item[0], item[1], there] for item, there in zip(items, thumbnails, strict=True)]


def press(picture: str, minutes: float, **options: Any) -> str:
    """Presses the button; the error it reported, or nothing."""
    try:
        bpy.ops.brushflow.train_style("EXEC_DEFAULT", filepath=picture, minutes=minutes, **options)
    except RuntimeError as error:
        return str(error).strip()
    return ""
