# SPDX-License-Identifier: GPL-3.0-or-later
"""The button of the preview, and the mouse and keys while it is on; everything else in the window goes on as ever."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent

from ..actions import looks
from ..actions.look import LookStage
from ..buttons.operators import _OnTimeline
from ..core_link import errors
from ..jobs.timer import redraw
from . import wipe
from .preview import PREVIEW
from .wipe import Way

_REACH = 8.0  # pixels at scale 1: so near the mouse takes hold of the line
_SHIFTS = {"LEFT_SHIFT", "RIGHT_SHIFT"}
_STATUS = "Preview:  drag the line to wipe   |   S  side by side   |   Shift  hold for the source   |   Esc  end"


class BRUSHFLOW_OT_preview(_OnTimeline, bpy.types.Operator):
    """Show the current frame painted in the chosen style over the preview; press again, or Esc, to end it"""

    bl_idname = "brushflow.preview"
    bl_label = "Preview This Frame"

    def execute(self, context: Any) -> set[str]:
        """In background mode there is nothing to show it on: it is painted and told."""
        try:
            look = looks.start_preview(context)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        looks.run_blocking()
        if look.stage is LookStage.FAILED:
            self.report({"ERROR"}, f"{look.sentence} {look.hint}".strip())
            return {"CANCELLED"}
        return {"FINISHED"}

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Turns it on, or off."""
        if bpy.app.background:
            return self.execute(context)
        if PREVIEW.is_on:
            PREVIEW.stop()  # the running operator ends with its next event
            return {"FINISHED"}
        try:
            PREVIEW.start(context)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self._is_dragging = self._is_near = False
        context.workspace.status_text_set(_STATUS)
        context.window_manager.modal_handler_add(self)
        redraw()
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> set[str]:
        """Drags the line, heeds the keys, and lets everything else through."""
        if not PREVIEW.is_on:
            return self._end(context)
        if event.type == "ESC" and event.value == "PRESS":
            PREVIEW.stop()
            return self._end(context)
        region = _region_under(context, event)
        if event.type in _SHIFTS and event.value in {"PRESS", "RELEASE"}:
            PREVIEW.shows_source = event.value == "PRESS" and region is not None
            redraw()
            return {"PASS_THROUGH"}
        if event.type == "S" and event.value == "PRESS" and region is not None and not (event.ctrl or event.alt):
            PREVIEW.is_side_by_side = not PREVIEW.is_side_by_side
            redraw()
            return {"RUNNING_MODAL"}
        return self._hear_mouse(context, event, region)

    def cancel(self, context: Any) -> None:
        """Another file is loaded, or Blender ends."""
        PREVIEW.stop()
        self._end(context)

    def _hear_mouse(self, context: Any, event: Any, region: Any) -> set[str]:
        if self._is_dragging and event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._is_dragging = False
            return {"RUNNING_MODAL"}
        if event.type == "MOUSEMOVE" and self._is_dragging:
            box = PREVIEW.box(context, self._region)
            if box is not None:
                PREVIEW.line = wipe.line_under(box, event.mouse_x - self._region.x)
                self._region.tag_redraw()
            return {"RUNNING_MODAL"}
        if event.type not in {"MOUSEMOVE", "LEFTMOUSE"}:
            return {"PASS_THROUGH"}
        is_near = self._is_over_line(context, event, region)
        if is_near != self._is_near:
            self._is_near = is_near
            context.window.cursor_modal_set("MOVE_X") if is_near else context.window.cursor_modal_restore()
        if is_near and event.type == "LEFTMOUSE" and event.value == "PRESS":
            self._is_dragging, self._region = True, region
            return {"RUNNING_MODAL"}
        return {"PASS_THROUGH"}

    def _is_over_line(self, context: Any, event: Any, region: Any) -> bool:
        box = PREVIEW.box(context, region) if region is not None and PREVIEW.way is Way.WIPE else None
        if box is None:
            return False
        x, y = event.mouse_x - region.x, event.mouse_y - region.y
        return wipe.is_near_line(box, PREVIEW.line, x, y, _REACH * context.preferences.system.ui_scale)

    def _end(self, context: Any) -> set[str]:
        if context.window is not None:
            context.window.cursor_modal_restore()
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        return {"FINISHED"}


def _region_under(context: Any, event: Any) -> Any:
    """The preview region under the mouse; None where there is none, or a sidebar or toolbar lies over it."""
    if context.window is None:
        return None
    for area in context.window.screen.areas:
        if area.type != "SEQUENCE_EDITOR":
            continue
        under = [region for region in area.regions if _is_inside(region, event)]
        if under and any(region.type == "PREVIEW" for region in under):
            covering = {"UI", "TOOLS", "HEADER", "TOOL_HEADER"}
            if not any(region.type in covering for region in under):
                return next(region for region in under if region.type == "PREVIEW")
    return None


def _is_inside(region: Any, event: Any) -> bool:
    across, up = event.mouse_x - region.x, event.mouse_y - region.y
    return region.width > 1 and 0 <= across < region.width and 0 <= up < region.height


@persistent
def _before_load(*_arguments: Any) -> None:
    PREVIEW.stop()


def register() -> None:
    """Adds the operator."""
    bpy.utils.register_class(BRUSHFLOW_OT_preview)
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """Ends the preview and takes the operator away."""
    PREVIEW.stop()
    bpy.app.handlers.load_pre.remove(_before_load)
    bpy.utils.unregister_class(BRUSHFLOW_OT_preview)
