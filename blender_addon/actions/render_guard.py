# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a render: what is shown and is a draft, stale or missing is told; a render can wait for paintings."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ..jobs import timer
from ..jobs.job import Job, Notice
from ..jobs.job_state import Stage
from ..jobs.queue import QUEUE
from ..timeline import result_state

_LOOK_SECONDS = 0.2


class Guard:
    """What was found when it was last looked for, and the render that waits for paintings.

    Attributes:
        found: what is not ready, as of the last look; None before the first.
        unsure: how many results show a scene, a mask or a movie clip, whose changes are not noticed.
    """

    def __init__(self) -> None:
        self.found: list[result_state.ResultState] | None = None
        self.unsure = 0
        self._jobs: list[str] = []
        self._waiting: list[Job] = []
        self._scene = ""

    def look(self, scene: Any) -> list[result_state.ResultState]:
        """Looks at every result that a render of the scene, or of the frame under the playhead, will show.

        Returns:
            Those that are not ready; ``found`` keeps them.
        """
        frames, now = range(scene.frame_start, scene.frame_end + 1), scene.frame_current
        states = {state.name: state for state in result_state.of_scene(scene, frames)}
        if now not in frames:
            for state in result_state.of_scene(scene, range(now, now + 1)):
                states.setdefault(state.name, state)
        self.unsure = sum(state.is_unsure for state in states.values())
        self.found = [state for state in states.values() if not state.is_ready]
        self._jobs = _job_ids()
        return self.found

    @property
    def is_outdated(self) -> bool:
        """True when something was painted, or began to be, since the last look."""
        return self._jobs != _job_ids()

    def forget(self) -> None:
        """Another file was loaded."""
        self.found, self.unsure, self._waiting = None, 0, []

    @property
    def is_waiting(self) -> bool:
        """True while a render is to follow on paintings."""
        return bool(self._waiting)

    def render_after(self, scene: Any, jobs: list[Job]) -> None:
        """Starts the render once these jobs have ended well; until then Blender may be used."""
        self._waiting, self._scene = jobs, scene.name
        bpy.app.timers.register(self._when_painted, first_interval=_LOOK_SECONDS)

    def _when_painted(self) -> float | None:
        if not self._waiting or not all(job.state.has_ended for job in self._waiting):
            return _LOOK_SECONDS if self._waiting else None
        bad = [job for job in self._waiting if job.state.stage is not Stage.DONE]
        self._waiting = []
        scene = bpy.data.scenes.get(self._scene)
        if bad or scene is None:
            if QUEUE.notice is None:
                QUEUE.notice = Notice(
                    "The render was not started, because not everything was painted.",
                    "Press Paint Missing and Render again.",
                )
            timer.redraw()
            return None
        start_render(scene)
        return None


GUARD = Guard()


def _job_ids() -> list[str]:
    return [f"{job.job_id} {job.state.has_ended}" for job in QUEUE.jobs]


def summary(found: list[result_state.ResultState]) -> str:
    """Everything that is not ready in one sentence: "2 drafts, 1 stale, 14 frames missing"; empty when all is."""
    drafts, stale = sum(state.is_draft for state in found), sum(bool(state.stale) for state in found)
    missing = sum(state.missing for state in found)
    parts = [f"{drafts} draft{'s' * (drafts != 1)}"] if drafts else []
    parts += [f"{stale} stale"] if stale else []
    parts += [f"{missing} frame{'s' * (missing != 1)} missing"] if missing else []
    return ", ".join(parts)


def start_render(scene: Any) -> None:
    """Renders the animation of a scene as Ctrl-F12 does; in background mode to its end."""
    if bpy.app.background:
        bpy.ops.render.render(animation=True, scene=scene.name)
        return
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, scene=scene):
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True, **_of_the_sequencer())


def _of_the_sequencer() -> dict[str, bool]:
    """Since 5.0 the timeline's scene need not be the window's."""
    known = bpy.ops.render.render.get_rna_type().properties.keys()
    return {"use_sequencer_scene": True} if "use_sequencer_scene" in known else {}


@persistent
def _before_render(scene: Any, *_arguments: Any) -> None:
    """Told as the render starts, on the console and, in a window, in the status bar and the panel.

    Blender calls this from the thread that renders; the window is told by a timer, which may be set from there.
    """
    if not scene.render.use_sequencer or scene.sequence_editor is None:
        return
    with contextlib.suppress(ReferenceError, OSError):
        found = GUARD.look(scene)
        if not found:
            return
        print(f"Brushflow: not everything is painted in full: {summary(found)}.", flush=True)
        for state in found:
            print(f"Brushflow: {state.sentence}", flush=True)
        if not bpy.app.background:
            text = f"Brushflow: rendering with {summary(found)}; see Render in the Brushflow tab"
            bpy.app.timers.register(lambda: _warn(text), first_interval=0.0)


def _warn(text: str) -> None:
    with contextlib.suppress(RuntimeError):
        bpy.ops.brushflow.tell("INVOKE_DEFAULT", message=text, kind="WARNING")
    timer.redraw(pictures=False)


@persistent
def _after_load(*_arguments: Any) -> None:
    GUARD.forget()


def register() -> None:
    """Watches for renders."""
    bpy.app.handlers.render_init.append(_before_render)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Watches no more; a render that waits for paintings is not started."""
    GUARD.forget()
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.render_init.remove(_before_render)
