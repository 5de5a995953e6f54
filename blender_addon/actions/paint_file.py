# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints what is missing in a file, and saves it: what a child Blender does for Paint Files.

The file is saved once, at the end, as Blender always saves it, and only where a painting changed it. A strip that was
not painted to the end shows afterwards what it showed before, unless it has more frames now.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..core_link import errors
from ..jobs.job import Job
from ..jobs.job_state import Stage
from ..jobs.queue import QUEUE
from ..storage import run_folder
from ..timeline import result_state, result_strip, strips
from . import repaint

EVERYWHERE = range(-(1 << 20), 1 << 20)
"""All timeline_frames that Blender knows."""
_TELL_SECONDS = 0.2


class Stop:
    """Whether to stop, as another thread was told.

    Attributes:
        is_asked: put the brush down.
        may_save: what is whole may still be saved.
    """

    def __init__(self) -> None:
        self.is_asked, self.may_save = False, True

    def ask(self, *, may_save: bool) -> None:
        """From whichever thread."""
        self.may_save = may_save
        self.is_asked = True


def paint(blend: Path, final: bool, stop: Stop, tell: Callable[..., None]) -> dict[str, str]:
    """Opens a file, paints every result that is shown and not ready, and saves the file where that changed it.

    Args:
        blend: the file.
        final: paint drafts in final quality, too.
        stop: looked at all the time.
        tell: hears ``strip``, ``done`` and ``total`` as of ``FileProgress``.

    Returns:
        ``outcome`` and ``sentence`` as of ``FileReport``.
    """
    try:
        found = _fingerprint(blend)
        _open(blend)
        if not _has_results():
            sentence = "Nothing in it was ever painted. Open it, select the strips and press Stylize."
            return {"outcome": "passed over", "sentence": sentence}
        painting = _Painting(final, stop, tell)
        painting.paint_all()
        if painting.painted and stop.may_save:
            _save(blend, found)
    except errors.BrushflowError as error:
        return {"outcome": "failed", "sentence": str(error)}
    except OSError as error:
        return {"outcome": "failed", "sentence": f"It cannot be read ({error.strerror or error})."}
    return painting.report()


def _fingerprint(blend: Path) -> tuple[int, int, int]:
    """Changes when somebody saves the file."""
    told = blend.stat()
    return told.st_ino, told.st_size, told.st_mtime_ns


def _open(blend: Path) -> None:
    if not (os.access(blend, os.W_OK) and os.access(blend.parent, os.W_OK)):
        raise errors.BrushflowError("It is read-only, so what is painted could not be kept in it.", "Allow writing.")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(blend), use_scripts=False, load_ui=True)
    except RuntimeError as error:  # Blender's report as an exception
        said = str(error).strip().removeprefix("Error: ").rstrip(".")
        version = bpy.app.version_string
        raise errors.BrushflowError(
            f"Blender {version} cannot read it ({said}).", "It is damaged, or needs a newer Blender."
        ) from error
    if bpy.data.version > bpy.app.version_file:
        newer, older = (f"{one[0]}.{one[1]}" for one in (bpy.data.version, bpy.app.version_file))
        raise errors.BrushflowError(
            f"It was saved by a newer Blender ({newer}) than this one ({older}), which would lose a part of it.",
            "Paint it there.",
        )


def _save(blend: Path, found: tuple[int, int, int]) -> None:
    """As Ctrl-S does, with Blender's own backup; never over what somebody else saved meanwhile."""
    if _fingerprint(blend) != found:
        raise errors.BrushflowError(
            "Somebody saved it while it was painted, so it was left as it is.",
            "Paint it again: what is painted comes at once.",
        )
    try:
        bpy.ops.wm.save_mainfile(check_existing=False)
    except RuntimeError as error:  # Blender's report as an exception
        said = str(error).strip().removeprefix("Error: ").rstrip(".")
        raise errors.BrushflowError(
            f"It was painted and could not be saved ({said}).",
            run_folder.room_hint(blend.parent) or "Paint it again: what is painted comes at once.",
        ) from error


def _scenes() -> list[Any]:
    return [scene for scene in bpy.data.scenes if scene.sequence_editor is not None and scene.library is None]


def _has_results() -> bool:
    return any(result_strip.is_result(strip) for scene in _scenes() for strip in strips.every(scene.sequence_editor))


