# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab of the sequencer, and the menu entries. Drawing looks at memory only, never at the disk."""

import textwrap
from collections.abc import Callable
from typing import Any, ClassVar

import bpy

from .. import preferences
from ..buttons import settings_operators, where
from ..buttons.operators import (
    BRUSHFLOW_OT_cancel,
    BRUSHFLOW_OT_clear,
    BRUSHFLOW_OT_open_log,
    BRUSHFLOW_OT_stylize,
    BRUSHFLOW_OT_use_picture,
)
from ..core_link import errors
from ..jobs.job import TrainingJob
from ..jobs.queue import QUEUE
from ..jobs.timer import redraw_soon
from ..preview.preview import PREVIEW
from ..styles import style_list
from ..styles.titles import short_title
from ..timeline import result_state, result_strip, strips

BELOW_STYLIZE: list[Callable[[Any, Any], None]] = []
"""What other files draw under the button: each gets the layout and the context."""

_PIXELS_A_LETTER = 7.0  # of Blender's interface font, at scale 1
_THUMBNAIL = 2.4  # widgets wide and high


class _Tab:
    """Where all panels stand."""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Brushflow"


class BRUSHFLOW_PT_main(_Tab, bpy.types.Panel):
    """Style, Stylize, progress, strength and state"""

    bl_idname = "BRUSHFLOW_PT_main"
    bl_label = "Brushflow"

    def draw(self, context: Any) -> None:
        """The panel from top to bottom."""
        layout = self.layout
        scene = strips.timeline_scene(context)
        if scene is None:
            layout.label(text="The sequencer shows no scene", icon="INFO")
            return
        _draw_style(layout, scene, context)
        _draw_action(layout, scene)
        if scene.brushflow.quality == "MASTER" and preferences.torch_python() is None:
            text = "Master needs a Python with torch: name one in the add-on's preferences."
            draw_sentences(layout.column(align=True), context, "ERROR", text)
        _draw_progress(layout, context)
        for draw in BELOW_STYLIZE:
            draw(layout, context)
        _draw_notice(layout, context)
        source, result = active_pair(scene)
        if result is not None:
            _draw_result(layout, context, source, result)


class BRUSHFLOW_PT_settings(_Tab, bpy.types.Panel):
    """What is changed now and then"""

    bl_idname = "BRUSHFLOW_PT_settings"
    bl_label = "Brush"
    bl_parent_id = "BRUSHFLOW_PT_main"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a timeline."""
        return strips.timeline_scene(context) is not None

    def draw(self, context: Any) -> None:
        """The choices for the next painting."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False  # choices, not animated values
        chosen = strips.timeline_scene(context).brushflow
        layout.prop(chosen, "brush_size")
        layout.prop(chosen, "resolution", slider=True)
        layout.prop(chosen, "clarity")
        layout.prop(chosen, "colour_lock")
        layout.prop(chosen, "hold_strokes")
        held = layout.column()
        held.active = chosen.hold_strokes != "every-frame"
        held.prop(chosen, "stability")
        locked = layout.column()
        locked.active = chosen.hold_strokes == "surfaces" and chosen.stability > 0.0
        locked.prop(chosen, "anchor_spacing")
        moved = layout.column()
        moved.active = chosen.hold_strokes != "every-frame" and chosen.stability > 0.0
        moved.prop(chosen, "flow")
        moved.prop(chosen, "exact_motion")
        layout.operator("brushflow.reset_settings", icon="LOOP_BACK")

    def draw_header_preset(self, _context: Any) -> None:
        """Blender's own preset menu."""
        settings_operators.BRUSHFLOW_PT_presets.draw_panel_header(self.layout)


