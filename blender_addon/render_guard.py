# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a render: what is shown and is a draft, stale or missing is told; one button paints it and then renders."""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent
from bpy.props import BoolProperty

from . import panels, repaint, result_state, settings_operators, strips, timer
from .core_link import errors
from .job import Job, Notice
from .job_state import Stage
from .jobs import QUEUE

_LOOK_SECONDS = 0.2
_MOST_LINES = 4


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


class BRUSHFLOW_OT_check(bpy.types.Operator):
    """Look whether everything painted may be rendered: no drafts, no gaps, nothing that changed since"""

    bl_idname = "brushflow.check"
    bl_label = "Check for Render"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline."""
        return _has_timeline(cls, context)

    def execute(self, context: Any) -> set[str]:
        """Looks and tells."""
        found = GUARD.look(strips.timeline_scene(context))
        for state in found:
            self.report({"WARNING"}, state.sentence)
        if not found:
            self.report({"INFO"}, "Everything painted is ready for the render")
        timer.redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_finish_drafts(bpy.types.Operator):
    """Paint every draft of this scene in final quality, those nearest to the playhead first"""

    bl_idname = "brushflow.finish_drafts"
    bl_label = "Drafts to Final"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    everything: BoolProperty(
        name="Everything",
        description="Also paint results again that are no drafts; what did not change comes from the cache",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline with a result."""
        return _has_timeline(cls, context)

    def execute(self, context: Any) -> set[str]:
        """Starts painting; in background mode also waits for its end."""
        scene = strips.timeline_scene(context)
        results = result_state.shown_results(scene)
        drafts = [result for result in results if self.everything or result_state.is_draft(result)]
        if not drafts:
            self.report({"INFO"}, "No result of this scene is a draft")
            return {"CANCELLED"}
        return settings_operators.paint(self, drafts, context, "final")


class BRUSHFLOW_OT_paint_and_render(bpy.types.Operator):
    """Paint in final quality what is a draft, changed or missing in the frames to be rendered, then render them"""

    bl_idname = "brushflow.paint_and_render"
    bl_label = "Paint Missing and Render"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline, and no render runs or waits."""
        if GUARD.is_waiting:
            cls.poll_message_set("The render starts as soon as everything is painted")
            return False
        return _has_timeline(cls, context)

    def execute(self, context: Any) -> set[str]:
        """Queues the paintings; the render follows. In background mode waits for both."""
        scene = strips.timeline_scene(context)
        results = repaint.unfinished(scene, range(scene.frame_start, scene.frame_end + 1))
        try:
            jobs = self._queue(context, scene, results)
        except errors.BrushflowError as error:
            QUEUE.notice = Notice(error.message, error.hint)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if not jobs:
            start_render(scene)
            return {"FINISHED"}
        if not bpy.app.background:
            GUARD.render_after(scene, jobs)
            self.report({"INFO"}, f"Rendering follows on {len(jobs)} paintings; Cancel stops both")
            return {"FINISHED"}
        QUEUE.run_blocking()
        bad = [job for job in jobs if job.state.stage is not Stage.DONE]
        if bad:
            self.report({"ERROR"}, f"Nothing was rendered: {bad[0].state.sentence} {bad[0].state.hint}".strip())
            return {"CANCELLED"}
        start_render(scene)
        return {"FINISHED"}

    def _queue(self, context: Any, scene: Any, results: list[Any]) -> list[Job]:
        """What is being painted already, and what is to be."""
        busy = [job for result in results if (job := QUEUE.job_of(result)) is not None]
        idle = [result for result in results if QUEUE.job_of(result) is None]
        if not idle:
            return busy
        outcome = repaint.paint_again(context, scene, idle, "final")
        if outcome.refused:
            for job in outcome.jobs:
                QUEUE.cancel(job)
            raise outcome.refused[0]
        return [*busy, *outcome.jobs]


class BRUSHFLOW_PT_render(bpy.types.Panel):
    """Drafts to final, and what is to be painted before the render"""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Brushflow"
    bl_label = "Render"
    bl_parent_id = "BRUSHFLOW_PT_main"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where something is painted."""
        scene = strips.timeline_scene(context)
        return scene is not None and scene.sequence_editor is not None and bool(result_state.shown_results(scene))

    def draw(self, context: Any) -> None:
        """What was found at the last look, and the buttons. Looks at memory only."""
        layout = self.layout
        drafts = sum(map(result_state.is_draft, result_state.shown_results(strips.timeline_scene(context))))
        if GUARD.is_waiting:
            layout.label(text="The render follows on the painting", icon="RENDER_ANIMATION")
        column = layout.column(align=True)
        found = None if GUARD.is_outdated else GUARD.found
        for state in (found or [])[:_MOST_LINES]:
            panels.draw_sentences(column, context, "ERROR", state.sentence)
        if found and len(found) > _MOST_LINES:
            column.label(text=f"and {len(found) - _MOST_LINES} more", icon="BLANK1")
        if found == []:
            column.label(text="Everything painted is ready", icon="CHECKMARK")
        if found is not None and GUARD.unsure:
            column.label(text=f"{GUARD.unsure} of scenes or masks: changes unseen", icon="INFO")
        column = layout.column(align=True)
        column.operator("brushflow.check", icon="VIEWZOOM")
        row = column.row(align=True)
        row.enabled = drafts > 0
        row.operator("brushflow.finish_drafts", text=f"Drafts to Final ({drafts})", icon="SHADERFX")
        layout.operator("brushflow.paint_and_render", icon="RENDER_ANIMATION")


def _has_timeline(cls: Any, context: Any) -> bool:
    scene = strips.timeline_scene(context)
    if scene is None or scene.sequence_editor is None:
        cls.poll_message_set("There is no timeline; add a strip in the sequencer first")
        return False
    return True


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


_CLASSES = (BRUSHFLOW_OT_check, BRUSHFLOW_OT_finish_drafts, BRUSHFLOW_OT_paint_and_render, BRUSHFLOW_PT_render)


def register() -> None:
    """Adds the buttons, and watches for renders."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.app.handlers.render_init.append(_before_render)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Takes them away again; a render that waits for paintings is not started."""
    GUARD.forget()
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.render_init.remove(_before_render)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
