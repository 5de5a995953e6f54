# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons of one's own styles: rename, remove, export and import them; and an image of the file as the style."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, StringProperty

from .. import core_link, preferences, properties
from ..actions import choices
from ..core_link import errors, style_package, user_styles
from ..jobs.timer import redraw
from ..storage import run_folder
from ..styles.style_list import STYLES
from ..timeline import strips

_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "TIFF": ".tif", "BMP": ".bmp", "WEBP": ".webp"}


class BRUSHFLOW_OT_use_image(bpy.types.Operator):
    """Choose an image of this file as the style: a painting of your own, a render, a texture"""

    bl_idname = "brushflow.use_image"
    bl_label = "Use an Image of This File…"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    image: StringProperty(name="Image", description="Name of the image data-block", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: Any) -> bool:
        """True where there is an image."""
        if not any(_holds_pixels(image) for image in bpy.data.images):
            cls.poll_message_set("This file has no image with pixels")
            return False
        return strips.timeline_scene(context) is not None

    def draw(self, _context: Any) -> None:
        """The list of images."""
        self.layout.prop_search(self, "image", bpy.data, "images", text="Image")

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks which image."""
        self.image = next(image.name for image in bpy.data.images if _holds_pixels(image))
        return context.window_manager.invoke_props_dialog(self, title="Image as the Style", confirm_text="Use")

    def execute(self, context: Any) -> set[str]:
        """Takes its file where that holds what is seen, else writes one."""
        image = bpy.data.images.get(self.image)
        try:
            if image is None or not _holds_pixels(image):
                raise errors.MediaError(f"There is no image {self.image!r} with pixels.", "Choose one of the list.")
            path = _file_of(image)
            choices.check_picture(path)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        relative = context.preferences.filepaths.use_relative_paths
        strips.timeline_scene(context).brushflow.use_picture(str(path), relative=relative)
        redraw()
        return {"FINISHED"}


def _holds_pixels(image: Any) -> bool:
    return image.source in {"FILE", "GENERATED", "TILED"} and image.type not in {"RENDER_RESULT", "COMPOSITING"}


def _file_of(image: Any) -> Path:
    """The image as a file: its own, or a copy in the user's folder where it is packed, painted on or generated."""
    own = Path(properties.absolute(image.filepath)) if image.filepath else None
    if image.source == "FILE" and own is not None and own.is_file() and not image.is_dirty and not image.packed_file:
        return own
    suffix = _SUFFIXES.get(image.file_format, "")
    if not suffix:
        raise errors.MediaError(
            f"The image {image.name!r} is kept as {image.file_format}, which cannot be a style.", "Save it as PNG."
        )
    path = preferences.user_folder("pictures") / f"{run_folder.safe_name(image.name)}{suffix}"
    try:
        _save_copy(image, path)
    except RuntimeError as error:
        raise errors.MediaError(f"The image {image.name!r} cannot be saved ({error}).", "Save it as PNG.") from error
    return path


def _save_copy(image: Any, path: Path) -> None:
    """Writes an image to a file and leaves it as it is: 4.2 can only save an image itself, so there a copy is saved."""
    if "save_copy" in image.bl_rna.functions["save"].parameters:
        image.save(filepath=str(path), save_copy=True)
        return
    if image.is_dirty:  # a copy would lack what was painted on it
        raise errors.MediaError(f"The image {image.name!r} has changes that are not saved.", "Save it and try again.")
    copy = image.copy()
    try:
        copy.save(filepath=str(path))
    finally:
        bpy.data.images.remove(copy)


class _OfOwnStyle:
    """Buttons of the chosen style, where it is the editor's own."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """True when the chosen style is one's own."""
        if _chosen(context) is None:
            cls.poll_message_set("Choose a style of your own first; presets cannot be changed")  # type: ignore[attr-defined]
            return False
        return True


def _chosen(context: Any) -> str | None:
    """Identifier of the chosen style where it is the editor's own."""
    scene = strips.timeline_scene(context)
    return scene.brushflow.style if scene is not None and STYLES.is_own(scene.brushflow.style) else None