def _draw_style(layout: Any, scene: Any, context: Any) -> None:
    styles = style_list.STYLES
    if not styles.presets:
        problem = styles.problem or errors.StyleError("There are no styles.")
        draw_sentences(layout.box().column(align=True), context, "ERROR", problem.message, problem.hint)
        return
    row = layout.row(align=True)
    row.prop(scene.brushflow, "style", text="")
    row.operator(BRUSHFLOW_OT_use_picture.bl_idname, text="", icon="FILE_IMAGE")
    if scene.brushflow.style == style_list.PICTURE:
        layout.prop(scene.brushflow, "picture", text="")
    for problem in styles.damaged:
        draw_sentences(layout.box().column(align=True), context, "ERROR", problem.message, problem.hint)


def _draw_action(layout: Any, scene: Any) -> None:
    """Beside the style's picture the quality and the buttons: few rows, for the timeline's sidebar is low."""
    row = layout.row()
    if any(preset.thumbnail for preset in style_list.STYLES.presets):
        picture = row.column()
        picture.ui_units_x = _THUMBNAIL
        picture.template_icon_view(scene.brushflow, "style", show_labels=True, scale=_THUMBNAIL, scale_popup=5.0)
    column = row.column()
    column.row(align=True).prop(scene.brushflow, "quality", expand=True)
    buttons = column.row(align=True)
    buttons.scale_y = 1.3
    buttons.operator(BRUSHFLOW_OT_stylize.bl_idname, icon="BRUSH_DATA")
    buttons.operator("brushflow.preview", text="", icon="HIDE_OFF", depress=PREVIEW.is_on)


def _draw_progress(layout: Any, context: Any) -> None:
    """While something is painted, how far it is and the way to stop it."""
    job = QUEUE.current
    if job is None:
        return
    column = layout.column(align=True)
    waiting = sum(1 for other in QUEUE.jobs if not other.state.has_ended) - 1
    column.label(text=f"{job.name} · {waiting} more waiting" if waiting else job.name)
    row = column.row(align=True)
    text = f"Paused · {job.state.progress_text}" if QUEUE.is_paused else job.state.progress_text
    row.progress(text=text.replace("Paused · Paused", "Paused"), factor=job.state.fraction)
    row.operator(BRUSHFLOW_OT_cancel.bl_idname, text="", icon="X")
    if isinstance(job, TrainingJob):
        _draw_training(column, job)
    for warning in job.state.warnings[-2:]:
        draw_sentences(column, context, "ERROR", warning)


def _draw_training(layout: Any, job: TrainingJob) -> None:
    """How near it is, and what it can paint by now."""
    if job.state.losses is not None:
        layout.label(text="Style loss {:.3f} · content loss {:.3f}".format(*job.state.losses))
    if job.preview_icon:
        layout.template_icon(icon_value=job.preview_icon, scale=8.0)


def _draw_notice(layout: Any, context: Any) -> None:
    """What went wrong with the last job."""
    notice = QUEUE.notice
    if notice is None:
        return
    box = layout.box().column(align=True)
    draw_sentences(box, context, "ERROR" if notice.is_error else "INFO", notice.sentence, notice.hint)
    if notice.log:
        box.operator(BRUSHFLOW_OT_open_log.bl_idname, icon="TEXT")


def letters_across(context: Any) -> int:
    """How many letters surely fit into one line of the panel."""
    width = context.region.width if context.region is not None else 300
    return max(20, int(width / (_PIXELS_A_LETTER * context.preferences.system.ui_scale)) - 6)


def draw_sentences(layout: Any, context: Any, icon: str, *sentences: str) -> None:
    """Sentences wrapped to the panel's width, the icon before the first line. Translated whole, not line by line."""
    for sentence in map(bpy.app.translations.pgettext_iface, filter(None, sentences)):
        for line in textwrap.wrap(sentence, letters_across(context)):
            layout.label(text=line, icon=icon, translate=False)
            icon = "BLANK1"


