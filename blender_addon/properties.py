# SPDX-License-Identifier: GPL-3.0-or-later
"""What is stored in the .blend: the choices for the next painting, and the marks that tie a result to its source."""

import contextlib
import os
import zlib
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from . import core_link, preferences, strips
from .core_link import errors, settings

PICTURE = "PICTURE"
"""The menu's last entry: the style is the picture whose path is stored beside. No style's identifier has capitals."""

# Blenders that know this mark warn of "//" in a path without it.
_MAY_BE_RELATIVE = (
    {"PATH_SUPPORTS_BLEND_RELATIVE"}
    if "is_path_supports_blend_relative" in bpy.types.Property.bl_rna.properties
    else set()
)

_DEFAULTS = settings.StylizeSettings()

# The names are those of ``settings.HOLDS``.
_HOLD_ITEMS = (
    ("surfaces", "Locked to Surfaces", "Strokes travel with what they are painted on, for seconds", 0),
    ("threes", "On Threes", "Strokes are painted anew every third frame; in between they travel with the picture", 1),
    ("twos", "On Twos", "Strokes are painted anew every second frame; in between they travel with the picture", 2),
    (
        "every-frame",
        "Every Frame",
        "Each frame is painted by itself: strokes boil, as in film painted frame by frame",
        3,
    ),
)


class StyleList:
    """The presets and the editor's own styles as a menu, with their thumbnails as icons."""

    def __init__(self) -> None:
        self.presets: list[core_link.Preset] = []
        self.problem: errors.ModelError | None = None  # why there are no presets; the panel shows it
        self.damaged: list[errors.StyleError] = []  # what is wrong with some of the editor's own
        self._items: dict[str, list[tuple[str, str, str, int, int]]] = {}  # Blender needs the very strings to stay
        self._past: list[object] = []
        self._icons: Any = None
        self._tried: dict[str, Path] = {}  # the current frame in each style, where it was tried
        self._tried_icons: Any = None
        self._shipped: list[core_link.Preset] = []

    def load(self) -> None:
        """Reads presets and own styles. Without presets the panel says why; everything else still works."""
        from bpy.utils import previews

        self._icons, self._tried_icons = previews.new(), previews.new()
        self.problem = None
        try:
            self._shipped = core_link.read_presets()
        except errors.ModelError as error:
            self.problem = error
        self.load_own()

    def load_own(self) -> None:
        """Reads the editor's own styles anew."""
        own, self.damaged = core_link.read_own_styles(preferences.user_folder("styles", create=False))
        self.presets = [*self._shipped, *own]
        self._forget_items()

    def show_trial(self, painted: Mapping[str, Path]) -> None:
        """Shows these pictures as the thumbnails of their styles; the pictures of an older trial are given up."""
        from bpy.utils import previews

        if self._tried_icons is not None and not self._tried.items() <= painted.items():
            previews.remove(self._tried_icons)
            self._tried_icons = previews.new()
        if self._tried != painted:
            self._tried = dict(painted)
            self._forget_items()

    def thumbnail_of(self, preset: core_link.Preset) -> int:
        """The number of the icon of a style: the current frame in it where it was tried; 0 when there is none."""
        if preset.style in self._tried:
            return self._icon_of(self._tried[preset.style], self._tried_icons)
        return self.icon_of(preset.thumbnail) if preset.thumbnail is not None else 0

    def _forget_items(self) -> None:
        self._past.append(self._items)  # a menu that is open still reads them
        self._items = {}

    def icon_of(self, picture: Path) -> int:
        """The number of an icon that shows a picture as it is now; 0 where it cannot be read."""
        return self._icon_of(picture, self._icons)

    def _icon_of(self, picture: Path, icons: Any) -> int:
        try:
            key = f"{picture} {picture.stat().st_mtime_ns}"  # a picture that was written anew is another icon
        except OSError:
            return 0
        if key not in icons:
            icons.load(key, str(picture), "IMAGE")
        return int(icons[key].icon_id)

    def unload(self) -> None:
        """Frees the icons."""
        from bpy.utils import previews

        for icons in (self._icons, self._tried_icons):
            if icons is not None:
                previews.remove(icons)
        self._icons = self._tried_icons = None
        self._tried = {}
        self._shipped, self.presets, self._items, self._past = [], [], {}, []

    def title(self, style: str) -> str:
        """What the editor reads for a style; for a picture its name, whatever system its path is from."""
        if settings.picture_of(style) is not None:
            return PureWindowsPath(style).name
        return next((preset.title for preset in self.presets if preset.style == style), style)

    def is_own(self, style: str) -> bool:
        """True for one of the editor's own styles."""
        return any(one.style == style for one in self.presets[len(self._shipped) :])

    def default(self) -> str:
        """The style to begin with; empty when there is none."""
        known = [preset.style for preset in self.presets]
        return _DEFAULTS.style if _DEFAULTS.style in known else next(iter(known), "")

    def items(self, picture: str) -> list[tuple[str, str, str, int, int]]:
        """The menu's entries: the presets, and the picture at this path, empty = none is chosen yet."""
        if picture not in self._items and self.presets:
            entries = [(one.style, one.title, "", self.thumbnail_of(one), _number(one.style)) for one in self.presets]
            title = self.title(picture) if picture else "Any Picture"
            icon = self.icon_of(Path(picture)) if picture else 0
            self._items[picture] = [*entries, (PICTURE, title, "", icon, _number(PICTURE))]
        return self._items.get(picture, [])


STYLES = StyleList()


def _number(style: str) -> int:
    """What a .blend stores for a style: it follows the style's name, not its place in the list."""
    return zlib.crc32(style.encode()) & 0x7FFFFFFF


