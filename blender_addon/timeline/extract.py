# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a strip's frames exactly as the sequencer shows that strip alone.

A child Blender opens a copy of the file, so nothing of the editor's is touched: not the file, not the media, not the
timeline. Every strip type goes the same way; formulas for frame numbers and decoders differ between versions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bpy

from ..core_link import errors
from ..processes.child_command import child_command
from ..processes.line_process import LineProcess
from ..storage import run_folder
from . import strips

_SCRIPT = Path(__file__).resolve().parents[1] / "child_blender" / "extract.py"


def check(scene: Any, strip: Any) -> None:
    """Refuses what cannot be painted, before any work.

    Raises:
        BrushflowError: says why, and what to do.
    """
    name = strip.name
    if strip.type == "SOUND":
        raise errors.MediaError(f"{name!r} is a sound strip; there is nothing to paint.", "Select the movie strip.")
    if strip.type == "ADJUSTMENT":
        raise errors.MediaError(
            f"{name!r} is an adjustment layer; it has no picture of its own.",
            "Put what it adjusts into a meta strip together with it, and stylize that.",
        )
    if not strips.is_paintable(strip):
        raise errors.MediaError(f"{name!r} ({strip.type}) shows no picture.", "Select a strip that does.")
    if strips.length(strip) < 1:
        raise errors.MediaError(f"{name!r} is {strips.length(strip)} frames long.", "Make it at least one frame long.")
    for part in (strip, *_parts(strip)):
        _check_part(scene, name, part)


def _parts(strip: Any) -> Iterator[Any]:
    """The strips that show through this one: inside a meta strip, or below an effect."""
    inner = list(strips.contents(strip)) if strip.type == "META" else strips.inputs(strip)
    for part in inner:
        if not part.mute or strip.type != "META":
            yield part
            yield from _parts(part)


def _check_part(scene: Any, name: str, part: Any) -> None:
    whose = f"{part.name!r}" if part.name == name else f"{part.name!r} in {name!r}"
    if part.type == "META" and not len(strips.contents(part)):
        raise errors.MediaError(f"The meta strip {whose} is empty.", "Put a strip into it, or select another one.")
    if part.type == "SCENE":
        _check_scene(scene, whose, part)
    missing = [path for path in media_of(part) if not path.is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise errors.MediaError(
            f"The file of {whose} is missing: {missing[0]}{more}.",
            "Bring it back, or point the strip to it (File > External Data > Find Missing Files).",
        )


def _check_scene(scene: Any, whose: str, part: Any) -> None:
    shown = part.scene
    if shown is None:
        raise errors.MediaError(f"The scene strip {whose} shows no scene.", "Choose its scene.")
    if part.scene_input == "CAMERA" and not (part.scene_camera or shown.camera):
        raise errors.MediaError(f"The scene {shown.name!r} of {whose} has no camera.", "Add a camera to that scene.")
    if part.scene_input == "SEQUENCER" and shown == scene:
        raise errors.MediaError(f"{whose} shows its own timeline.", "Choose another scene for it.")


def media_of(strip: Any) -> list[Path]:
    """The files a movie or image strip reads; empty for other strips."""
    if strip.type == "MOVIE":
        return [_plain(strip.filepath)]
    if strip.type == "IMAGE":
        folder = _plain(strip.directory)
        return [folder / element.filename for element in strip.elements]
    return []


def _plain(stored: str) -> Path:
    """A path as a person reads it, from one as a .blend stores it."""
    return Path(os.path.normpath(bpy.path.abspath(stored)))


def save_copy(temporary: Path) -> Path:
    """Writes the file as it is now, saved or not, into a folder; the editor's own file stays as it is.

    Raises:
        CacheError: the folder cannot be written.
    """
    copy = temporary / "timeline.blend"
    try:
        bpy.ops.wm.save_as_mainfile(
            filepath=str(copy), copy=True, relative_remap=True, compress=False, check_existing=False
        )
    except RuntimeError as error:  # Blender's report as an exception
        raise run_folder.cache_error(temporary, OSError(str(error).strip().removeprefix("Error: "))) from error
    return copy


class Extraction:
    """A child Blender at work on one strip.

    Args:
        copy: the .blend to read from.
        scene, strip: names in it.
        first_frame: timeline_frame of the first frame.
        folder: where the frames go.
        names: their file names, in order.
        resolution: per cent of the render's size.
        motion: where the exact motion of a scene strip goes; None = it is not wanted.
        log: file for what the child says on its standard error.

    Raises:
        OSError: the child cannot be started.
    """

    def __init__(
        self,
        copy: Path,
        *,
        scene: str,
        strip: str,
        first_frame: int,
        folder: Path,
        names: Sequence[str],
        resolution: int,
        motion: Path | None,
        log: Path,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        order = {
            "blend": str(copy),
            "scene": scene,
            "strip": strip,
            "first_frame": first_frame,
            "folder": str(folder),
            "names": list(names),
            "resolution": resolution,
            "motion": "" if motion is None else str(motion),
        }
        self.total = len(names)
        self.done = 0
        self.problem = ""
        self.motion_steps = (0, 0)
        self.has_motion = False
        self.motion_problem = ""
        self.log = log
        self._process = LineProcess(
            _command(copy.with_name(f"{folder.name}.json"), order),
            folder=folder,
            environment={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            log=log,
            yields=not bpy.app.background,
        )

    @property
    def has_ended(self) -> bool:
        """True once the child is gone and all it said was heard."""
        return self._process.has_ended

    @property
    def is_complete(self) -> bool:
        """True once every frame is there, and the motion, where it is wanted, or the sentence why it is not."""
        return self.has_ended and self.done == self.total and not self.problem

    def listen(self) -> None:
        """Takes in what the child said, without waiting."""
        for line in self._process.lines():
            if line.startswith("brushflow frame "):
                self.done = int(line.rsplit(" ", 1)[1]) + 1
            elif line.startswith("brushflow failed "):
                self.problem = line.removeprefix("brushflow failed ")
            elif line.startswith("brushflow motion "):
                self._hear_motion(line.removeprefix("brushflow motion "))
        if not self.has_ended or self.problem:
            return
        if self.motion_steps[1] and not self.has_motion and not self.motion_problem:
            self.motion_problem = "Blender stopped while it rendered it"
        if self.done < self.total:
            self.problem = f"the child Blender ended with code {self._process.exit_code()}"

    def _hear_motion(self, words: str) -> None:
        kind, _, rest = words.partition(" ")
        if kind == "done":
            self.has_motion = True
        elif kind == "none":
            self.motion_problem = rest
        else:
            self.motion_steps = int(kind), int(rest)

    @property
    def process_id(self) -> int:
        """The child's number in the system."""
        return self._process.process_id

    def kill(self) -> None:
        """Stops the child at once."""
        self._process.kill()


def _command(order_file: Path, order: dict[str, Any]) -> list[str]:
    order_file.write_text(json.dumps(order), "utf-8")
    return child_command(_SCRIPT, str(order_file))
