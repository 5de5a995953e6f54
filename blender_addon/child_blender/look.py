# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by a child Blender that stays: shows single frames of a strip as soon as it is asked. Works on copies.

Orders come on stdin as JSON, one a line (see ``frame_reader.py``); the end of stdin ends it. On stdout come lines of
its own: ``brushflow done <id>``, or ``brushflow failed <id> <sentence>``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # nothing is written inside the extension's folder

import bpy  # noqa: E402

_LAST_CHANNEL = 128


def load(name: str) -> Any:
    """A module of the add-on, as ``timeline/strips``. This script runs outside any package, hence by path."""
    path = Path(__file__).resolve().parents[1] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"brushflow_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def open_copy(strips: Any, order: dict[str, Any]) -> Any:
    """The scene of the order in a copy of the editor's file, shown by the window."""
    bpy.ops.wm.open_mainfile(filepath=order["blend"], use_scripts=False)
    scene = bpy.data.scenes[order["scene"]]
    for window in bpy.context.window_manager.windows:
        window.scene = scene
        strips.show_timeline(window, scene)
    scene.frame_set(order["frame"])
    return scene


def read(strips: Any, extracting: Any, order: dict[str, Any]) -> None:
    """Writes one frame of a strip alone, exactly as Stylize reads it."""
    scene = open_copy(strips, order)
    extracting.isolate(strips, scene, strips.every(scene.sequence_editor)[order["strip"]])
    extracting.prepare(strips, scene, order["resolution"])
    scene.frame_set(order["frame"])
    render(extracting, scene, order["picture"])


def show(strips: Any, extracting: Any, order: dict[str, Any]) -> None:
    """Writes pictures as the preview shows them as strips: through the view transform of the scene."""
    scene = open_copy(strips, order)
    view = {name: getattr(scene.view_settings, name) for name in ("view_transform", "look", "exposure", "gamma")}
    curves, device = scene.view_settings.use_curve_mapping, scene.display_settings.display_device
    editor = scene.sequence_editor
    editor.display_stack(None)
    extracting.prepare(strips, scene)
    scene.display_settings.display_device = device
    for name, value in view.items():
        setattr(scene.view_settings, name, value)
    scene.view_settings.use_curve_mapping = curves
    for picture, shown in order["pictures"]:
        for strip in list(strips.top_level(editor)):
            strips.top_level(editor).remove(strip)
        strip = strips.top_level(editor).new_image(
            name="shown", filepath=picture, channel=_LAST_CHANNEL, frame_start=order["frame"]
        )
        for axis in "xy":  # as large as the result strip makes it
            whole = getattr(scene.render, f"resolution_{axis}")
            part = max(1, whole * order["resolution"] // 100)
            setattr(strip.transform, f"scale_{axis}", whole / part)
            setattr(strip.transform, f"offset_{axis}", (whole - part) / 2 - (whole - part) // 2)
        render(extracting, scene, shown)


def render(extracting: Any, scene: Any, picture: str) -> None:
    """Renders the timeline's present frame to a picture that is whole."""
    scene.render.filepath = picture
    bpy.ops.render.render(write_still=True, scene=scene.name)
    extracting.check_whole(picture)


def main() -> None:
    """Serves orders until stdin ends. An order that fails is told; the next one is served."""
    strips, extracting = load("timeline/strips"), load("child_blender/extract")
    extracting.say("ready")
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        try:
            {"read": read, "show": show}[order["do"]](strips, extracting, order)
            extracting.say(f"done {order['id']}")
        except Exception as error:  # the parent is told whatever it was; the traceback goes to the log
            sys.excepthook(type(error), error, error.__traceback__)
            extracting.say(f"failed {order['id']} {' '.join(f'{type(error).__name__}: {error}'.split())}")


if __name__ == "__main__":
    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # the bpy module of 4.2 and 4.5 can crash or hang in an ordinary exit
