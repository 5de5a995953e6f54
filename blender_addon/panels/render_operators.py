# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts to final, a check before the render, and painting what is missing before rendering: buttons and panel."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty

from ..actions import repaint
from ..actions.render_guard import GUARD, start_render
from ..buttons import settings_operators
from ..buttons.operators import has_timeline
from ..core_link import errors
from ..jobs import timer
from ..jobs.job import Job, Notice
from ..jobs.job_state import Stage
from ..jobs.queue import QUEUE
from ..timeline import result_state, result_strip, strips
from . import panels

_MOST_LINES = 4


class BRUSHFLOW_OT_check(bpy.types.Operator):
    """Look whether everything painted may be rendered: no drafts, no gaps, nothing that changed since"""

    bl_idname = "brushflow.check"
    bl_label = "Check for Render"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline."""
        return has_timeline(cls, context)

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
        return has_timeline(cls, context)

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
        return has_timeline(cls, context)

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
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where something is painted."""
        scene = strips.timeline_scene(context)
        if scene is None or scene.sequence_editor is None:
            return False
        return any(map(result_strip.is_result, strips.every(scene.sequence_editor)))

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


_CLASSES = (BRUSHFLOW_OT_check, BRUSHFLOW_OT_finish_drafts, BRUSHFLOW_OT_paint_and_render, BRUSHFLOW_PT_render)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
