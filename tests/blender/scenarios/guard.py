# SPDX-License-Identifier: GPL-3.0-or-later
"""Before the render: drafts, gaps and what changed are told; one button paints them and renders."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path
from typing import Any

import bpy
import timeline
from stored_settings import press

RESULT = "pictures (Brushflow)"
COUNT = 6


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """A draft, a render of it, its final, and everything an editor may do to a source."""
    scene = timeline.new()
    pictures = work / "pictures"
    shutil.copytree(options["pictures"], pictures)
    files = sorted(pictures.iterdir())[:COUNT]
    source = timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 5)
    scene.frame_start, scene.frame_end = 5, 4 + COUNT
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"nothing painted": found(scene)}
    scene.brushflow.quality = "DRAFT"
    told["error"] = timeline.stylize(style="starry-night")
    told["draft"] = found(scene)
    told["render of a draft"] = said_by_a_render(scene, work / "early")
    told["finished"] = [press("finish_drafts"), found(scene), press("finish_drafts")]
    told["render of the final"] = said_by_a_render(scene, work / "late")
    told["changes"] = changes(scene, source, files, work)
    scene = bpy.context.scene
    told["with a gap"] = gap(scene)
    output(scene, work / "out" / "frame_")
    told["rendered"] = press("paint_and_render")
    told["files"] = sorted(path.name for path in (work / "out").glob("*.png"))
    told["after"] = found(scene)
    files[0].unlink()
    told["cannot"] = cannot(scene, work)
    return told


def found(scene: Any) -> list[str]:
    """What the guard says."""
    return [state.sentence for state in timeline.addon("actions.render_guard").GUARD.look(scene)]


def said_by_a_render(scene: Any, folder: Path) -> str:
    """What a render of one frame puts on the console about the paintings."""
    console = io.StringIO()
    with contextlib.redirect_stdout(console):
        timeline.render(scene, folder, [5])
    return "\n".join(line for line in console.getvalue().splitlines() if line.startswith("Brushflow"))


def output(scene: Any, path: Path) -> None:
    """Where the animation goes."""
    path.parent.mkdir(parents=True)
    scene.render.filepath = str(path)


def changes(scene: Any, source: Any, files: list[Path], work: Path) -> dict[str, list[str]]:
    """What the guard says after each act; whatever changed the picture is taken back after it."""
    told = {}
    result = timeline.strips(scene)[RESULT]
    for name in ("color_saturation", "use_flip_x"):
        before = getattr(source, name)
        setattr(source, name, not before if isinstance(before, bool) else before / 2)
        told[name] = found(scene)
        setattr(source, name, before)
    source.transform.scale_x = 0.5
    told["transform"] = found(scene)
    source.transform.scale_x = 1.0
    modifier = source.modifiers.new(name="bright", type="BRIGHT_CONTRAST")
    told["modifier"] = found(scene)
    source.modifiers.remove(modifier)
    stat = files[2].stat()
    os.utime(files[2], (stat.st_atime, stat.st_mtime + 10))
    told["file"] = found(scene)
    os.utime(files[2], (stat.st_atime, stat.st_mtime))
    told["taken back"] = found(scene)
    for strip in (source, result):
        timeline.move(strip, 2)
    told["moved together"] = found(scene)
    timeline.move(source, -2)
    told["moved apart"] = found(scene)
    timeline.move(result, -2)
    for strip in (source, result):
        timeline.set_end(strip, 9)
    told["trimmed together"] = found(scene)
    for strip in (source, result):
        timeline.set_end(strip, 5 + COUNT)
    source.name, source.channel = "other name", 4
    told["renamed and lifted"] = found(scene)
    source.channel, source.name = 1, "pictures"
    timeline.save(work / "edit.blend")
    told["opened again"] = found(timeline.open_file(work / "edit.blend"))
    return told


def gap(scene: Any) -> list[str]:
    """A painting that was cancelled leaves frames to do."""
    timeline.select(scene, "pictures")
    scene.brushflow.brush_size = 1.5
    job = timeline.press(style="great-wave").jobs[0]
    timeline.tick_until(lambda: job.state.stage.value == "painting")
    queue = timeline.addon("jobs.queue").QUEUE
    queue.cancel_all()
    timeline.tick_until(lambda: queue.is_settled)
    scene.frame_set(5)
    return found(scene)


def cannot(scene: Any, work: Path) -> list[str]:
    """Nothing is rendered when something cannot be painted."""
    output(scene, work / "nothing" / "frame_")
    return [press("paint_and_render"), *(path.name for path in (work / "nothing").iterdir())]