class _Painting:
    """The file that is open, strip by strip: so a strip that waits is as it was when the work is stopped.

    Attributes:
        painted: how many strips show something new.
    """

    def __init__(self, final: bool, stop: Stop, tell: Callable[..., None]) -> None:
        self.painted = 0
        self._frames = self._done = self._total = 0
        self._final, self._stop, self._tell = final, stop, tell
        self._problems: list[str] = []
        self._told_at = 0.0

    def paint_all(self) -> None:
        """Works until all are painted, or it is to stop."""
        wanted = [(scene.name, result.name) for scene in _scenes() for result in self._wanted(scene)]
        lengths = {key: strips.length(_source(*key)) for key in wanted}
        self._total = sum(lengths.values())
        QUEUE.followers.append(self._follow)
        try:
            for key in wanted:
                if self._stop.is_asked:
                    break
                # The other half of a split strip may have been painted with this one.
                if _strip(*key) in self._wanted(bpy.data.scenes[key[0]]):
                    self._paint(*key)
                self._done += lengths[key]
        finally:
            QUEUE.followers.remove(self._follow)

    def report(self) -> dict[str, str]:
        """How it ended, in a sentence for the editor."""
        done = self._what_was_done()
        if self._stop.is_asked:
            kept = f" {done}" if self.painted and self._stop.may_save else ""
            sentence = f"Stopped.{kept} What is painted is kept, and comes at once the next time."
            return {"outcome": "stopped", "sentence": sentence}
        parts = [done] if self.painted else [] if self._problems else ["It is painted in full already."]
        outcome = "failed" if self._problems else "painted" if self.painted else "passed over"
        return {"outcome": outcome, "sentence": " ".join([*parts, *self._problems])}

    def _what_was_done(self) -> str:
        where = f"{self.painted} strip{'s' * (self.painted != 1)}"
        if not self._frames:
            return f"{where} filled from earlier work, and saved."
        return f"{self._frames} frame{'s' * (self._frames != 1)} painted on {where}, and saved."

    def _wanted(self, scene: Any) -> list[Any]:
        found = []
        for result in result_state.shown_results(scene):
            state = result_state.of(scene, result, EVERYWHERE)
            if state.can_be_painted and (state.stale or state.missing or (self._final and state.is_draft)):
                found.append(result)
        return found

    def _paint(self, scene_name: str, name: str) -> None:
        """One strip to its end; it is taken back where it would show less than before."""
        scene, result = bpy.data.scenes[scene_name], _strip(scene_name, name)
        before = _missing(scene_name, name)
        bpy.ops.ed.undo_push(message="Before")
        try:
            outcome = repaint.paint_again(bpy.context, scene, [result], "final" if self._final else repaint.STORED)
        except errors.BrushflowError as error:
            self._problems.append(str(error))
            return
        QUEUE.run_blocking()
        (job,) = outcome.jobs
        state = job.state
        if state.stage is Stage.FAILED:
            self._problems.append(f"{state.sentence} {state.hint}".strip())
        new = len(state.finished) - state.reused
        if state.stage is not Stage.DONE and not (state.finished and _missing(scene_name, name) <= before):
            _take_back(scene_name, name, job)
            return
        self.painted += 1
        self._frames += max(0, new)

    def _follow(self, job: Job) -> None:
        """Called at each step of a painting and at its end."""
        if self._stop.is_asked and not job.state.has_ended:
            QUEUE.cancel(job)
        elif time.monotonic() - self._told_at > _TELL_SECONDS or job.state.has_ended:
            self._told_at = time.monotonic()
            self._tell(strip=job.name, done=self._done + len(job.state.finished), total=self._total)


def _strip(scene_name: str, name: str) -> Any:
    """Anew each time: an undo and a new result make Python's references useless."""
    return strips.every(bpy.data.scenes[scene_name].sequence_editor)[name]


def _source(scene_name: str, name: str) -> Any:
    return result_strip.source_of(bpy.data.scenes[scene_name].sequence_editor, _strip(scene_name, name))


def _missing(scene_name: str, name: str) -> set[int]:
    """The timeline_frames at which nothing painted shows."""
    scene, result = bpy.data.scenes[scene_name], _strip(scene_name, name)
    return set(result_state.missing_frames(scene, result, EVERYWHERE))


def _take_back(scene_name: str, name: str, job: Job) -> None:
    """Blender's own undo; the run, which no strip shows then, goes, its frames stay in the cache."""
    bpy.ops.ed.undo_push(message="After")
    bpy.ops.ed.undo()
    if result_strip.run_of(_strip(scene_name, name)) == job.places.run:
        raise errors.BrushflowError(f"{name!r} could not be brought back to what it was, so nothing was saved.")
    run_folder.remove(job.places.run)
