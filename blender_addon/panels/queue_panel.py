# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of jobs with its buttons, what the next painting will take, and going on after Blender was closed."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent
from bpy.props import BoolProperty, StringProperty

from ..actions import repaint
from ..core_link import errors
from ..jobs import queue_order, timer
from ..jobs.estimates import Expected
from ..jobs.job import Job, Notice
from ..jobs.job_state import clock
from ..jobs.queue import QUEUE
from ..storage import run_use
from ..timeline import result_state, result_strip, strips
from . import panels

_MOST_LINES = 8
_LONG_SECONDS = 60.0
_LOOK_SECONDS = 0.5


class Unfinished:
    """Results that were not painted to the end when the file was opened.

    Attributes:
        names: their names, by scene.
        frames: how many frames they lack.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing is offered."""
        self.names: dict[str, list[str]] = {}
        self.frames = 0

    def look(self) -> None:
        """Looks at every result of the file; reads the disk."""
        self.forget()
        for scene in bpy.data.scenes:
            if scene.sequence_editor is None:
                continue
            for result in result_state.shown_results(scene):
                everything = range(strips.first_frame(result), strips.end_frame(result))
                missing = len(result_state.missing_frames(scene, result, everything))
                if missing and result_strip.source_of(scene.sequence_editor, result) is not None:
                    self.names.setdefault(scene.name, []).append(result.name)
                    self.frames += missing

    @property
    def count(self) -> int:
        """How many results."""
        return sum(map(len, self.names.values()))


UNFINISHED = Unfinished()


class _WhileBusy:
    """Buttons that need jobs."""

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True while something is painted or waits."""
        if not QUEUE.is_busy:
            cls.poll_message_set("Nothing is being painted")
        return QUEUE.is_busy


class BRUSHFLOW_OT_pause(_WhileBusy, bpy.types.Operator):
    """Hold all painting to have the processor for something else, or go on with it; what is painted stays"""

    bl_idname = "brushflow.pause"
    bl_label = "Pause"

    def execute(self, _context: Any) -> set[str]:
        """Holds, or goes on."""
        queue_order.resume() if QUEUE.is_paused else queue_order.pause()
        timer.redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_cancel_job(_WhileBusy, bpy.types.Operator):
    """Take this strip off the list; what is painted stays"""

    bl_idname = "brushflow.cancel_job"
    bl_label = "Cancel This One"

    job_id: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, _context: Any) -> set[str]:
        """Stops one job."""
        job = next((job for job in QUEUE.jobs if job.job_id == self.job_id and not job.state.has_ended), None)
        if job is None:
            self.report({"INFO"}, "It has ended already")
            return {"CANCELLED"}
        QUEUE.cancel(job)
        timer.redraw()
        return {"FINISHED"}


class BRUSHFLOW_OT_move_job(_WhileBusy, bpy.types.Operator):
    """Paint this strip sooner, or later"""

    bl_idname = "brushflow.move_job"
    bl_label = "Move in the List"

    job_id: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    up: BoolProperty(name="Sooner", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, _context: Any) -> set[str]:
        """Changes its place with the one before, or after it."""
        if not queue_order.move(self.job_id, self.up):
            return {"CANCELLED"}
        timer.redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_playhead_first(_WhileBusy, bpy.types.Operator):
    """Paint the waiting strips in the order of their distance from the playhead"""

    bl_idname = "brushflow.playhead_first"
    bl_label = "Playhead First"

    def execute(self, _context: Any) -> set[str]:
        """Puts them in that order."""
        queue_order.playhead_first()
        timer.redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_go_on(bpy.types.Operator):
    """Paint what was not finished when this file was closed"""

    bl_idname = "brushflow.go_on"
    bl_label = "Go On"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    dismiss: BoolProperty(name="Not Now", description="Offer it no more", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True where something was left."""
        if not UNFINISHED.count:
            cls.poll_message_set("Everything was painted to the end")
        return UNFINISHED.count > 0

    def execute(self, context: Any) -> set[str]:
        """Queues it; in background mode also waits for its end."""
        offered = UNFINISHED.names
        UNFINISHED.forget()
        timer.redraw(pictures=False)
        if self.dismiss:
            return {"FINISHED"}
        jobs = 0
        for scene_name, names in offered.items():
            scene = bpy.data.scenes.get(scene_name)
            if scene is None or scene.sequence_editor is None:
                continue
            there = strips.every(scene.sequence_editor)
            results = [there[name] for name in names if name in there]
            try:
                jobs += len(repaint.paint_again(context, scene, results).jobs) if results else 0
            except errors.BrushflowError as error:
                QUEUE.notice = Notice(error.message, error.hint)
                self.report({"ERROR"}, str(error))
        if bpy.app.background and jobs:
            QUEUE.run_blocking()
        return {"FINISHED"} if jobs else {"CANCELLED"}


