# SPDX-License-Identifier: GPL-3.0-or-later
"""What editors do with source and result: duplicate, retime, into a meta strip, delete, undo and redo of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import timeline
from guard import found
from stored_settings import press

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Each act on a fresh opening of one painted file."""
    scene = timeline.new()
    files = sorted(Path(options["pictures"]).iterdir())[:6]
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 5)
    scene.frame_start, scene.frame_end = 1, 40
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"error": timeline.stylize(style="starry-night")}
    timeline.save(work / "edit.blend")
    for act in (duplicate, retime, meta, delete_source, delete_result):
        told[act.__name__] = tried(work, act)
    return told


def tried(work: Path, act: Callable[[Any], Any]) -> dict[str, Any]:
    """The act, then undone and redone; what lies on the timeline, and what the guard says, after each."""
    scene = timeline.open_file(work / "edit.blend")
    timeline.select(scene, "pictures", RESULT)
    bpy.ops.ed.undo_push(message="Before")
    told: dict[str, Any] = {"extra": act(scene)}
    bpy.ops.ed.undo_push(message="After")
    told["done"] = look()
    bpy.ops.ed.undo()
    told["undone"] = look()
    bpy.ops.ed.redo()
    told["redone"] = look()
    return told


def look() -> list[Any]:
    """All strips, and what the guard says."""
    scene = bpy.context.scene
    timeline.show(scene)
    return [timeline.names(scene), found(scene)]


def operator(name: str, **options: Any) -> None:
    """One of the sequencer's own operators, in an area of its own."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    kind, area.type = area.type, "SEQUENCE_EDITOR"
    area.spaces.active.view_type = "SEQUENCER"
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        getattr(bpy.ops.sequencer, name)(**options)
    area.type = kind


def duplicate(scene: Any) -> dict[str, Any]:
    """Source and result once more; the copy painted in another style leaves the first one as it is."""
    operator("duplicate")
    copies = [strip for strip in timeline.strips(scene) if strip.name.endswith(".001")]
    for strip in copies:
        timeline.move(strip, 10)
    before = timeline.describe(scene, RESULT)["folder"]
    told = {"copies": sorted(strip.name for strip in copies), "found": found(scene)}
    timeline.select(scene, "pictures.001")
    told["error"] = timeline.stylize(style="great-wave")
    folders = {strip.name: strip.directory for strip in timeline.strips(scene) if strip.brushflow.source_uid}
    told["apart"] = len(set(folders.values())) == 2
    told["first kept"] = timeline.describe(scene, RESULT)["folder"] == before
    return told


def retime(scene: Any) -> dict[str, Any]:
    """The source at half its rate: its painting is of other frames now, and Repaint follows."""
    source = timeline.strips(scene)["pictures"]
    source.strobe = 2.0
    told: dict[str, Any] = {"found": found(scene)}
    timeline.select(scene, RESULT)
    told["error"] = press("repaint")
    told["after"] = found(scene)
    return told


def meta(scene: Any) -> dict[str, Any]:
    """Both put into a meta strip, painted again from outside, and rendered."""
    operator("meta_make")
    told: dict[str, Any] = {"found": found(scene), "names": timeline.names(scene)}
    told["error"] = press("finish_drafts", everything=True)
    told["jobs"] = [timeline.state(job)["stage"] for job in timeline.addon("jobs.queue").QUEUE.jobs]
    return told


def delete_source(scene: Any) -> dict[str, Any]:
    """The result stays and shows what was painted; to paint it again is refused."""
    timeline.strips(scene).remove(timeline.strips(scene)["pictures"])
    timeline.select(scene, RESULT)
    return {"found": found(scene), "error": press("repaint")}


def delete_result(scene: Any) -> dict[str, Any]:
    """The source is left as if it had never been painted; painted again it comes from the cache."""
    timeline.strips(scene).remove(timeline.strips(scene)[RESULT])
    timeline.select(scene, "pictures")
    return {"found": found(scene), "error": timeline.stylize(style="starry-night"), "job": timeline.last_job()}