def _draw_result(layout: Any, context: Any, source: Any, result: Any) -> None:
    """Strength, and what is painted, in one line where that fits."""
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = True  # the dot that sets a keyframe
    column.prop(result, "blend_alpha", text="Strength", slider=True)
    column = layout.column(align=True)
    told = [short_title(_painted_as(result)), _state_text(strips.timeline_scene(context), result)]
    fits = len(" · ".join(told)) <= letters_across(context) + 4  # no icon stands before it
    for line in [" · ".join(told)] if fits else told:
        column.label(text=line)
    if source is not None and not result_strip.fits(result, source):
        column.label(text="Its range changed; Stylize follows it", icon="INFO")


class BRUSHFLOW_PT_result(_Tab, bpy.types.Panel):
    """Painting again, where it shows, and away with it"""

    bl_idname = "BRUSHFLOW_PT_result"
    bl_label = "Result"
    bl_parent_id = "BRUSHFLOW_PT_main"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where a painted strip is selected."""
        scene = strips.timeline_scene(context)
        return scene is not None and active_pair(scene)[1] is not None

    def draw(self, context: Any) -> None:
        """The buttons. Looks at memory only."""
        layout = self.layout
        result = active_pair(strips.timeline_scene(context))[1]
        settings_operators.draw_result(layout, result)
        where.draw_where(layout, result)
        layout.operator(BRUSHFLOW_OT_clear.bl_idname, icon="TRASH")


def _painted_as(result: Any) -> str:
    painted = result_state.painted_settings(result)
    if painted is None:
        return "unknown"
    title = style_list.STYLES.title(painted.style)
    size = f" · {painted.resolution} %" if painted.resolution < 100 else ""
    return f"{title}{size} · Draft" if painted.quality == "draft" else f"{title}{size}"


def _state_text(scene: Any, result: Any) -> str:
    """What the editor reads: "All 48 frames painted", "12 painted · 36 to do · 48 not needed"."""
    job = QUEUE.job_of(result)
    painted = job.state.finished if job else QUEUE.painted.of(result_strip.run_of(result), redraw_soon)
    if painted is None:
        return "Looking at the painted frames…"
    start, count = strips.content_range(result)
    wanted = strips.strengths(scene, result, int(start), count)
    not_needed = sum(1 for index, strength in enumerate(wanted) if strength <= 0.0 and index not in painted)
    to_do = count - len(painted) - not_needed
    if len(painted) == count:
        return f"All {count} frames painted"
    parts = [f"{len(painted)} painted", f"{to_do} to do"]
    return " · ".join([*parts, f"{not_needed} not needed"] if not_needed else parts)


def active_pair(scene: Any) -> tuple[Any, Any]:
    """Source and result of the active strip, else of the first selected one that has a result; else None and None.

    The active strip need not be the picture: Blender 5.2 makes a new movie's sound the active one.
    """
    editor = scene.sequence_editor
    if editor is None:
        return None, None
    active, shown = editor.active_strip, list(strips.displayed(editor))
    painted = {strip.brushflow.source_uid for strip in shown if result_strip.is_result(strip)}
    for strip in ([active] if active is not None else []) + [strip for strip in shown if strip.select]:
        if result_strip.is_result(strip):
            return result_strip.source_of(editor, strip), strip
        if strip.brushflow.uid in painted:
            results = result_strip.results_of(editor, strip)
            if results:
                return strip, results[0]
    return None, None


def _menu_entry(self: Any, _context: Any) -> None:
    self.layout.separator()
    self.layout.operator(BRUSHFLOW_OT_stylize.bl_idname, icon="BRUSH_DATA")
    self.layout.operator("brushflow.preview", icon="HIDE_OFF")


_CLASSES = (BRUSHFLOW_PT_main, BRUSHFLOW_PT_result, BRUSHFLOW_PT_settings)
_MENUS = ("SEQUENCER_MT_strip", "SEQUENCER_MT_context_menu")


def register() -> None:
    """Adds the tab and the menu entries."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    for name in _MENUS:
        getattr(bpy.types, name).append(_menu_entry)


def unregister() -> None:
    """Takes them away again."""
    for name in reversed(_MENUS):
        getattr(bpy.types, name).remove(_menu_entry)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
