# SPDX-License-Identifier: GPL-3.0-or-later
"""Painted frames collected aside, as the timer of a window does it: to the end, stopped, and left for another file."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import bpy
import timeline

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """A painting that lies elsewhere is collected; the timer is ticked by hand, for in background mode none runs."""
    scene = timeline.new(*options["size"])
    timeline.image_strip(timeline.strips(scene), "pictures", sorted(Path(options["pictures"]).iterdir()), 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "old" / "edit.blend")
    told: dict[str, Any] = {"error": timeline.stylize(style="starry-night")}
    before = timeline.describe(scene, RESULT)["folder"]
    timeline.save(work / "new" / "edit.blend")
    beside = work / "new" / "brushflow"
    desk, files = timeline.addon("actions.collect_desk").DESK, timeline.addon("actions.files")

    desk.begin(files.collect())
    desk.now.cancel()
    told["can press again"] = bpy.ops.brushflow.collect.poll()
    ticks(desk)
    told["stopped"] = look(scene)

    shutil.rmtree(beside)
    timeline.strips(scene)[RESULT].directory = before
    timeline.save(work / "new" / "edit.blend")
    desk.begin(files.collect())
    ticks(desk)
    told["collected"] = look(scene)
    told["old ones stay"] = len(list(Path(before).glob("0*.png")))

    timeline.strips(scene)[RESULT].directory = before
    desk.begin(files.collect())
    timeline.open_file(work / "new" / "edit.blend")
    told["dropped"] = desk.now is None
    told["halves"] = [path.name for path in beside.glob("results/*/bringing-*")]
    return told


def ticks(desk: Any) -> None:
    """What the timer does until nothing is collected any more."""
    while desk.now is not None:
        desk._on_timer()
        time.sleep(0.01)


def look(scene: Any) -> list[Any]:
    """Where the result's pictures lie, and how many of them are there."""
    shown = timeline.describe(scene, RESULT)
    painted = timeline.addon("storage.run_folder").painted_frames(Path(shown["folder"]))
    return [shown["stored_folder"], len(painted)]
