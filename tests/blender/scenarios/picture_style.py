# SPDX-License-Identifier: GPL-3.0-or-later
"""Any picture as the style: chosen with the button, named by its path, relative to the .blend, gone, and no picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import timeline

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Paints one strip in the manner of a picture, named in every way an editor may name it."""
    picture = Path(options["picture"])
    scene = new(work, options)
    told: dict[str, Any] = {"none chosen": paint(scene, style="PICTURE")}
    bpy.ops.brushflow.use_picture(filepath=str(picture))
    told["kept"] = [scene.brushflow.style, scene.brushflow.picture]
    kind = scene.brushflow.bl_rna.properties["picture"]
    told["may be relative"] = getattr(kind, "is_path_supports_blend_relative", True)
    told["items"] = [item[1] for item in timeline.addon("styles.style_list").STYLES.items(str(picture))]
    told["chosen"] = paint(scene)
    timeline.save(work / "edit.blend")
    scene = timeline.open_file(work / "edit.blend")
    told["opened again"] = paint(scene)
    told["by its path"] = paint(scene, style=str(picture))
    told["beside the file"] = paint(scene, style=f"//{picture.relative_to(work).as_posix()}")
    told["a preset"] = paint(scene, style="starry-night")
    told["no picture"] = paint(scene, style=options["text"])
    told["images"] = sum(image.source == "FILE" for image in bpy.data.images)
    scene = new(work, options)
    told["gone"] = paint(scene, style=str(picture.with_name("gone.jpg")))
    told["gone"]["names"] = timeline.names(scene)
    try:
        bpy.ops.brushflow.use_picture(filepath=str(picture.with_name("gone.jpg")))
    except RuntimeError as error:
        told["button"] = str(error)
    return told


def new(work: Path, options: dict[str, Any]) -> Any:
    """A saved timeline with one strip of two pictures, selected."""
    scene = timeline.new(*options["size"])
    timeline.image_strip(timeline.strips(scene), "pictures", sorted(Path(options["pictures"]).iterdir()), 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    return scene


def paint(scene: Any, **options: str) -> dict[str, Any]:
    """Presses Stylize, and notes what the editor sees."""
    error = timeline.stylize(**options)
    queue = timeline.addon("jobs.queue").QUEUE
    told: dict[str, Any] = {"error": error, "notice": queue.notice and [queue.notice.sentence, queue.notice.hint]}
    result = timeline.strips(scene).get(RESULT)
    if result is not None:
        shown = timeline.describe(scene, RESULT)
        told |= {
            "label": timeline.addon("panels.panels")._painted_as(result),
            "stored": json.loads(result.brushflow.settings)["style"],
            "picture": str(Path(shown["folder"], shown["files"][0])),
            "job": timeline.last_job(),
        }
    return told
