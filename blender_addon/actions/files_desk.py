# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks after the files that are painted: starts a child Blender for each, shows how far it is, says how it ended."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import time
from collections.abc import Sequence
from pathlib import Path

import bpy

from .. import preferences
from ..core_link import errors
from ..jobs import timer
from ..processes import worker_start
from ..processes.child_command import child_command
from ..processes.file_painter import FilePainter
from .file_list import FAILED, PAINTED, FileList, FileState

_SCRIPT = Path(__file__).resolve().parents[1] / "child_blender" / "paint_file.py"
_ADD_ON = __package__.rpartition(".")[0]
_TICK_SECONDS = 0.2
_GRACE_SECONDS = 5.0


class FilesDesk:
    """At most one list of files.

    Attributes:
        files: the list under way, or the last one; None before the first, and once it was put away.
    """

    def __init__(self) -> None:
        self.files: FileList | None = None
        self._tick = self._on_timer  # Blender knows a timer by the very object

    @property
    def is_busy(self) -> bool:
        """True while files are painted."""
        return self.files is not None and self.files.is_busy

    def begin(self, paths: Sequence[Path], *, final: bool) -> None:
        """Looks after these until they have ended; in a window Blender may be used meanwhile."""
        self.files = FileList(paths, lambda path: _painter(path, final), _refused)
        if not bpy.app.background:
            # Persistent: another file may be opened meanwhile.
            bpy.app.timers.register(self._tick, first_interval=0.0, persistent=True)

    def wait(self) -> list[FileState]:
        """For background mode, where no timer runs: works until all have ended. Ctrl-C stops."""
        files = self.files
        assert files is not None
        said: set[Path] = set()
        while files.is_busy:
            try:
                files.tick()
                time.sleep(0.02)
            except KeyboardInterrupt:
                files.stop()
            for file in files.files:
                if file.has_ended and file.path not in said:
                    said.add(file.path)
                    print(f"Brushflow: {sentence_of(file)}", flush=True)
        return files.files

    def put_away(self) -> None:
        """Forgets a list that has ended."""
        if not self.is_busy:
            self.files = None

    def drop(self) -> None:
        """Stops at once: Blender closes, or the add-on goes."""
        if bpy.app.timers.is_registered(self._tick):
            bpy.app.timers.unregister(self._tick)
        if self.files is not None:
            self.files.drop(_GRACE_SECONDS)
        self.files = None

    def _on_timer(self) -> float | None:
        files = self.files
        if files is None:
            return None
        if files.tick():
            timer.redraw(pictures=False)
        if files.is_busy:
            return _TICK_SECONDS
        timer.redraw(pictures=False)
        kind, text = summary(files.files)
        with (
            contextlib.suppress(RuntimeError),  # reporting an error raises it, too
            bpy.context.temp_override(window=bpy.context.window_manager.windows[0]),
        ):
            bpy.ops.brushflow.tell("INVOKE_DEFAULT", message=text, kind=kind)
        return None


def sentence_of(file: FileState) -> str:
    """A file and how it ended: "shot 3.blend: 12 frames of 2 strips painted."."""
    return f"{file.path.name}: {file.sentence or file.stage}"


def summary(files: Sequence[FileState]) -> tuple[str, str]:
    """The kind of report and what to say when all have ended."""
    painted, failed = (sum(file.stage == stage for file in files) for stage in (PAINTED, FAILED))
    text = f"{painted} of {len(files)} files painted"
    return ("WARNING", f"{text}; {failed} failed, see Files in the Brushflow tab") if failed else ("INFO", text)


def _refused(path: Path) -> str:
    here = bpy.data.filepath
    with contextlib.suppress(OSError):
        if here and os.path.samefile(here, path):
            return "It is open in this window. Press Go On, or Paint Missing and Render."
    return ""


def _painter(path: Path, final: bool) -> FilePainter:
    """A child for one file, with what is chosen in this Blender's preferences."""
    if not path.is_file():
        raise errors.BrushflowError("There is no such file.", "Choose it anew.")
    chosen = preferences.preferences()
    torch = preferences.torch_python()
    order = {
        "blend": str(path),
        "final": final,
        "package": _ADD_ON,
        "folder": str(Path(__file__).resolve().parents[1]),
        "packages": _places_of("numpy", "cv2"),
        "save_version": bpy.context.preferences.filepaths.save_version,
        "preferences": {
            "cache_folder": chosen.cache_folder,
            "cache_limit_gb": chosen.cache_limit_gb,
            "device": chosen.device,
            "torch_python": "" if torch is None else str(torch),
        },
    }
    log = worker_start.log_file("files")
    return FilePainter(child_command(_SCRIPT), order, log, yields=not bpy.app.background)


def _places_of(*names: str) -> list[str]:
    """The folders of packages; where one is missing, the child says so as this Blender does."""
    specs = (importlib.util.find_spec(name) for name in names)
    return [str(Path(spec.origin).parent.parent) for spec in specs if spec is not None and spec.origin]


DESK = FilesDesk()
