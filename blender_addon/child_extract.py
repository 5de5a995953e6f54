# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by a child Blender: shows one strip alone and writes its frames. Works on a copy of the editor's file.

The last argument is a file with the order as JSON (see ``extract.py``). On stdout come lines of its own:
``brushflow frame 12`` after frame_index 12 was written, ``brushflow failed <sentence>`` when it cannot go on.
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

_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


def load_strips() -> Any:
    """``strips.py`` beside this file. This script runs outside any package, hence by path."""
    spec = importlib.util.spec_from_file_location("brushflow_strips", Path(__file__).with_name("strips.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def say(text: str) -> None:
    """One line for Blender. When nobody listens any more, Blender is gone and there is nothing left to do."""
    try:
        print("brushflow", text, flush=True)
    except OSError:
        os._exit(1)


def isolate(strips: Any, scene: Any, strip: Any) -> None:
    """Leaves of the timeline only ``strip``, at full opacity.

    A strip inside a meta strip is shown as an editor sees it who has entered that meta strip: its result lies inside
    too, and gets the meta strip's own look there.
    """
    editor = scene.sequence_editor
    editor.display_stack(strip.parent_meta())
    animated = {strip.path_from_id("blend_alpha")}  # paths that would fade this one, or bring others back
    for other in strips.siblings(editor, strip):
        other.mute = other != strip
        animated.add(other.path_from_id("mute"))
    strip.blend_type = "REPLACE"
    strip.blend_alpha = 1.0
    for collection, curve in list(strips.animations(scene)):
        if curve.data_path in animated:
            collection.remove(curve)


def prepare(strips: Any, scene: Any) -> None:
    """Whole frames, at full size, without anything that is put over or between the pictures."""
    render = scene.render
    render.use_sequencer = True
    render.resolution_percentage = 100
    render.use_border = render.use_crop_to_border = False
    render.use_multiview = render.use_stamp = False
    render.use_file_extension = render.use_overwrite = True
    render.use_placeholder = False
    strips.set_png_output(scene)
    strips.set_neutral_colour(scene)


def check_whole(picture: str) -> None:
    """Raises when a picture was not written to its end: on a full disk Blender leaves a part of it and says nothing."""
    written = Path(picture).read_bytes()[-len(_PNG_END) :] if os.path.isfile(picture) else b""
    if written != _PNG_END:
        raise OSError(f"Blender could not write {picture} to its end")


def main(order: dict[str, Any]) -> None:
    """Opens the copy, isolates the strip, writes one picture for each of its frames."""
    strips = load_strips()
    bpy.ops.wm.open_mainfile(filepath=order["blend"], use_scripts=False)
    scene = bpy.data.scenes[order["scene"]]
    for window in bpy.context.window_manager.windows:
        window.scene = scene
        strips.show_timeline(window, scene)
    isolate(strips, scene, strips.every(scene.sequence_editor)[order["strip"]])
    prepare(strips, scene)
    for index, name in enumerate(order["names"]):
        scene.frame_set(order["first_frame"] + index)
        picture = os.path.join(order["folder"], name)
        scene.render.filepath = picture
        bpy.ops.render.render(write_still=True, scene=scene.name)
        check_whole(picture)
        say(f"frame {index}")


if __name__ == "__main__":
    try:
        main(json.loads(Path(sys.argv[-1]).read_text("utf-8")))
    except Exception as error:  # the parent is told whatever it was; the traceback goes to the log
        sys.excepthook(type(error), error, error.__traceback__)
        say(f"failed {' '.join(f'{type(error).__name__}: {error}'.split())}")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the bpy module of 4.2 and 4.5 can crash or hang in an ordinary exit
