# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons of the gallery: choose, favour and try styles."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import IntProperty, StringProperty

from ..actions import looks
from ..actions.look import LookStage
from ..buttons.operators import _OnTimeline
from ..core_link import errors
from ..jobs.timer import redraw
from ..styles.style_list import STYLES
from ..timeline import strips
from .gallery import GALLERY


class _OfStyle:
    """Buttons of one style."""

    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    style: StringProperty(options={"SKIP_SAVE"})


class BRUSHFLOW_OT_choose_style(_OfStyle, bpy.types.Operator):
    """Paint in this style"""

    bl_idname = "brushflow.choose_style"
    bl_label = "Choose Style"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @classmethod
    def description(cls, _context: Any, asked: Any) -> str:
        """The whole name; the button may show less of it."""
        return f"Paint in the style {STYLES.title(asked.style)}"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline's scene to keep the choice."""
        return strips.timeline_scene(context) is not None

    def execute(self, context: Any) -> set[str]:
        """Makes it the chosen one."""
        try:
            strips.timeline_scene(context).brushflow.style = self.style
        except TypeError:
            self.report({"ERROR"}, f"The style {self.style!r} is not known")
            return {"CANCELLED"}
        redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_favourite(_OfStyle, bpy.types.Operator):
    """Keep this style among the favourites, which come first and are tried first; press again to take it out"""

    bl_idname = "brushflow.favourite"
    bl_label = "Favourite"

    def execute(self, _context: Any) -> set[str]:
        """Turns it on or off."""
        try:
            GALLERY.favourites.toggle(self.style)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_turn_page(bpy.types.Operator):
    """Show another part of the list of styles"""

    bl_idname = "brushflow.turn_page"
    bl_label = "Turn the Page"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    page: IntProperty(min=0, options={"SKIP_SAVE"})

    def execute(self, context: Any) -> set[str]:
        """Turns to it."""
        context.window_manager.brushflow_gallery.page = self.page
        redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_try_styles(_OnTimeline, bpy.types.Operator):
    """Paint the current frame of the selected strip in all styles shown below, favourites first, as their thumbnails"""

    bl_idname = "brushflow.try_styles"
    bl_label = "Try on This Frame"

    def execute(self, context: Any) -> set[str]:
        """Starts it; in background mode also waits for its end."""
        looked = context.window_manager.brushflow_gallery
        found = GALLERY.found(looked.search, only_favourites=looked.only_favourites)
        try:
            trial = looks.start_trial(context, [identifier for identifier, _, _ in found])
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if bpy.app.background:
            looks.run_blocking()
            if trial.stage is LookStage.FAILED:
                self.report({"ERROR"}, f"{trial.sentence} {trial.hint}".strip())
        redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_cancel_trial(bpy.types.Operator):
    """Stop trying styles; the thumbnails that are there stay"""

    bl_idname = "brushflow.cancel_trial"
    bl_label = "Stop Trying"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True while styles are tried."""
        return looks.DESK.trial is not None and not looks.DESK.trial.has_ended

    def execute(self, _context: Any) -> set[str]:
        """Stops it."""
        assert looks.DESK.trial is not None
        looks.DESK.cancel(looks.DESK.trial)
        redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_clear_trial(bpy.types.Operator):
    """Show the styles' own thumbnails again"""

    bl_idname = "brushflow.clear_trial"
    bl_label = "Clear Trial"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, _context: Any) -> set[str]:
        """Forgets what was tried."""
        if looks.DESK.trial is not None:
            looks.DESK.drop(looks.DESK.trial)
        STYLES.show_trial({})
        redraw(pictures=False)
        return {"FINISHED"}


_CLASSES = (
    BRUSHFLOW_OT_choose_style,
    BRUSHFLOW_OT_favourite,
    BRUSHFLOW_OT_turn_page,
    BRUSHFLOW_OT_try_styles,
    BRUSHFLOW_OT_cancel_trial,
    BRUSHFLOW_OT_clear_trial,
)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
