# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons around settings: paint again with the stored ones, copy them between strips, presets, defaults."""

import dataclasses
from typing import Any, ClassVar

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel
from bpy.props import EnumProperty

from ..actions import choices, repaint
from ..actions.press import press
from ..core_link import errors, settings
from ..jobs.timer import redraw
from ..styles import style_list
from ..timeline import result_state, result_strip, strips
from .operators import has_timeline

_CHOICES = (
    "quality",
    "brush_size",
    "resolution",
    "clarity",
    "colour_lock",
    "hold_strokes",
    "stability",
    "anchor_spacing",
    "flow",
)


class OnResults:
    """Buttons that need a selected result, or a selected strip that has one. Looks at memory only."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """True where there is one; says what is missing otherwise."""
        if not has_timeline(cls, context):
            return False
        scene = strips.timeline_scene(context)
        shown = list(strips.displayed(scene.sequence_editor))
        painted = {strip.brushflow.source_uid for strip in shown if result_strip.is_result(strip)}
        if not any(
            strip.select and (result_strip.is_result(strip) or strip.brushflow.uid in painted) for strip in shown
        ):
            cls.poll_message_set("Select a painted strip")
            return False
        return True


def paint(operator: Any, results: list[Any], context: Any, quality: str) -> set[str]:
    """Queues results, tells what cannot be painted, and in background mode waits for the end."""
    scene = strips.timeline_scene(context)
    return press(operator, lambda: repaint.paint_again(context, scene, results, quality))


class BRUSHFLOW_OT_repaint(OnResults, bpy.types.Operator):
    """Paint the selected results again, each with the settings stored on it"""

    bl_idname = "brushflow.repaint"
    bl_label = "Repaint"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    quality: EnumProperty(
        name="Quality",
        description="What to paint in, from now on",
        items=[
            ("STORED", "As Stored", "In the quality that is stored on the strip"),
            ("DRAFT", "Draft", "Several times as fast, with soft contours"),
            ("FINAL", "Final", "As it is to be rendered"),
        ],
        options={"SKIP_SAVE"},
    )

    def execute(self, context: Any) -> set[str]:
        """Starts painting; in background mode also waits for its end."""
        try:
            results = repaint.selected_results(strips.timeline_scene(context))
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return paint(self, results, context, repaint.STORED if self.quality == "STORED" else self.quality.lower())


class BRUSHFLOW_OT_copy_settings(OnResults, bpy.types.Operator):
    """Store the settings of the active result on the other selected ones; Repaint then paints them"""

    bl_idname = "brushflow.copy_settings"
    bl_label = "Copy Settings to Selected"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> set[str]:
        """Copies; nothing is painted."""
        scene = strips.timeline_scene(context)
        try:
            origin = _active_result(scene)
            others = [result for result in repaint.selected_results(scene) if result != origin]
            choice = _stored(origin)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for result in others:
            repaint.store(result, choice)
        redraw()
        self.report({"INFO"}, f"Copied to {len(others)} results; Repaint paints them")
        return {"FINISHED"} if others else {"CANCELLED"}


class BRUSHFLOW_OT_take_settings(OnResults, bpy.types.Operator):
    """Set style and brush in the panel to what the active result was painted with"""

    bl_idname = "brushflow.take_settings"
    bl_label = "Take Settings from Strip"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> set[str]:
        """Sets them."""
        scene = strips.timeline_scene(context)
        try:
            choice = _stored(_active_result(scene))
            choices.check_style(choice)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        chosen = scene.brushflow
        if settings.picture_of(choice.style) is not None:
            chosen.use_picture(choice.style, relative=context.preferences.filepaths.use_relative_paths)
        else:
            chosen.style = choice.style
        for name in _CHOICES:
            value = getattr(choice, name)
            setattr(chosen, name, value.upper() if name == "quality" else value)
        redraw()
        return {"FINISHED"}


class BRUSHFLOW_OT_store_settings(OnResults, bpy.types.Operator):
    """Store style and brush of the panel on the selected results; Repaint then paints them"""

    bl_idname = "brushflow.store_settings"
    bl_label = "Store Settings on Strips"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> set[str]:
        """Stores; nothing is painted."""
        scene = strips.timeline_scene(context)
        try:
            results = repaint.selected_results(scene)
            choice = choices.of(scene)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for result in results:
            repaint.store(result, dataclasses.replace(choice))
        redraw()
        return {"FINISHED"}


class BRUSHFLOW_OT_reset_settings(bpy.types.Operator):
    """Set quality and brush back to the values that look good on most strips; the style stays"""

    bl_idname = "brushflow.reset_settings"
    bl_label = "Reset to Defaults"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline's scene to keep the choices."""
        return strips.timeline_scene(context) is not None

    def execute(self, context: Any) -> set[str]:
        """Resets them."""
        for name in _CHOICES:
            strips.timeline_scene(context).brushflow.property_unset(name)
        redraw()
        return {"FINISHED"}


