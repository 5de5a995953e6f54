# SPDX-License-Identifier: GPL-3.0-or-later
"""What is stored in the .blend: the choices for the next painting, and the marks that tie a result to its source."""

import contextlib
import os
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from .core_link import errors, settings
from .styles.style_list import PICTURE, STYLES, number_of
from .timeline import strips

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

# The names are those of ``settings.FLOWS`` that every Blender can run.
_FLOW_ITEMS = (
    ("dis-fast", "Fast", "Two thirds of the time, for drafts: strokes at the edges of moving things slip sooner", 0),
    ("dis", "Normal", "Good on most strips", 1),
    (
        "dis-fine",
        "Fine",
        "Errs about half as much as Normal, and takes six times as long",
        2,
    ),
)


def _style_items(owner: Any, _context: Any) -> list[tuple[str, str, str, int, int]]:
    """The menu's entries; Blender asks for them at each draw, and takes only a plain function."""
    return STYLES.items(owner.picture_path() if owner is not None else "")


class BrushflowSettings(bpy.types.PropertyGroup):
    """What the next press of Stylize will paint with; on the scene."""

    style: EnumProperty(
        name="Style",
        description="The picture whose manner the strip is painted in",
        items=_style_items,
        default=number_of(_DEFAULTS.style),
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
            ("DRAFT", "Draft", "Less than half the time: the same strokes with soft contours, to try things out"),
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
    resolution: IntProperty(
        name="Resolution",
        description=(
            "Size at which frames are read and painted, of the render's: at 50 % strokes are as wide and lie in the "
            "same places, contours are coarser, and frames take a fraction of time, memory and disk"
        ),
        default=_DEFAULTS.resolution,
        min=settings.RESOLUTION_RANGE[0],
        max=settings.RESOLUTION_RANGE[1],
        subtype="PERCENTAGE",
    )
    clarity: FloatProperty(
        name="Clarity",
        description=(
            "Shows more of the strip: plain ground is painted more calmly, and faint contours are brought out, "
            "so that strokes do not run over them; 0 is what suits the style"
        ),
        default=_DEFAULTS.clarity,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
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
    flow: EnumProperty(
        name="Motion",
        description="How carefully the motion along which strokes travel is estimated from the pictures",
        items=_FLOW_ITEMS,
        default=_DEFAULTS.flow,
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
            clarity=round(self.clarity, 4),
            colour_lock=round(self.colour_lock, 4),
            stability=round(self.stability, 4),
            hold_strokes=self.hold_strokes,
            anchor_spacing=self.anchor_spacing,
            flow=self.flow,
            resolution=self.resolution,
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
