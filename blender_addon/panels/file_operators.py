# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure, Collect, Relink and Clean Up: buttons and panel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent
from bpy.props import BoolProperty, StringProperty

from .. import preferences
from ..actions.collect_desk import DESK
from ..actions.files import USE, collect, lost_results, relink, shown_runs
from ..actions.files_desk import DESK as FILES_DESK
from ..core_link import errors
from ..jobs import timer
from ..jobs.queue import QUEUE
from ..storage import run_folder, run_use
from ..timeline import result_strip, strips
from . import paint_files


class BRUSHFLOW_OT_measure_disk(bpy.types.Operator):
    """Measure how much room the paintings take on the disk"""

    bl_idname = "brushflow.measure_disk"
    bl_label = "Measure"

    def execute(self, _context: Any) -> set[str]:
        """Measures."""
        try:
            USE.measure()
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        timer.redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_collect(bpy.types.Operator):
    """Bring the painted frames this file shows into the folder "brushflow" beside it, so that both move together"""

    bl_idname = "brushflow.collect"
    bl_label = "Collect Beside the File"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only a saved file has a place beside it."""
        if not bpy.data.filepath:
            cls.poll_message_set("Save the file first")
        elif DESK.now is not None:
            cls.poll_message_set("Painted frames are being collected already")
        return bool(bpy.data.filepath) and DESK.now is None

    def execute(self, _context: Any) -> set[str]:
        """Begins; the panel shows how far it is. In background mode also waits for the end."""
        try:
            DESK.begin(collect())
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if not bpy.app.background:
            return {"FINISHED"}
        kind, sentence = DESK.finish()
        self.report({kind}, sentence)
        return {"CANCELLED"} if kind == "ERROR" else {"FINISHED"}


class BRUSHFLOW_OT_cancel_collect(bpy.types.Operator):
    """Stop collecting; what was brought stays, and the same button brings the rest"""

    bl_idname = "brushflow.cancel_collect"
    bl_label = "Stop Collecting"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True while frames are collected."""
        return DESK.now is not None

    def execute(self, _context: Any) -> set[str]:
        """Stops it."""
        assert DESK.now is not None
        DESK.now.cancel()
        return {"FINISHED"}