class BRUSHFLOW_OT_preset_add(AddPresetBase, bpy.types.Operator):
    """Add or remove a preset of brush settings"""

    bl_idname = "brushflow.preset_add"
    bl_label = "Add Brush Preset"
    preset_menu = "BRUSHFLOW_PT_presets"
    preset_subdir = "brushflow"
    preset_defines: ClassVar[list[str]] = [
        "chosen = (getattr(bpy.context, 'sequencer_scene', None) or bpy.context.scene).brushflow"
    ]
    preset_values: ClassVar[list[str]] = [f"chosen.{name}" for name in _CHOICES]


class BRUSHFLOW_PT_presets(PresetPanel, bpy.types.Panel):
    """Presets of brush settings"""

    bl_label = "Brush Presets"
    preset_subdir = "brushflow"
    preset_operator = "script.execute_preset"
    preset_add_operator = "brushflow.preset_add"


class BRUSHFLOW_MT_settings(bpy.types.Menu):
    """What can be done with the settings of strips"""

    bl_label = "Settings"

    def draw(self, _context: Any) -> None:
        """The entries."""
        for name in ("take_settings", "store_settings", "copy_settings"):
            self.layout.operator(f"brushflow.{name}")
        self.layout.separator()
        self.layout.operator("brushflow.reset_settings", icon="LOOP_BACK")


def draw_result(layout: Any, result: Any) -> None:
    """The buttons under a result: paint it again, and the menu of settings. Looks at memory only."""
    stored, painted = result_state.stored_settings(result), result_state.painted_settings(result)
    if stored != painted:
        layout.label(text=f"To be painted as: {_told(stored)}", icon="INFO")
    row = layout.row(align=True)
    row.operator("brushflow.repaint", icon="FILE_REFRESH")
    if result_state.is_draft(result):
        row.operator("brushflow.repaint", text="Final", icon="SHADERFX").quality = "FINAL"
    row.menu("BRUSHFLOW_MT_settings", text="", icon="DOWNARROW_HLT")


def _told(choice: settings.StylizeSettings | None) -> str:
    if choice is None:
        return "unknown"
    size = f", {choice.resolution} %" if choice.resolution < 100 else ""
    return f"{style_list.STYLES.title(choice.style)}, {choice.quality}{size}"


def _active_result(scene: Any) -> Any:
    """The active strip's result, else the first selected one."""
    results = repaint.selected_results(scene)
    active = scene.sequence_editor.active_strip
    if active in results:
        return active
    uid = active.brushflow.uid if active is not None else ""
    return next((result for result in results if uid and result.brushflow.source_uid == uid), results[0])


def _stored(result: Any) -> settings.StylizeSettings:
    choice = result_state.stored_settings(result)
    if choice is None:
        raise errors.SettingsError(f"{result.name!r} does not say what it was painted with.", "Stylize it first.")
    return choice


_CLASSES = (
    BRUSHFLOW_OT_repaint,
    BRUSHFLOW_OT_copy_settings,
    BRUSHFLOW_OT_take_settings,
    BRUSHFLOW_OT_store_settings,
    BRUSHFLOW_OT_reset_settings,
    BRUSHFLOW_OT_preset_add,
    BRUSHFLOW_PT_presets,
    BRUSHFLOW_MT_settings,
)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
