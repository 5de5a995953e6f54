# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by a child Blender: shows one strip alone and writes its frames. Works on a copy of the editor's file.

The last argument is a file with the order as JSON (see ``extract.py``). On stdout come lines of its own:
``brushflow frame 12`` after frame_index 12 was written, ``brushflow failed <sentence>`` when it cannot go on. Where
exact motion is asked for: ``brushflow motion 3 12`` while it is rendered, at its end ``brushflow motion done``, or
``brushflow motion none <why>``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # nothing is written inside the extension's folder

import bpy  # noqa: E402

_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


def load(name: str) -> Any:
    """A module of the add-on, as ``timeline/strips``. This script runs outside any package, hence by path."""
    path = Path(__file__).resolve().parents[1] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"brushflow_{path.stem}", path)
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


def prepare(strips: Any, scene: Any, resolution: int = 100) -> None:
    """Whole frames, at so many per cent of the render's size, without anything put over or between the pictures."""
    render = scene.render
    render.use_sequencer = True
    render.resolution_percentage = resolution
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


class ExactMotion:
    """The motion of a scene strip, beside its pictures; or the sentence that says why there is none.

    Whatever goes wrong here, the pictures are there and their motion can be estimated.
    """

    def __init__(self, strips: Any, scene: Any, strip: Any) -> None:
        self._strips = strips
        self._module, limits = load("child_blender/motion"), load("child_blender/motion_limits")
        inner = limits.scene_strip(strips, strip)
        self._obstacle = "" if inner is None else self._tried(lambda: limits.obstacle(inner))
        self._is_told = inner is not None
        can = inner is not None and not self._obstacle
        self._recorder = self._module.Recorder(scene, strip, inner) if can else None

    def next_frame(self, picture: Path) -> None:
        """Called after each picture was rendered."""
        if self._recorder is not None and not self._obstacle:
            self._obstacle = self._tried(lambda: self._recorder.next_frame(picture))

    def render(self, folder: Path) -> None:
        """Called after the last picture."""
        recorder = self._recorder
        if recorder is not None:
            recorder.stop()
        if recorder is not None and not self._obstacle:
            folder.mkdir()
            self._obstacle = self._tried(lambda: self._module.render_motion(self._strips, recorder, folder, self._tell))
            if not self._obstacle:
                say("motion done")
        if self._obstacle:
            say(f"motion none {self._obstacle}")

    @staticmethod
    def _tell(done: int, total: int) -> None:
        say(f"motion {done} {total}")

    @staticmethod
    def _tried(work: Callable[[], Any]) -> str:
        """What the work says, or what went wrong; the traceback goes to the log."""
        try:
            return work() or ""
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
            said = str(error).strip().partition("\n")[0].removeprefix("Error: ")
            return f"Blender could not render it ({said or type(error).__name__})"


def main(order: dict[str, Any]) -> None:
    """Opens the copy, isolates the strip, writes one picture for each of its frames."""
    strips = load("timeline/strips")
    bpy.ops.wm.open_mainfile(filepath=order["blend"], use_scripts=False)
    scene = bpy.data.scenes[order["scene"]]
    for window in bpy.context.window_manager.windows:
        window.scene = scene
        strips.show_timeline(window, scene)
    strip = strips.every(scene.sequence_editor)[order["strip"]]
    isolate(strips, scene, strip)
    prepare(strips, scene, order["resolution"])
    motion = ExactMotion(strips, scene, strip) if order["motion"] else None
    for index, name in enumerate(order["names"]):
        scene.frame_set(order["first_frame"] + index)
        picture = os.path.join(order["folder"], name)
        scene.render.filepath = picture
        bpy.ops.render.render(write_still=True, scene=scene.name)
        check_whole(picture)
        if motion is not None:
            motion.next_frame(Path(picture))
        say(f"frame {index}")
    if motion is not None:
        motion.render(Path(order["motion"]))


if __name__ == "__main__":
    try:
        main(json.loads(Path(sys.argv[-1]).read_text("utf-8")))
    except Exception as error:  # the parent is told whatever it was; the traceback goes to the log
        sys.excepthook(type(error), error, error.__traceback__)
        say(f"failed {' '.join(f'{type(error).__name__}: {error}'.split())}")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the bpy module of 4.2 and 4.5 can crash or hang in an ordinary exit
