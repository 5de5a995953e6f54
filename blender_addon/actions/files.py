# SPDX-License-Identifier: GPL-3.0-or-later
"""Living with files: how much room paintings take, bringing them beside the .blend, finding them after a move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from .. import preferences
from ..core_link import errors
from ..jobs.queue import QUEUE
from ..storage import run_folder, run_use
from ..storage.collecting import Collecting
from ..timeline import result_strip, strips


class DiskUse:
    """What was found when it was last measured; the panel reads it.

    Attributes:
        runs: room of each run that is shown, by folder.
        total, unused, kept: bytes of what this file shows, of runs it does not show, and of the work kept for later.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing is known."""
        self.runs: dict[Path, int] = {}
        self.total = self.unused = self.kept = -1

    def measure(self) -> None:
        """Looks at the disk."""
        cache, shown = preferences.cache_folder(), shown_runs()
        self.runs = {run: run_use.bytes_of(run) for run in shown}
        self.total = run_use.bytes_of(*shown)
        self.unused = run_use.bytes_of(*run_use.unused(cache, shown))
        self.kept = run_use.bytes_of(cache / "stages")


USE = DiskUse()


def all_results() -> list[Any]:
    """Every result strip of the file, in whichever scene."""
    editors = [scene.sequence_editor for scene in bpy.data.scenes if scene.sequence_editor is not None]
    return [strip for editor in editors for strip in strips.every(editor) if result_strip.is_result(strip)]


def shown_runs() -> list[Path]:
    """The folders that image strips of the file show; each once."""
    editors = [scene.sequence_editor for scene in bpy.data.scenes if scene.sequence_editor is not None]
    images = [strip for editor in editors for strip in strips.every(editor) if strip.type == "IMAGE"]
    return list(dict.fromkeys(result_strip.run_of(strip) for strip in images if strip.brushflow.uid))


def lost_results() -> list[Any]:
    """The results whose painted frames are not where the file says; looks at the disk."""
    return [result for result in all_results() if not run_use.is_run(result_strip.run_of(result))]


def collect() -> Collecting:
    """Begins to bring the runs that the file shows beside it; ``show_arrived`` then makes the strips show them there.

    What lay elsewhere stays there: another file may show it.

    Raises:
        BrushflowError: the file was never saved, the folder cannot be written, or a run is missing or being painted.
    """
    if not bpy.data.filepath:
        raise errors.BrushflowError("The file was never saved, so there is no place beside it.", "Save it first.")
    home = Path(bpy.data.filepath).parent / "brushflow"
    run_folder.ensure_writable(home)
    wanted: dict[Path, None] = {}
    for result in all_results():
        run = result_strip.run_of(result)
        if run.is_relative_to(home) and result.directory.startswith("//"):
            continue
        if QUEUE.job_of(result) is not None:
            raise errors.BrushflowError(f"{result.name!r} is being painted.", "Wait for it, or cancel it first.")
        if not run_use.is_run(run):
            raise errors.MediaError(f"The painted frames of {result.name!r} are not in {run}.", "Press Relink first.")
        wanted[run] = None
    there = [run for run in wanted if run.is_relative_to(home)]
    collecting = Collecting([run for run in wanted if run not in there], home, there)
    collecting.start()
    return collecting


def show_arrived(collecting: Collecting) -> int:
    """Makes the strips show the runs that were brought since the last time; gives how many runs."""
    arrived = dict(collecting.arrived())
    for result in all_results() if arrived else ():
        target = arrived.get(result_strip.run_of(result))
        if target is not None and QUEUE.job_of(result) is None:
            result_strip.show_run(result, target, collecting.home)
    if arrived:
        QUEUE.painted.forget()
    return len(arrived)


def relink(folder: Path) -> tuple[int, int]:
    """Finds runs that are not where the file says below a folder; gives how many strips were, and were not, helped."""
    lost = lost_results()
    found = run_use.look_for({result_strip.run_of(result).name for result in lost}, folder)
    helped = 0
    for result in lost:
        run = found.get(result_strip.run_of(result).name)
        if run is not None:
            result_strip.show_run(result, run, run.parent.parent.parent)
            helped += 1
    QUEUE.painted.forget()
    return helped, len(lost) - helped