def _style_items(owner: Any, _context: Any) -> list[tuple[str, str, str, int, int]]:
    """The menu's entries; Blender asks for them at each draw, and takes only a plain function."""
    return STYLES.items(owner.picture_path() if owner is not None else "")


class BrushflowSettings(bpy.types.PropertyGroup):
    """What the next press of Stylize will paint with; on the scene."""

    style: EnumProperty(
        name="Style",
        description="The picture whose manner the strip is painted in",
        items=_style_items,
        default=_number(_DEFAULTS.style),
    )
    picture: StringProperty(
        name="Picture",
        description="Any painting, drawing or photograph; the strip is painted in its manner",
        subtype="FILE_PATH",
        options=_MAY_BE_RELATIVE,
    )
    quality: EnumProperty(
        name="Quality",
        description="How much work is put into each frame",
        items=[
            ("DRAFT", "Draft", "Several times as fast: the same strokes with soft contours, to try things out"),
            ("FINAL", "Final", "Sharp strokes and contours, what moves uncovers is painted afresh; for the render"),
            (
                "MASTER",
                "Master",
                "Every frame's pixels are optimised towards the style: richer strokes, about thirty times as slow. "
                "Needs a Python with torch, which the preferences name",
            ),
        ],
        default=_DEFAULTS.quality.upper(),
    )
    brush_size: FloatProperty(
        name="Brush Size",
        description=(
            "Width of the strokes in the picture: the same in a small draft and a large final. "
            "A wide brush leaves out small things and paints faster, a fine one keeps them"
        ),
        default=_DEFAULTS.brush_size,
        min=settings.BRUSH_SIZE_RANGE[0],
        max=settings.BRUSH_SIZE_RANGE[1],
        step=10,
        precision=2,
    )
    colour_lock: FloatProperty(
        name="Colour Lock",
        description=(
            "Keeps the colours of the strip: at 0 it takes the colours of the style, "
            "at 1 strokes, light and shade are painted in the strip's own colours"
        ),
        default=_DEFAULTS.colour_lock,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    stability: FloatProperty(
        name="Stability",
        description=(
            "How firmly held strokes stay on what they are painted on: lower values let each frame's own painting "
            "through, 0 paints every frame afresh"
        ),
        default=_DEFAULTS.stability,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    hold_strokes: EnumProperty(
        name="Hold Strokes",
        description="How long strokes live before others take their place",
        items=_HOLD_ITEMS,
        default=_DEFAULTS.hold_strokes,
    )
    anchor_spacing: IntProperty(
        name="New Areas Every",
        description=(
            "Frames from one look for what has come into view to the next, where strokes are locked to surfaces: "
            "fewer paint new areas sooner, more are calmer"
        ),
        default=_DEFAULTS.anchor_spacing,
        min=settings.ANCHOR_SPACING_RANGE[0],
        max=settings.ANCHOR_SPACING_RANGE[1],
    )
    exact_motion: BoolProperty(
        name="Exact Motion",
        description=(
            "For scene strips: Blender renders how everything moves, so that strokes stay exactly on what they are "
            "painted on. Off, motion is estimated from the pictures, as for movies"
        ),
        default=True,
    )

    def picture_path(self) -> str:
        """The whole path of the chosen picture; empty where none is chosen."""
        return absolute(self.picture) if self.picture else ""

    def use_picture(self, path: str, *, relative: bool) -> None:
        """Makes a picture the style. Its path is stored relative to the .blend where that is saved and can be."""
        self.picture = path
        if relative and bpy.data.filepath:
            with contextlib.suppress(ValueError):  # it lies on another drive
                self.picture = bpy.path.relpath(path)
        self.style = PICTURE

    def frozen(self, style: str, device: str) -> settings.StylizeSettings:
        """The choices as the worker takes them. Floats are rounded: Blender stores 0.7 as 0.69999999.

        Raises:
            StyleError: the style is to be a picture, and none is chosen.
        """
        style = style or self.style or STYLES.default()
        if style == PICTURE:
            style = self.picture_path()
            if not style:
                raise errors.StyleError(
                    "No picture is chosen as the style.", "Press Use a Picture, or choose a preset."
                )
        elif settings.picture_of(style) is not None:
            style = absolute(style)
        return settings.StylizeSettings(
            style=style,
            brush_size=round(self.brush_size, 4),
            colour_lock=round(self.colour_lock, 4),
            stability=round(self.stability, 4),
            hold_strokes=self.hold_strokes,
            anchor_spacing=self.anchor_spacing,
            quality=self.quality.lower(),
            device=device,
        )


def absolute(path: str) -> str:
    """A path as the worker needs it, which runs elsewhere: "//" is the folder of the .blend."""
    return os.path.abspath(bpy.path.abspath(path))


class BrushflowMark(bpy.types.PropertyGroup):
    """Ties a result strip to its source; on strips. Copied with the strip when it is split or duplicated."""

    uid: StringProperty(name="Identifier", options={"HIDDEN"})
    source_uid: StringProperty(name="Source", description="Identifier of the painted strip", options={"HIDDEN"})
    settings: StringProperty(name="Settings", description="What to paint it with, as JSON", options={"HIDDEN"})
    painted_with: StringProperty(name="Painted With", description="What it was painted with", options={"HIDDEN"})
    source_state: StringProperty(name="Source State", description="What the source was then", options={"HIDDEN"})


_CLASSES = (BrushflowSettings, BrushflowMark)


def register() -> None:
    """Adds the properties to scenes and strips."""
    STYLES.load()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.brushflow = PointerProperty(type=BrushflowSettings)
    strips.strip_class().brushflow = PointerProperty(type=BrushflowMark)


def unregister() -> None:
    """Takes them away again; what is stored in the file stays."""
    del strips.strip_class().brushflow
    del bpy.types.Scene.brushflow
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    STYLES.unload()
