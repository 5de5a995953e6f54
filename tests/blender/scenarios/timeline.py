# SPDX-License-Identifier: GPL-3.0-or-later
"""Timelines for the scenarios, in every supported Blender's own names; none of the add-on's code is used here."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy

FIRST_5 = bpy.app.version >= (5, 0, 0)


def addon(module: str) -> ModuleType:
    """A module of the installed add-on."""
    return importlib.import_module(f"bl_ext.user_default.brushflow.{module}")


def new(width: int = 64, height: int = 48) -> Any:
    """An empty timeline in the scene that the window shows."""
    bpy.ops.wm.read_homefile(use_empty=True)
    scene = bpy.context.scene
    show(scene)
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    scene.render.dither_intensity = 0.0
    scene.sequence_editor_create()
    return scene


def show(scene: Any) -> None:
    """Makes the scene the active one; otherwise frame_set does not write animated values back."""
    window = bpy.context.window_manager.windows[0]
    window.scene = scene
    if FIRST_5:
        window.workspace.sequencer_scene = scene


def open_file(path: Path) -> Any:
    """Opens a .blend and gives its scene."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    show(bpy.context.scene)
    return bpy.context.scene


def save(path: Path) -> None:
    """Saves the .blend."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def strips(scene: Any) -> Any:
    """The strips on the top level."""
    editor = scene.sequence_editor
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def contents(meta: Any) -> Any:
    """The strips of a meta strip."""
    return meta.strips if hasattr(meta, "strips") else meta.sequences


def effect(where: Any, kind: str, name: str, channel: int, first: int, length: int, inputs: Iterable[Any] = ()) -> Any:
    """A new effect strip."""
    one, two = [*inputs, None, None][:2]
    names = ("input1", "input2") if bpy.app.version >= (4, 4, 0) else ("seq1", "seq2")
    given = {key: value for key, value in zip(names, (one, two), strict=True) if value is not None}
    span = {"length": length} if FIRST_5 else {"frame_end": first + length}
    return where.new_effect(name=name, type=kind, channel=channel, frame_start=first, **span, **given)


def image_strip(where: Any, name: str, files: list[Path], channel: int, first: int) -> Any:
    """A new image strip."""
    strip = where.new_image(name=name, filepath=str(files[0]), channel=channel, frame_start=first)
    for path in files[1:]:
        strip.elements.append(path.name)
    return strip


class Unavailable(Exception):
    """This build of Blender cannot do it."""


def sound_strip(where: Any, name: str, file: Path, channel: int, first: int) -> Any:
    """A new sound strip. The bpy module of 4.2 on PyPI is built without sound."""
    try:
        return where.new_sound(name=name, filepath=str(file), channel=channel, frame_start=first)
    except RuntimeError as error:
        if "without Audaspace" in str(error):
            raise Unavailable(str(error).strip()) from error
        raise


def first_frame(strip: Any) -> int:
    """Its first shown frame."""
    return int(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def end_frame(strip: Any) -> int:
    """The frame after its last shown one."""
    return int(strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end)


def set_end(strip: Any, frame: int) -> None:
    """Trims its right side."""
    setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", frame)


def move(strip: Any, frames: int) -> None:
    """Moves it in time."""
    name = "content_start" if hasattr(strip, "content_start") else "frame_start"
    setattr(strip, name, getattr(strip, name) + frames)


def select(scene: Any, *names: str) -> None:
    """Selects exactly these, the first of them active."""
    for strip in strips(scene):
        strip.select = strip.name in names
    scene.sequence_editor.active_strip = strips(scene).get(names[0]) if names else None


def key_opacity(scene: Any, strip: Any, keys: dict[int, float]) -> None:
    """Keyframes on a strip's own opacity, straight lines between them."""
    for frame, value in keys.items():
        strip.blend_alpha = value
        strip.keyframe_insert("blend_alpha", frame=frame)
    curve = addon("timeline.strips").curve_of(scene, strip, "blend_alpha")
    for point in curve.keyframe_points:
        point.interpolation = "LINEAR"


def render(scene: Any, folder: Path, frames: Iterable[int]) -> list[str]:
    """Renders frames of the timeline as RGBA PNG; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format, image.color_mode, image.color_depth = "PNG", "RGBA", "8"
    paths = []
    for frame in frames:
        scene.frame_set(frame)
        scene.render.filepath = str(folder / f"{frame:04}.png")
        bpy.ops.render.render(write_still=True, scene=scene.name)
        paths.append(scene.render.filepath)
    return paths


def stylize(**options: Any) -> str:
    """Presses the button; gives the error it reported, or nothing. ``undo=True``: with its undo step."""
    try:
        bpy.ops.brushflow.stylize("EXEC_DEFAULT", options.pop("undo", False), **options)
    except RuntimeError as error:
        return str(error).strip()
    return ""


def describe(scene: Any, name: str) -> dict[str, Any]:
    """A result strip, for the test to look at."""
    strip = strips(scene)[name]
    return {
        "name": strip.name,
        "channel": strip.channel,
        "range": [first_frame(strip), end_frame(strip)],
        "folder": bpy.path.abspath(strip.directory),
        "stored_folder": strip.directory,
        "files": [element.filename for element in strip.elements],
        "blend_type": strip.blend_type,
        "blend_alpha": strip.blend_alpha,
        "selected": strip.select,
    }


def names(scene: Any) -> list[str]:
    """All strips on the top level."""
    return sorted(strip.name for strip in strips(scene))


def press(**options: Any) -> Any:
    """What the button does in a window: it comes back at once, and nothing runs until the timer ticks."""
    return addon("actions.stylize").start(bpy.context, **options)


def tick_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Ticks as the timer of a window does."""
    queue = addon("jobs.queue").QUEUE
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end or queue.is_settled:
            raise TimeoutError(f"This was waited for in vain; the jobs: {[job.state for job in queue.jobs]}")
        queue.tick()
        time.sleep(0.002)


def state(job: Any) -> dict[str, Any]:
    """A job's end, for the test to look at."""
    return {
        "stage": job.state.stage.value,
        "finished": sorted(job.state.finished),
        "reused": job.state.reused,
        "wanted": job.state.wanted,
        "total": job.state.total,
        "sentence": job.state.sentence,
        "hint": job.state.hint,
        "log": job.state.log,
        "run": str(job.places.run),
    }


def last_job() -> dict[str, Any]:
    """The job that was queued last."""
    return state(addon("jobs.queue").QUEUE.jobs[-1])
