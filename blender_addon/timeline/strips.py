# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequencer of Blender 4.2 to 5.2 under one set of names. The only file that knows what changed between them.

The child Blender of ``extract.py`` loads this file by its path, so it imports nothing but bpy and the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

HAS_LAYERED_ACTIONS = bpy.app.version >= (4, 4, 0)
HAS_SEQUENCER_SCENE = bpy.app.version >= (5, 0, 0)
PAINTABLE = {"MOVIE", "IMAGE", "SCENE", "META", "MOVIECLIP", "MASK"}


def strip_class() -> Any:
    """The base class of strips: ``Strip``, before 4.4 ``Sequence``."""
    return getattr(bpy.types, "Strip", None) or bpy.types.Sequence


def timeline_scene(context: Any) -> Any:
    """The scene whose timeline the editor sees; None when the sequencer shows none.

    Since 5.0 the sequencer shows the workspace's own scene. Without a window (scripts in background mode) that is often
    not set; then the context's scene is meant.
    """
    if not HAS_SEQUENCER_SCENE:
        return context.scene
    scene = getattr(context, "sequencer_scene", None)
    return context.scene if scene is None and bpy.app.background else scene


def show_timeline(window: Any, scene: Any) -> Any:
    """Makes the window show the timeline of ``scene``; gives what it showed before, for the way back."""
    if HAS_SEQUENCER_SCENE:
        before, window.workspace.sequencer_scene = window.workspace.sequencer_scene, scene
    else:
        before, window.scene = window.scene, scene
    return before


def top_level(editor: Any) -> Any:
    """The strips outside any meta strip."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def every(editor: Any) -> Any:
    """All strips, those inside meta strips too."""
    return editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all


def contents(meta: Any) -> Any:
    """The strips inside a meta strip."""
    return meta.strips if hasattr(meta, "strips") else meta.sequences


def displayed(editor: Any) -> Any:
    """The strips the editor sees: those of the meta strip that was entered, else the top level."""
    return contents(editor.meta_stack[-1]) if len(editor.meta_stack) else top_level(editor)


def displayed_channels(editor: Any) -> Any:
    """The channels that go with ``displayed``."""
    return editor.meta_stack[-1].channels if len(editor.meta_stack) else editor.channels


def siblings(editor: Any, strip: Any) -> Any:
    """The strips on the same level as ``strip``, itself included."""
    meta = strip.parent_meta()
    return contents(meta) if meta is not None else top_level(editor)


def inputs(strip: Any) -> list[Any]:
    """The strips an effect works on."""
    found = (getattr(strip, name, None) for name in ("input_1", "input_2"))
    return [source for source in found if source is not None]


def replace_input(strip: Any, old: Any, new: Any) -> None:
    """Makes an effect that works on ``old`` work on ``new``."""
    for name in ("input_1", "input_2"):
        if getattr(strip, name, None) == old:
            setattr(strip, name, new)


def is_paintable(strip: Any) -> bool:
    """True for strips that show a picture of their own. An adjustment layer shows none, a sound neither."""
    # In Blender 5 sound has a blend_type, too.
    return strip.type in PAINTABLE or (strip.type not in {"ADJUSTMENT", "SOUND"} and hasattr(strip, "blend_type"))


def first_frame(strip: Any) -> int:
    """timeline_frame of the first frame the strip shows."""
    return int(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def end_frame(strip: Any) -> int:
    """timeline_frame after the last frame the strip shows."""
    return int(strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end)


def length(strip: Any) -> int:
    """How many frames the strip shows."""
    return end_frame(strip) - first_frame(strip)


def content_range(strip: Any) -> tuple[float, int]:
    """timeline_frame at which the strip's content begins, wherever its handles are, and the content's length."""
    if hasattr(strip, "content_start"):
        return float(strip.content_start), int(strip.content_duration)
    return float(strip.frame_start), int(strip.frame_duration)


def fcurves(scene: Any) -> Iterator[tuple[Any, Any]]:
    """Each F-curve of a scene, with the collection it can be removed from."""
    data = scene.animation_data
    if data is None or data.action is None:
        return
    if not HAS_LAYERED_ACTIONS:
        bags = [data.action]
    elif data.action_slot is None:
        bags = []
    else:
        layers = (strip for layer in data.action.layers for strip in layer.strips)
        bags = [bag for strip in layers if (bag := strip.channelbag(data.action_slot)) is not None]
    for bag in bags:
        for curve in list(bag.fcurves):
            yield bag.fcurves, curve


def animations(scene: Any) -> Iterator[tuple[Any, Any]]:
    """Each F-curve and each driver of a scene, with the collection it can be removed from."""
    yield from fcurves(scene)
    if scene.animation_data is not None:
        for driver in list(scene.animation_data.drivers):
            yield scene.animation_data.drivers, driver


def curve_of(scene: Any, strip: Any, name: str) -> Any:
    """The F-curve of one of the strip's properties, such as "blend_alpha" or "transform.scale_x"; None without one."""
    path = f"{strip.path_from_id()}.{name}"
    return next((curve for _, curve in fcurves(scene) if curve.data_path == path), None)


def strengths(scene: Any, strip: Any, first: int, count: int) -> tuple[float, ...]:
    """The strip's opacity at ``count`` timeline frames from ``first`` on, 0 … 1, as the renderer uses it.

    A muted curve leaves the property as it is; the curve itself does not know the property's range. What a driver will
    do cannot be foreseen: then every frame counts as visible.
    """
    path = strip.path_from_id("blend_alpha")
    if scene.animation_data is not None and any(driver.data_path == path for driver in scene.animation_data.drivers):
        return (1.0,) * count
    curve = curve_of(scene, strip, "blend_alpha")
    if curve is None or curve.mute:
        return (float(strip.blend_alpha),) * count
    return tuple(min(1.0, max(0.0, curve.evaluate(frame))) for frame in range(first, first + count))


def set_png_output(scene: Any) -> None:
    """Stills are written as RGBA PNG, 8 bit, hardly compressed: they live only as long as the job."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format = "PNG"
    image.color_mode = "RGBA"
    image.color_depth = "8"
    image.compression = 10
    image.color_management = "FOLLOW_SCENE"


def set_passes_output(scene: Any) -> None:
    """Stills are written with all their passes, 32 bit, as ``core/flow/exr.py`` reads them: uncompressed."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    image.color_depth = "32"
    image.exr_codec = "NONE"


def set_neutral_colour(scene: Any) -> None:
    """Pictures are written as the sequencer holds them, without a view transform: as a strip they show the same."""
    view = scene.view_settings
    scene.display_settings.display_device = "sRGB"
    view.view_transform = "Standard"
    view.look = "None"
    view.exposure = 0.0
    view.gamma = 1.0
    view.use_curve_mapping = False
    if hasattr(view, "use_white_balance"):
        view.use_white_balance = False
    scene.render.dither_intensity = 0.0


def image_strip_options(first: int, count: int) -> dict[str, Any]:
    """What ``sequencer.image_strip_add`` must be told: the range, and to change nothing but the timeline.

    A single picture gets the length that is asked for; several get one frame each.
    """
    known = bpy.ops.sequencer.image_strip_add.get_rna_type().properties.keys()
    wanted = {
        "frame_start": first,
        "frame_end": first + count,  # until 4.5
        "length": count,  # since 5.0
        "fit_method": "ORIGINAL",
        "relative_path": False,
        "set_view_transform": False,
        "move_strips": False,
        "use_sequence_detection": False,
        "image_import_type": "SEQUENCE",
    }
    return {name: value for name, value in wanted.items() if name in known}
