# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery: all styles with their thumbnails, searched, favourites first. Drawing looks at memory only."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, IntProperty, PointerProperty, StringProperty

from .. import preferences
from ..actions.look import Look
from ..actions.looks import DESK
from ..panels import panels
from ..storage.favourites import Favourites
from ..styles import style_list
from ..styles.titles import cell_title, short_title
from ..timeline import strips
from .pages import page_of, shape

_THUMBNAIL = 4.6  # widgets high


class BrushflowGallery(bpy.types.PropertyGroup):
    """How the gallery is looked through; on the window manager, so it is not stored in any file."""

    search: StringProperty(
        name="Search",
        description="Show only styles whose name holds these words",
        options={"TEXTEDIT_UPDATE", "SKIP_SAVE"},
    )
    only_favourites: BoolProperty(name="Favourites", description="Show only favourite styles", options={"SKIP_SAVE"})
    page: IntProperty(name="Page", description="Which part of the list is shown", min=0, options={"SKIP_SAVE"})


class StyleGallery:
    """Which styles the gallery shows."""

    def __init__(self) -> None:
        self._favourites: Favourites | None = None

    @property
    def favourites(self) -> Favourites:
        """The editor's favourites; read from the disk once."""
        if self._favourites is None:
            folder = preferences.user_folder("gallery", create=False)
            self._favourites = Favourites(folder / "favourites.json")
        return self._favourites

    def forget(self) -> None:
        """Reads the favourites anew when they are next asked for."""
        self._favourites = None

    def found(self, search: str, *, only_favourites: bool) -> list[tuple[str, str, int]]:
        """(identifier, title, icon) of each style that is looked for, favourites first."""
        words = search.lower().split()
        shown = [
            (identifier, title, icon)
            for identifier, _, title, icon, _ in style_list.STYLES.items("")
            if identifier != style_list.PICTURE
            and (identifier in self.favourites or not only_favourites)
            and all(word in title.lower() for word in words)
        ]
        return sorted(shown, key=lambda style: style[0] not in self.favourites)


GALLERY = StyleGallery()


class BRUSHFLOW_PT_gallery(bpy.types.Panel):
    """All styles; try them on the frame under the playhead"""

    bl_idname = "BRUSHFLOW_PT_gallery"
    bl_label = "Styles"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Brushflow"
    bl_parent_id = "BRUSHFLOW_PT_main"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a timeline."""
        return strips.timeline_scene(context) is not None

    def draw_header_preset(self, _context: Any) -> None:
        """What is done with the list."""
        self.layout.menu("BRUSHFLOW_MT_styles", text="", icon="DOWNARROW_HLT")

    def draw(self, context: Any) -> None:
        """Search, Try on This Frame, and the thumbnails."""
        layout = self.layout
        looked = context.window_manager.brushflow_gallery
        row = layout.row(align=True)
        row.prop(looked, "search", text="", icon="VIEWZOOM")
        row.prop(looked, "only_favourites", text="", icon="SOLO_ON")
        _draw_trial(layout, context, DESK.trial)
        found = GALLERY.found(looked.search, only_favourites=looked.only_favourites)
        if not found:
            layout.label(text="No style is called so" if looked.search else "There are no favourites", icon="INFO")
            return
        chosen = strips.timeline_scene(context).brushflow.style
        scale = context.preferences.system.ui_scale
        columns, rows = shape(context.region.width / scale, context.region.height / scale)
        page, pages = page_of(len(found), columns * rows, looked.page)
        if pages > 1:
            _draw_pages(layout, page, pages)
        found = found[page * columns * rows :][: columns * rows]
        grid = layout.grid_flow(row_major=True, columns=columns, even_columns=True, even_rows=True, align=False)
        for identifier, title, icon in found:
            _draw_cell(grid, identifier, title, icon, is_chosen=identifier == chosen)


def _draw_pages(layout: Any, page: int, pages: int) -> None:
    row = layout.row(align=True)
    for icon, to, is_there in (("TRIA_LEFT", page - 1, page > 0), ("TRIA_RIGHT", page + 1, page < pages - 1)):
        cell = row.row(align=True)
        cell.enabled = is_there
        cell.operator("brushflow.turn_page", text="", icon=icon).page = max(0, to)
        if icon == "TRIA_LEFT":
            middle = row.row()
            middle.alignment = "CENTER"
            middle.label(text=f"{page + 1} / {pages}")


def _draw_trial(layout: Any, context: Any, trial: Look | None) -> None:
    """The button; while styles are tried how many are there, and the way to stop it."""
    if trial is None or trial.has_ended:
        layout.operator("brushflow.try_styles", icon="IMAGE_PLANE")
    else:
        row = layout.row(align=True)
        done, total = len(trial.painted), len(trial.styles)
        text = f"Trying {done} / {total}" if trial.painted else "Reading the frame"
        row.progress(text=text, factor=done / total)
        row.operator("brushflow.cancel_trial", text="", icon="X")
    if trial is None:
        return
    if trial.sentence:
        panels.draw_sentences(layout.column(align=True), context, "ERROR", trial.sentence, trial.hint)
    elif trial.painted:
        row = layout.row()
        row.label(text=f"{trial.name} · frame {trial.frame}")
        row.operator("brushflow.clear_trial", text="", icon="LOOP_BACK", emboss=False)


def _draw_cell(grid: Any, identifier: str, title: str, icon: int, *, is_chosen: bool) -> None:
    cell = grid.column(align=True)
    cell.template_icon(icon_value=icon, scale=_THUMBNAIL)
    row = cell.row(align=True)
    name = short_title(title) if style_list.STYLES.is_own(identifier) else cell_title(identifier, title)
    row.operator("brushflow.choose_style", text=name, depress=is_chosen).style = identifier  # its tooltip tells all
    is_favourite = identifier in GALLERY.favourites
    star = row.operator("brushflow.favourite", text="", icon="SOLO_ON" if is_favourite else "SOLO_OFF")
    star.style = identifier


class BRUSHFLOW_MT_styles(bpy.types.Menu):
    """More styles, and the editor's own"""

    bl_idname = "BRUSHFLOW_MT_styles"
    bl_label = "Styles"

    def draw(self, _context: Any) -> None:
        """Where styles come from, and what is done with one's own."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("brushflow.use_picture", text="Use a Picture…", icon="FILE_IMAGE")
        layout.operator("brushflow.use_image", icon="IMAGE_DATA")
        layout.operator("brushflow.train_style", icon="BRUSH_DATA")
        layout.separator()
        layout.operator("brushflow.import_style", icon="IMPORT")
        layout.operator("brushflow.export_style", icon="EXPORT")
        layout.separator()
        layout.operator("brushflow.rename_style", icon="GREASEPENCIL")
        layout.operator("brushflow.remove_style", icon="TRASH")


_CLASSES = (BrushflowGallery, BRUSHFLOW_MT_styles, BRUSHFLOW_PT_gallery)


def register() -> None:
    """Adds the panel; after the one it stands in."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.brushflow_gallery = PointerProperty(type=BrushflowGallery)


def unregister() -> None:
    """Takes it away again."""
    del bpy.types.WindowManager.brushflow_gallery
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    GALLERY.forget()
