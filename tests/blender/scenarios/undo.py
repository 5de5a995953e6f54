# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo around Stylize and Clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline

RESULT = "clip (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Two paintings and a clearing, undone and redone one by one."""
    scene = timeline.new()
    clip = timeline.strips(scene).new_movie(
        name="clip", filepath=str(Path(options["media"], "clip.mkv")), channel=1, frame_start=1
    )
    timeline.set_end(clip, 5)
    timeline.select(scene, "clip")
    timeline.save(work / "edit.blend")
    bpy.ops.ed.undo_push(message="Before")
    told: dict[str, Any] = {}

    def note(name: str) -> None:
        scene = bpy.context.scene
        timeline.show(scene)
        there = timeline.names(scene)
        told[name] = {
            "names": there,
            "folder": timeline.describe(scene, RESULT)["folder"] if RESULT in there else "",
            "rendered": timeline.render(scene, work / name, [2])[0],
        }

    note("before")
    timeline.stylize(style="starry-night", undo=True)
    note("first")
    timeline.stylize(style="great-wave", undo=True)
    note("second")
    bpy.ops.ed.undo()
    note("back to the first")
    bpy.ops.ed.undo()
    note("back to before")
    bpy.ops.ed.redo()
    note("the first again")
    timeline.select(bpy.context.scene, "clip")
    bpy.ops.brushflow.clear("EXEC_DEFAULT", True)
    note("cleared")
    bpy.ops.ed.undo()
    note("clearing undone")
    return told