class BRUSHFLOW_OT_relink(bpy.types.Operator):
    """Find painted frames again after the project was moved: searches a folder and all below it"""

    bl_idname = "brushflow.relink"
    bl_label = "Relink…"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks for the folder only where beside the file is not enough."""
        if not lost_results():
            self.report({"INFO"}, "All painted frames are where they should be")
            return {"CANCELLED"}
        beside = Path(bpy.data.filepath).parent / "brushflow"
        if bpy.data.filepath and relink(beside)[1] == 0:
            timer.redraw()
            self.report({"INFO"}, f"Found in {beside}")
            return {"FINISHED"}
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, _context: Any) -> set[str]:
        """Searches the folder; without one, what lies beside the file."""
        folder = Path(os.path.abspath(bpy.path.abspath(self.directory or "//brushflow")))
        helped, still_lost = relink(folder)
        timer.redraw()
        if still_lost:
            self.report(
                {"WARNING"}, f"{still_lost} strips are not painted anywhere below {folder}; Repaint paints them anew"
            )
        if helped:
            self.report({"INFO"}, f"{helped} strips found their painted frames")
        return {"FINISHED"} if helped else {"CANCELLED"}


class BRUSHFLOW_OT_clean(bpy.types.Operator):
    """Delete painted frames that no strip of this file shows; asks first"""

    bl_idname = "brushflow.clean"
    bl_label = "Clean Up…"

    forget_work: BoolProperty(
        name="Also What Is Kept for Later",
        description="Also delete the work from which the same painting comes at once; the next one takes its full time",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Not while frames are being written."""
        if QUEUE.is_busy:
            cls.poll_message_set("Something is being painted; wait for it, or cancel it first")
        elif DESK.now is not None:
            cls.poll_message_set("Painted frames are being collected; wait for it, or stop it first")
        elif FILES_DESK.is_busy:
            cls.poll_message_set("Files are being painted; wait for it, or stop it first")
        return not QUEUE.is_busy and DESK.now is None and not FILES_DESK.is_busy

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Says what would go, and asks."""
        try:
            USE.measure()
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return context.window_manager.invoke_props_dialog(self, width=420, confirm_text="Delete")

    def draw(self, _context: Any) -> None:
        """What would go, and who else may need it."""
        column = self.layout.column()
        column.label(text=f"Paintings that this file does not show: {run_use.amount(max(0, USE.unused))}")
        column.label(text="What this file shows is kept. Undo cannot bring the others back.")
        others = _other_files()
        if others:
            column.label(text=f"{len(others)} other .blend files lie beside this one and may show them.", icon="ERROR")
        column.prop(self, "forget_work", text=f"Also what is kept for later: {run_use.amount(max(0, USE.kept))}")

    def execute(self, _context: Any) -> set[str]:
        """Deletes."""
        cache = preferences.cache_folder()
        gone = run_use.unused(cache, shown_runs())
        freed = run_use.bytes_of(*gone)
        for run in gone:
            run_folder.remove(run)
            if not any(run.parent.iterdir()):
                run.parent.rmdir()
        if self.forget_work:
            freed += run_use.bytes_of(cache / "stages")
            run_folder.remove(cache / "stages")
        QUEUE.painted.forget()
        USE.measure()
        timer.redraw(pictures=False)
        self.report({"INFO"}, f"{run_use.amount(freed)} freed")
        return {"FINISHED"}


def _other_files() -> list[Path]:
    here = Path(bpy.data.filepath)
    return [path for path in here.parent.glob("*.blend") if path != here] if bpy.data.filepath else []


class BRUSHFLOW_PT_files(bpy.types.Panel):
    """Room on the disk, collecting, finding again, cleaning up"""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Brushflow"
    bl_label = "Files"
    bl_parent_id = "BRUSHFLOW_PT_main"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline."""
        scene = strips.timeline_scene(context)
        return scene is not None and scene.sequence_editor is not None

    def draw(self, context: Any) -> None:
        """What was measured, and the buttons. Looks at memory only."""
        layout = self.layout
        if USE.total >= 0:
            column = layout.column(align=True)
            active = strips.timeline_scene(context).sequence_editor.active_strip
            if active is not None and result_strip.is_result(active):
                _line(column, "This strip", USE.runs.get(result_strip.run_of(active), 0))
            _line(column, "All strips", USE.total)
            _line(column, "Not shown", USE.unused)
            _line(column, "Kept for later", USE.kept)
        column = layout.column(align=True)
        column.operator("brushflow.measure_disk", icon="DISK_DRIVE")
        if DESK.now is None:
            column.operator("brushflow.collect", icon="PACKAGE")
        else:
            row = column.row(align=True)
            row.progress(text=f"Collecting {100 * DESK.now.fraction:.0f} %", factor=DESK.now.fraction)
            row.operator("brushflow.cancel_collect", text="", icon="X")
        column.operator("brushflow.relink", icon="FILE_FOLDER")
        column.operator("brushflow.clean", icon="TRASH")
        paint_files.draw_list(layout, context)


def _line(layout: Any, name: str, size: int) -> None:
    split = layout.split(factor=0.55)
    split.label(text=name)
    split.label(text=run_use.amount(size))


@persistent
def _before_load(*_arguments: Any) -> None:
    DESK.drop()


_CLASSES = (
    BRUSHFLOW_OT_measure_disk,
    BRUSHFLOW_OT_collect,
    BRUSHFLOW_OT_cancel_collect,
    BRUSHFLOW_OT_relink,
    BRUSHFLOW_OT_clean,
    BRUSHFLOW_PT_files,
)


def register() -> None:
    """Adds the buttons and the panel."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """Takes them away again."""
    DESK.drop()
    bpy.app.handlers.load_pre.remove(_before_load)
    USE.forget()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
