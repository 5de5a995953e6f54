# SPDX-License-Identifier: GPL-3.0-or-later
"""A project that is saved elsewhere, collected, moved, found again and cleaned."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import bpy
import timeline
from stored_settings import press

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """One strip in the style of a picture that lies beside the .blend."""
    scene = timeline.new(*options["size"])
    timeline.image_strip(timeline.strips(scene), "pictures", sorted(Path(options["pictures"]).iterdir()), 1, 1)
    timeline.select(scene, "pictures")
    told: dict[str, Any] = {"unsaved": press("collect")}
    old, new = work / "old" / "edit.blend", work / "new" / "deep" / "edit.blend"
    timeline.save(old)
    shutil.copy(options["picture"], old.with_name("style.png"))
    scene.brushflow.use_picture(str(old.with_name("style.png")), relative=True)
    told["picture"] = [scene.brushflow.picture]
    told["errors"] = [timeline.stylize(style="starry-night"), timeline.stylize()]
    new.parent.mkdir(parents=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(new.with_name("copy.blend")), copy=True)
    told["picture"].append(scene.brushflow.picture)
    timeline.save(new)
    told["picture"].append(scene.brushflow.picture)
    told["painted from the new place"] = [timeline.stylize(), timeline.last_job()]

    told["elsewhere"] = look(scene)
    press("measure_disk")
    told["use"] = use()
    result = timeline.strips(scene)[RESULT]
    result.directory = first_run(old.parent) + "/"
    timeline.save(new)
    told["collected"] = [press("collect"), *look(scene)]
    told["collected again"] = press("collect")
    timeline.save(new)

    shutil.move(old.parent, work / "gone")
    shutil.move(new.parent, work / "moved")
    scene = timeline.open_file(work / "moved" / "edit.blend")
    told["moved"] = look(scene)
    told["picture"].append(Path(scene.brushflow.picture_path()).is_file())
    scene = timeline.open_file(work / "moved" / "copy.blend")
    told["copy"] = [len(timeline.addon("actions.files").lost_results()), press("relink", directory=str(work / "moved"))]
    told["relinked"] = [press("relink", directory=str(work)), *look(scene)]

    scene = timeline.open_file(work / "moved" / "edit.blend")
    shown = timeline.describe(scene, RESULT)["folder"]
    told["cleaned"] = [press("clean"), *look(scene)]
    told["left"] = [str(path) for path in (work / "moved" / "brushflow" / "results").glob("*/*")] == [shown.rstrip("/")]
    press("clean", forget_work=True)
    told["kept after forgetting"] = use()["kept"]
    told["still shown"] = look(scene)
    return told


def first_run(folder: Path) -> str:
    """The oldest run below a folder."""
    return str(min(folder.glob("brushflow/results/*/*"), key=lambda run: run.name))


def use() -> dict[str, int]:
    """What the panel says of the disk."""
    found = timeline.addon("actions.files").USE
    return {"total": found.total, "unused": found.unused, "kept": found.kept}


def look(scene: Any) -> list[Any]:
    """Where the result's pictures are stored, and how many of them are painted."""
    shown = timeline.describe(scene, RESULT)
    painted = timeline.addon("storage.run_folder").painted_frames(Path(shown["folder"]))
    return [shown["stored_folder"], len(painted)]
