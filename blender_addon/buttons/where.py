# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a painting shows: inside a mask or another strip, and two styles on one strip that cross over."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ..actions import choices, repaint, stylize
from ..actions.press import press
from ..core_link import errors
from ..jobs.timer import redraw
from ..styles import style_list
from ..styles.titles import short_title
from ..timeline import result_strip, strips
from . import settings_operators

MODIFIER = "Brushflow Mask"
_MOST_ENTRIES = 20


def limit(result: Any, *, mask: Any = None, strip: Any = None) -> None:
    """Makes a result show only inside a mask data-block, or where another strip is bright; with neither everywhere.

    It is one of Blender's own Mask modifiers on the strip: animated, rendered and copied without this add-on.
    """
    modifier = result.modifiers.get(MODIFIER)
    if mask is None and strip is None:
        if modifier is not None:
            result.modifiers.remove(modifier)
        return
    modifier = modifier or result.modifiers.new(name=MODIFIER, type="MASK")
    modifier.input_mask_type = "ID" if strip is None else "STRIP"
    if strip is None:
        modifier.input_mask_id = mask
    else:
        modifier.input_mask_strip = strip


def limited_to(result: Any) -> str:
    """Name of what a result is limited to; empty where it shows everywhere."""
    modifier = result.modifiers.get(MODIFIER)
    if modifier is None:
        return ""
    shape = modifier.input_mask_strip if modifier.input_mask_type == "STRIP" else modifier.input_mask_id
    return shape.name if shape is not None else ""


def cross_over(result: Any, first: int, last: int) -> None:
    """Keyframes on a result's own opacity: unseen up to the first timeline_frame, alone from the last one on."""
    for frame, strength in ((first, 0.0), (last, 1.0)):
        result.blend_alpha = strength
        result.keyframe_insert("blend_alpha", frame=frame)


class BRUSHFLOW_OT_limit(settings_operators.OnResults, bpy.types.Operator):
    """Show the selected paintings only inside a mask, or where another strip is bright; the rest shows the source"""

    bl_idname = "brushflow.limit"
    bl_label = "Limit the Painting"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    kind: EnumProperty(
        name="To",
        items=[
            ("EVERYWHERE", "Everywhere", "Take the limit away"),
            ("MASK", "Mask", "A mask as it is drawn in the clip or image editor"),
            ("STRIP", "Strip", "Another strip of the timeline: white shows the painting, black the source"),
        ],
        options={"SKIP_SAVE"},
    )
    name: StringProperty(name="Name", description="Of the mask or the strip", options={"SKIP_SAVE"})

    def execute(self, context: Any) -> set[str]:
        """Sets the modifier up."""
        scene = strips.timeline_scene(context)
        try:
            results = repaint.selected_results(scene)
            mask = self._found(bpy.data.masks) if self.kind == "MASK" else None
            strip = self._found(strips.displayed(scene.sequence_editor)) if self.kind == "STRIP" else None
            if strip is not None and strip in results:
                raise errors.BrushflowError(f"{strip.name!r} cannot limit itself.", "Choose another strip.")
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for result in results:
            limit(result, mask=mask, strip=strip)
        redraw()
        return {"FINISHED"}

    def _found(self, collection: Any) -> Any:
        found = collection.get(self.name)
        if found is None:
            raise errors.BrushflowError(f"There is no {self.kind.lower()} {self.name!r}.", "Choose one from the menu.")
        return found


class BRUSHFLOW_MT_where(bpy.types.Menu):
    """Masks and strips that can limit the painting"""

    bl_label = "Where"

    def draw(self, context: Any) -> None:
        """Everywhere, the masks, the strips."""
        layout = self.layout
        layout.operator("brushflow.limit", text="Everywhere", icon="WORLD").kind = "EVERYWHERE"
        layout.separator()
        for mask in list(bpy.data.masks)[:_MOST_ENTRIES]:
            self._entry(mask.name, "MASK", "MOD_MASK")
        shown = strips.displayed(strips.timeline_scene(context).sequence_editor)
        others = [strip for strip in shown if strips.is_paintable(strip) and not result_strip.is_result(strip)]
        for strip in others[:_MOST_ENTRIES]:
            self._entry(strip.name, "STRIP", "SEQUENCE")

    def _entry(self, name: str, kind: str, icon: str) -> None:
        button = self.layout.operator("brushflow.limit", text=name, icon=icon)
        button.kind, button.name = kind, name


def _second_styles(_operator: Any, _context: Any) -> list[tuple[str, str, str]]:
    global _items  # Blender reads the strings later
    _items = [(preset.style, short_title(preset.title), preset.title) for preset in style_list.STYLES.presets]
    return _items


_items: list[tuple[str, str, str]] = []


class BRUSHFLOW_OT_second_style(settings_operators.OnResults, bpy.types.Operator):
    """Paint the selected strip in a second style over the first; it comes in at the playhead, by keyframes"""

    bl_idname = "brushflow.second_style"
    bl_label = "Cross to a Second Style…"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    style: EnumProperty(name="Style", description="The style it crosses to", items=_second_styles)
    frames: IntProperty(name="Frames", description="How long the crossing takes", default=24, min=1, soft_max=100)

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks for the style."""
        return context.window_manager.invoke_props_dialog(self, confirm_text="Paint")

    def execute(self, context: Any) -> set[str]:
        """Lays the second result and its keyframes; in background mode also waits for the painting."""
        return press(self, lambda: self._laid(context))

    def _laid(self, context: Any) -> stylize.Outcome:
        scene = strips.timeline_scene(context)
        choice = choices.of(scene, self.style)
        sources = stylize.chosen_sources(scene)
        outcome = stylize.paint(context, scene, [stylize.Wish(source.name, choice, as_new=True) for source in sources])
        for job in outcome.jobs:
            for result in result_strip.find(job.result_uid, job.places.run):
                first = scene.frame_current - self.frames // 2
                cross_over(result, first, first + self.frames)
        return outcome


def draw_where(layout: Any, result: Any) -> None:
    """Under a result: what it is limited to, and the second style."""
    row = layout.row(align=True)
    row.menu("BRUSHFLOW_MT_where", text=limited_to(result) or "Everywhere", icon="MOD_MASK")
    row.operator("brushflow.second_style", text="Second Style…", icon="IPO_EASE_IN_OUT")


_CLASSES = (BRUSHFLOW_OT_limit, BRUSHFLOW_MT_where, BRUSHFLOW_OT_second_style)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
