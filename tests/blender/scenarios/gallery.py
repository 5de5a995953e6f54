# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery without a window: try styles on a frame, search, favourites, one's own styles, an image as the style."""

from __future__ import annotations

import hashlib
import json
import struct
import time
from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Plays it all; each part notes what it found."""
    scene = timeline.new(*options["size"])
    timeline.image_strip(timeline.strips(scene), "pictures", sorted(Path(options["pictures"]).iterdir()), 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    told: dict[str, Any] = {"favourites": favour()}
    told["trial"] = try_styles(scene)
    told["beside"] = beside(scene)
    told["preview"] = preview(scene)
    told["both"] = preview_during_trial()
    told["cancelled"] = cancel_trial()
    told["image"] = use_image(scene, Path(options["painting"]))
    told["own"] = own_styles(scene, work)
    told["rounds"] = off_and_on()
    return told


def press(operator: Any, *arguments: Any, **options: Any) -> str:
    """Presses a button; gives what it complains of."""
    try:
        operator(*arguments, **options)
    except RuntimeError as error:
        return str(error)
    return ""


def gallery() -> Any:
    """The add-on's gallery."""
    return timeline.addon("gallery.gallery").GALLERY


def favour() -> dict[str, Any]:
    """Two favourites, one taken back, read anew from the disk, and the search."""
    for style in ("great-wave", "the-scream", "great-wave"):
        bpy.ops.brushflow.favourite(style=style)
    gallery().forget()
    found = gallery().found("", only_favourites=False)
    return {
        "first": found[0][0],
        "count": len(found),
        "only": [one[0] for one in gallery().found("", only_favourites=True)],
        "searched": [one[0] for one in gallery().found("gogh STARRY", only_favourites=False)],
        "nothing": gallery().found("no such style", only_favourites=False),
        "menu": [one[1:3] for one in timeline.addon("styles.style_list").STYLES.items("") if one[0] == "great-wave"],
    }


def try_styles(scene: Any) -> dict[str, Any]:
    """The frame under the playhead in three styles, then another frame."""
    looked = bpy.context.window_manager.brushflow_gallery
    looked.search = "vincent"
    wanted = [one[0] for one in gallery().found("vincent", only_favourites=False)]
    scene.frame_set(2)
    error = press(bpy.ops.brushflow.try_styles)
    trial = timeline.addon("actions.looks").DESK.trial
    told = {
        "error": error,
        "stage": trial.stage.value,
        "wanted": wanted,
        "painted": {style: str(path) for style, path in trial.painted.items()},
        "source": str(trial.source),
        "shown": sorted(timeline.addon("styles.style_list").STYLES._tried),  # icons have no numbers without a window
        "bytes": {style: path.read_bytes().hex() for style, path in list(trial.painted.items())[:1]},
        "source bytes": trial.source.read_bytes().hex(),
    }
    first = trial.folder
    looked.search = "starry"
    scene.frame_set(1)
    told["again"] = press(bpy.ops.brushflow.try_styles)
    told["first is gone"] = not first.exists()
    bpy.ops.brushflow.clear_trial()
    told["cleared"] = timeline.addon("styles.style_list").STYLES._tried
    looked.search = "no such style"
    told["nothing"] = press(bpy.ops.brushflow.try_styles)
    looked.search = ""
    return told


def beside(scene: Any) -> str:
    """The playhead is not over the strip."""
    scene.frame_set(50)
    error = press(bpy.ops.brushflow.try_styles)
    scene.frame_set(1)
    return error


def preview(scene: Any) -> dict[str, Any]:
    """One frame in the chosen style, plain and through a view transform."""
    looks = timeline.addon("actions.looks")
    told: dict[str, Any] = {}
    for view in ("Standard", "AgX"):
        scene.view_settings.view_transform = view
        look = looks.start_preview(bpy.context)
        looks.run_blocking()
        shown = [path.read_bytes().hex() for path in look.shown or ()]
        told[view] = {"stage": look.stage.value, "sentence": look.sentence, "shown": shown}
    painted = next(iter(look.painted.values()))
    told["AgX"]["expected"] = as_strip(scene, painted)
    scene.view_settings.view_transform = "Standard"
    return told


def preview_during_trial() -> dict[str, Any]:
    """A preview is asked for when a trial has begun: it goes first, and the trial goes on afterwards."""
    looks = timeline.addon("actions.looks")
    styles = [one[0] for one in gallery().found("", only_favourites=False)]
    trial = looks.start_trial(bpy.context, styles)
    wait(lambda: len(trial.painted) >= 1)
    before = dict(trial.painted)
    preview = looks.start_preview(bpy.context)
    wait(lambda: preview.has_ended)
    told = {"preview": preview.stage.value, "trial meanwhile": trial.stage.value, "then": len(trial.painted)}
    wait(lambda: trial.has_ended)
    told |= {
        "trial": trial.stage.value,
        "in order": list(trial.painted) == styles,
        "kept": all(trial.painted[style] == path for style, path in before.items()),
        "all there": all(path.is_file() for path in trial.painted.values()),
        "count": len(styles),
    }
    return told


def cancel_trial() -> dict[str, Any]:
    """A trial is stopped when some styles are there."""
    looks = timeline.addon("actions.looks")
    trial = looks.start_trial(bpy.context, [one[0] for one in gallery().found("", only_favourites=False)])
    wait(lambda: len(trial.painted) >= 1)
    bpy.ops.brushflow.cancel_trial()
    began = time.monotonic()
    worker = looks.DESK._worker
    wait(lambda: not worker.has_jobs)
    seconds = time.monotonic() - began
    return {
        "stage": trial.stage.value,
        "painted": len(trial.painted),
        "there": sum(path.is_file() for path in trial.painted.values()),
        "of": len(trial.styles),
        "seconds": seconds,
    }