def _own(context: Any) -> user_styles.UserStyle:
    """The chosen style of the editor's own, as it lies on the disk.

    Raises:
        StyleError: it is gone or damaged.
    """
    identifier = _chosen(context) or ""
    style = user_styles.find_user_style(preferences.user_folder("styles", create=False), identifier)
    if style is None:
        raise errors.StyleError(f"The style {identifier!r} is gone.", "Choose another one.")
    return style


class BRUSHFLOW_OT_rename_style(_OfOwnStyle, bpy.types.Operator):
    """Give your style another name; what was painted with it stays"""

    bl_idname = "brushflow.rename_style"
    bl_label = "Rename Style…"

    title: StringProperty(name="Name", maxlen=100, options={"SKIP_SAVE"})

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks for the name."""
        self.title = STYLES.title(_chosen(context) or "")
        return context.window_manager.invoke_props_dialog(self, title="Rename Style", confirm_text="Rename")

    def execute(self, context: Any) -> set[str]:
        """Writes it."""
        try:
            user_styles.rename_user_style(_own(context), self.title)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        STYLES.load_own()
        redraw(pictures=False)
        return {"FINISHED"}


class BRUSHFLOW_OT_remove_style(_OfOwnStyle, bpy.types.Operator):
    """Delete your style from the disk, which cannot be undone; what was painted with it stays"""

    bl_idname = "brushflow.remove_style"
    bl_label = "Remove Style…"

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Asks once more."""
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Remove Style",
            message=f"Delete {STYLES.title(_chosen(context) or '')!r} from the disk? This cannot be undone.",
            confirm_text="Delete",
            icon="WARNING",
        )

    def execute(self, context: Any) -> set[str]:
        """Deletes it; the first style is the chosen one then."""
        scene = strips.timeline_scene(context)
        try:
            user_styles.remove_user_style(_own(context))
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        finally:
            STYLES.load_own()
        scene.brushflow.style = STYLES.default()
        redraw(pictures=False)
        return {"FINISHED"}


class _StyleFile:
    """The file browser shows files of styles."""

    filename_ext = style_package.SUFFIX

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=f"*{style_package.SUFFIX}", options={"HIDDEN"})


class BRUSHFLOW_OT_export_style(_OfOwnStyle, _StyleFile, bpy.types.Operator):
    """Write your style as one file, to give away or to keep"""

    bl_idname = "brushflow.export_style"
    bl_label = "Export Style…"

    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks where to."""
        self.filepath = f"{_chosen(context)}{style_package.SUFFIX}"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Writes it."""
        target = Path(properties.absolute(bpy.path.ensure_ext(self.filepath, style_package.SUFFIX)))
        try:
            style_package.export_style(_own(context), target)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Exported {target.name}")
        return {"FINISHED"}


class BRUSHFLOW_OT_import_style(_StyleFile, bpy.types.Operator):
    """Add a style from a file that Brushflow exported; it is checked byte by byte, and nothing in it is run"""

    bl_idname = "brushflow.import_style"
    bl_label = "Import Style…"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline's scene to keep the choice."""
        return strips.timeline_scene(context) is not None

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Takes it in and chooses it."""
        taken = {preset.style for preset in STYLES.presets}
        path = Path(properties.absolute(self.filepath))
        try:
            folder = preferences.user_folder("styles")
            style = style_package.import_style(path, folder, core_link.read_networks(), taken)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        STYLES.load_own()
        strips.timeline_scene(context).brushflow.style = style.identifier
        self.report({"INFO"}, f"The style {style.title!r} is in the list")
        redraw(pictures=False)
        return {"FINISHED"}


_CLASSES = (
    BRUSHFLOW_OT_use_image,
    BRUSHFLOW_OT_rename_style,
    BRUSHFLOW_OT_remove_style,
    BRUSHFLOW_OT_export_style,
    BRUSHFLOW_OT_import_style,
)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