class BRUSHFLOW_PT_queue(bpy.types.Panel):
    """What is painted now, and what waits"""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Brushflow"
    bl_label = "Queue"
    bl_parent_id = "BRUSHFLOW_PT_main"

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """While there is something to do."""
        return QUEUE.is_busy

    def draw(self, _context: Any) -> None:
        """The list, and the buttons. Looks at memory only."""
        layout = self.layout
        row = layout.row(align=True)
        is_paused = QUEUE.is_paused
        row.operator("brushflow.pause", text="Go On" if is_paused else "Pause", icon="PLAY" if is_paused else "PAUSE")
        row.operator("brushflow.playhead_first", text="", icon="TRACKING_FORWARDS_SINGLE")
        row.operator("brushflow.cancel", text="", icon="CANCEL")
        left = queue_order.seconds_left()
        if left >= 0 and not is_paused:
            layout.label(text=f"All done in about {clock(left)}", icon="TIME")
        order = queue_order.waiting()
        column = layout.column(align=True)
        for number, job in enumerate(order[:_MOST_LINES]):
            row = column.row(align=True)
            row.label(text=job.name, icon="BRUSH_DATA" if isinstance(job, Job) else "IMAGE_DATA")
            for up, icon, is_free in ((True, "TRIA_UP", number > 0), (False, "TRIA_DOWN", number < len(order) - 1)):
                cell = row.row(align=True)
                cell.enabled = is_free
                button = cell.operator("brushflow.move_job", text="", icon=icon)
                button.job_id, button.up = job.job_id, up
            row.operator("brushflow.cancel_job", text="", icon="X").job_id = job.job_id
        if len(order) > _MOST_LINES:
            column.label(text=f"and {len(order) - _MOST_LINES} more", icon="BLANK1")


def draw_expected(layout: Any, context: Any) -> None:
    """Under Stylize: what the selected strips will take, where that is long; and what was left to do."""
    if UNFINISHED.count and not QUEUE.is_busy:
        box = layout.box().column(align=True)
        panels.draw_sentences(
            box, context, "INFO", f"{UNFINISHED.count} strips are not painted to the end ({UNFINISHED.frames} frames)."
        )
        row = box.row(align=True)
        row.operator("brushflow.go_on", icon="PLAY")
        row.operator("brushflow.go_on", text="", icon="X").dismiss = True
    scene = strips.timeline_scene(context)
    if QUEUE.is_busy or scene.sequence_editor is None:
        return
    chosen = [strip for strip in strips.displayed(scene.sequence_editor) if strip.select and strips.is_paintable(strip)]
    sources = [strip for strip in chosen if not result_strip.is_result(strip)]
    told = _long(scene, [strips.length(source) for source in sources])
    if told is not None:  # even if nothing of it were painted yet; which of it is, takes longer to find out
        told = _long(scene, queue_order.frames_to_paint(scene, sources))
    if told is not None:
        column = layout.column(align=True)
        panels.draw_sentences(column, context, "TIME", sentence_of_expected(told))


def _long(scene: Any, lengths: list[int]) -> Expected | None:
    """What strips of these lengths will take; None where that is little, or not known."""
    told = queue_order.expected(scene, lengths, scene.brushflow.quality.lower()) if lengths else None
    return told if told is not None and told.seconds >= _LONG_SECONDS else None


def sentence_of_expected(told: Expected) -> str:
    """ "About 1:04, 65 MB of disk and 0.9 GB of memory"; without the memory where it is not known."""
    disk = f"{run_use.amount(told.size)} of disk"
    if not told.memory:
        return f"About {clock(told.seconds)} and {disk}"
    return f"About {clock(told.seconds)}, {disk} and {run_use.amount(told.memory)} of memory"


@persistent
def _after_load(*_arguments: Any) -> None:
    """Looks when the window stands; in background mode scripts look themselves."""
    UNFINISHED.forget()
    if not bpy.app.background and not bpy.app.timers.is_registered(_look_soon):
        bpy.app.timers.register(_look_soon, first_interval=_LOOK_SECONDS)


def _look_soon() -> None:
    if not QUEUE.is_busy:
        UNFINISHED.look()
        timer.redraw(pictures=False)


_CLASSES = (
    BRUSHFLOW_OT_pause,
    BRUSHFLOW_OT_cancel_job,
    BRUSHFLOW_OT_move_job,
    BRUSHFLOW_OT_playhead_first,
    BRUSHFLOW_OT_go_on,
    BRUSHFLOW_PT_queue,
)


def register() -> None:
    """Adds the buttons and the list, and looks for what was left when a file is opened."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    QUEUE.followers.append(queue_order.follow)
    panels.BELOW_STYLIZE.append(draw_expected)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Takes them away again."""
    bpy.app.handlers.load_post.remove(_after_load)
    panels.BELOW_STYLIZE.remove(draw_expected)
    QUEUE.followers.remove(queue_order.follow)
    if bpy.app.timers.is_registered(_look_soon):
        bpy.app.timers.unregister(_look_soon)
    UNFINISHED.forget()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