def wait(until: Any) -> None:
    """Works on looks as the timer would, until something has happened."""
    desk, started = timeline.addon("actions.looks").DESK, time.monotonic()
    while not until():
        desk.tick()
        time.sleep(0.01)
        assert time.monotonic() - started < 200, "in vain"


def as_strip(scene: Any, picture: Path) -> str:
    """The picture as Blender renders it as a strip in this scene."""
    strips = timeline.strips(scene)
    strip = strips.new_image(name="shown", filepath=str(picture), channel=9, frame_start=1)
    scene.render.filepath = str(picture.with_name("expected.png"))
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format, image.color_mode = "PNG", "RGBA"
    bpy.ops.render.render(write_still=True, scene=scene.name)
    strips.remove(strip)
    return picture.with_name("expected.png").read_bytes().hex()


def use_image(scene: Any, painting: Path) -> dict[str, Any]:
    """An image with a file, a generated one, and none."""
    told: dict[str, Any] = {"none": press(bpy.ops.brushflow.use_image, image="nobody")}
    bpy.data.images.load(str(painting)).name = "painting"
    told["file error"] = press(bpy.ops.brushflow.use_image, image="painting")
    told["file"] = [scene.brushflow.style, scene.brushflow.picture_path()]
    made = bpy.data.images.new("made up: by me", 96, 80)
    made.generated_type = "COLOR_GRID"
    told["made error"] = press(bpy.ops.brushflow.use_image, image=made.name)
    path = Path(scene.brushflow.picture_path())
    told["made"] = [path.name, path.read_bytes()[:4].hex() if path.is_file() else ""]
    told["unknown"] = press(bpy.ops.brushflow.use_image, image="nobody")
    return told


def own_styles(scene: Any, work: Path) -> dict[str, Any]:
    """A style of one's own: exported, removed, imported, renamed, painted with; and a file that is none."""
    told: dict[str, Any] = {}
    scene.brushflow.style = "starry-night"
    told["preset"] = press(bpy.ops.brushflow.rename_style, title="Mine")
    make_style()
    timeline.addon("styles.style_list").STYLES.load_own()
    scene.brushflow.style = "red-barn"
    package = work / "out" / "barn.brushstyle"
    package.parent.mkdir(exist_ok=True)
    told["export"] = press(bpy.ops.brushflow.export_style, "EXEC_DEFAULT", filepath=str(package))
    told["remove"] = press(bpy.ops.brushflow.remove_style, "EXEC_DEFAULT")
    told["after removing"] = scene.brushflow.style
    told["import"] = press(bpy.ops.brushflow.import_style, "EXEC_DEFAULT", filepath=str(package))
    told["after importing"] = scene.brushflow.style
    told["rename"] = press(bpy.ops.brushflow.rename_style, "EXEC_DEFAULT", title="Blue Barn")
    told["title"] = timeline.addon("styles.style_list").STYLES.title("red-barn")
    told["paint"] = timeline.stylize()
    told["job"] = timeline.last_job()
    (work / "out" / "bad.brushstyle").write_bytes(b"import os")
    told["bad"] = press(bpy.ops.brushflow.import_style, "EXEC_DEFAULT", filepath=str(work / "out" / "bad.brushstyle"))
    bpy.ops.brushflow.remove_style("EXEC_DEFAULT")
    return told


def make_style() -> None:
    """A style of one's own with a preset's numbers, as a training leaves it."""
    link = timeline.addon("core_link")
    models = link.ENGINE_FOLDER / "models"
    index = json.loads((models / "index.json").read_text("utf-8"))
    record = next(one for one in index["styles"] if one["id"] == "starry-night")
    numbers = (models / record["modulation"]).read_bytes()
    (length,) = struct.unpack_from("<Q", numbers)
    assert length < len(numbers)
    folder = timeline.addon("preferences").user_folder("styles") / "red-barn"
    folder.mkdir()
    network = link.read_networks()["house"]
    style = link.user_styles.UserStyle(
        folder, "Red Barn", "barn.jpg", "house", network.key, hashlib.sha256(numbers).hexdigest()
    )
    style.modulation.write_bytes(numbers)
    (folder / "thumbnail.jpg").write_bytes((models / record["thumbnail"]).read_bytes())
    (folder / "style.json").write_text(style.record(), "utf-8")


def off_and_on() -> dict[str, Any]:
    """Disabled and enabled ten times: nothing is left, everything comes back."""
    from bpy.utils import previews

    module = "bl_ext.user_default.brushflow"
    folder = timeline.addon("preferences").user_folder("looks")
    counts = []
    for _ in range(10):
        bpy.ops.preferences.addon_disable(module=module)
        counts.append(
            [
                hasattr(bpy.types.WindowManager, "brushflow_gallery"),
                sum(name.upper().startswith("BRUSHFLOW") for name in dir(bpy.types)),
                len(previews._open_collections) if hasattr(previews, "_open_collections") else 0,
            ]
        )
        bpy.ops.preferences.addon_enable(module=module)
    return {
        "counts": counts,
        "back": hasattr(bpy.types, "BRUSHFLOW_PT_gallery"),
        "left on disk": [path.name for path in folder.iterdir()],
        "processes": timeline.addon("actions.looks").DESK.process_ids,
    }
