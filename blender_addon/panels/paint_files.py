# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint Files: several .blend files opened and painted one after the other, beside the one in the window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, CollectionProperty, StringProperty

from ..actions import file_list
from ..actions.files_desk import DESK, sentence_of, summary
from ..jobs import timer
from ..jobs.job_state import clock
from . import panels

_MOST_LINES = 12
_ICONS = {
    file_list.WAITING: "SORTTIME",
    file_list.PAINTING: "BRUSH_DATA",
    file_list.PAINTED: "CHECKMARK",
    file_list.PASSED_OVER: "INFO",
    file_list.STOPPED: "X",
    file_list.FAILED: "ERROR",
}


class BRUSHFLOW_OT_paint_files(bpy.types.Operator):
    """Open other .blend files one after the other in the background, paint what is missing or stale, and save them"""

    bl_idname = "brushflow.paint_files"
    bl_label = "Paint Files…"

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    filter_glob: StringProperty(default="*.blend", options={"SKIP_SAVE", "HIDDEN"})
    final: BoolProperty(
        name="Drafts to Final",
        description="Paint drafts again in final quality; otherwise they stay drafts",
    )

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """One list at a time."""
        if DESK.is_busy:
            cls.poll_message_set("Files are being painted already")
        return not DESK.is_busy

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks for the files."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, _context: Any) -> set[str]:
        """Begins; the tab shows how far it is. In background mode also waits for the end."""
        folder = os.path.abspath(bpy.path.abspath(self.directory)) if self.directory else os.getcwd()
        paths = [Path(folder, bpy.path.abspath(file.name)) for file in self.files if file.name]
        if not paths:
            self.report({"ERROR"}, "No file is chosen. Choose one or more .blend files.")
            return {"CANCELLED"}
        DESK.begin(paths, final=self.final)
        timer.redraw(pictures=False)
        if not bpy.app.background:
            return {"FINISHED"}
        ended = DESK.wait()
        for file in ended:
            kind = {file_list.FAILED: "ERROR", file_list.PAINTED: "INFO"}.get(file.stage, "WARNING")
            self.report({kind}, sentence_of(file))
        self.report({"INFO"}, summary(ended)[1])
        return {"FINISHED"}


class BRUSHFLOW_OT_cancel_files(bpy.types.Operator):
    """Stop painting files; strips that are painted to the end are saved. Afterwards: put the list away"""

    bl_idname = "brushflow.cancel_files"
    bl_label = "Stop Painting Files"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True while there is a list."""
        return DESK.files is not None

    def execute(self, _context: Any) -> set[str]:
        """Stops, or puts away."""
        if DESK.files is not None and DESK.is_busy:
            DESK.files.stop()
        else:
            DESK.put_away()
        timer.redraw(pictures=False)
        return {"FINISHED"}


def draw_list(layout: Any, context: Any) -> None:
    """In the panel Files: the button, and what became of each file. Looks at memory only."""
    layout.operator("brushflow.paint_files", icon="FILE_BLEND")
    if DESK.files is None:
        return
    box = layout.box().column(align=True)
    for file in DESK.files.files[:_MOST_LINES]:
        panels.draw_sentences(box, context, _ICONS[file.stage], _line(file))
    if len(DESK.files.files) > _MOST_LINES:
        box.label(text=f"and {len(DESK.files.files) - _MOST_LINES} more", icon="BLANK1")
    if not DESK.is_busy:
        box.operator("brushflow.cancel_files", text="Put Away", icon="X")


def _line(file: file_list.FileState) -> str:
    return sentence_of(file) if file.has_ended else file.path.name


def draw_progress(layout: Any, _context: Any) -> None:
    """Under Stylize: how far the files are, while they are painted, and the way to stop them."""
    if DESK.files is None or not DESK.is_busy:
        return
    files, file = DESK.files, DESK.files.current
    column = layout.column(align=True)
    name = file.path.name if file is not None else ""
    column.label(text=f"File {files.number} / {len(files.files)} · {name}", icon="FILE_BLEND")
    row = column.row(align=True)
    row.progress(text=progress_text(files), factor=fraction(file))
    row.operator("brushflow.cancel_files", text="", icon="X")


def fraction(file: file_list.FileState | None) -> float:
    """How far a file is, 0 … 1."""
    return min(1.0, file.progress.done / file.progress.total) if file is not None and file.progress.total else 0.0


def progress_text(files: file_list.FileList) -> str:
    """The words on the bar: "clip 12 / 48 · 1:20 left"."""
    file = files.current
    if files.is_stopping:
        return "Stopping…"
    if file is None or not file.progress.total:
        return "Opening…"
    text = f"{file.progress.strip} {file.progress.done} / {file.progress.total}"
    return f"{text} · {clock(file.seconds_left)} left" if file.seconds_left >= 0 else text


def _menu_entry(self: Any, _context: Any) -> None:
    self.layout.operator("brushflow.paint_files", icon="FILE_BLEND")


_CLASSES = (BRUSHFLOW_OT_paint_files, BRUSHFLOW_OT_cancel_files)


def register() -> None:
    """Adds the buttons, and the entry in the menu Strip, by which the search finds it."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    panels.BELOW_STYLIZE.append(draw_progress)
    bpy.types.SEQUENCER_MT_strip.append(_menu_entry)


def unregister() -> None:
    """Takes them away again, and stops what is painted."""
    DESK.drop()
    bpy.types.SEQUENCER_MT_strip.remove(_menu_entry)
    panels.BELOW_STYLIZE.remove(draw_progress)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
