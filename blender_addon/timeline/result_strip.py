# SPDX-License-Identifier: GPL-3.0-or-later
"""Places the result strip, finds it again, and makes Blender show its new pictures.

A result is an ordinary image strip over its source; nothing of this add-on has to run to show or render it. Source and
result know each other by identifiers stored on both. Blender copies those when a strip is split or duplicated, so the
nearest strip in time is the one that is meant, and an identifier that turns out to be shared is renewed.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ..core_link import errors
from ..storage import run_folder
from . import strips

SUFFIX = " (Brushflow)"
COLOUR_TAG = "COLOR_06"
_LAST_CHANNEL = 128
_CARRIED = (
    "blend_type",
    "blend_alpha",
    "mute",
    "lock",
    "color_tag",
    "color_saturation",
    "color_multiply",
    "use_flip_x",
    "use_flip_y",
)


def is_result(strip: Any) -> bool:
    """True for a strip that shows painted frames."""
    return strip.type == "IMAGE" and bool(strip.brushflow.source_uid)


def run_of(result: Any) -> Path:
    """The folder whose pictures a result strip shows."""
    return _folder(result.directory, bpy.data.filepath)


@functools.lru_cache(maxsize=512)
def _folder(directory: str, _blend: str) -> Path:
    """A folder as Blender stores it, relative to the .blend. Kept, as each drawing of the panel asks for it."""
    return Path(os.path.normpath(bpy.path.abspath(directory)))


def results_of(editor: Any, source: Any) -> list[Any]:
    """The results that lie over a source: several when the result was split."""
    uid = source.brushflow.uid
    if not uid:
        return []
    level = list(strips.siblings(editor, source))
    twins = [strip for strip in level if strip.brushflow.uid == uid and not is_result(strip)]
    results = [strip for strip in level if is_result(strip) and strip.brushflow.source_uid == uid]
    return [result for result in results if _nearest(result, twins) == source]


def source_of(editor: Any, result: Any) -> Any:
    """The strip that a result was painted from; None when it is gone."""
    uid = result.brushflow.source_uid
    level = strips.siblings(editor, result)
    twins = [strip for strip in level if strip.brushflow.uid == uid and not is_result(strip)]
    return _nearest(result, twins) if twins else None


def _nearest(strip: Any, others: Sequence[Any]) -> Any:
    """Which of the others shares most frames with a strip; among equals the one on the nearest channel."""

    def nearness(other: Any) -> tuple[int, int]:
        begin = max(strips.first_frame(strip), strips.first_frame(other))
        end = min(strips.end_frame(strip), strips.end_frame(other))
        return end - begin, -abs(strip.channel - other.channel)

    return max(others, key=nearness)


def nearest(source: Any, results: Sequence[Any]) -> Any:
    """Which of a source's results lies over it most."""
    return _nearest(source, results)


def own_uids(editor: Any, source: Any, results: Sequence[Any], heirs: Sequence[Any]) -> str:
    """Gives a source, and those of its results that are to be painted, identifiers that no other strip has.

    Args:
        editor: the sequence editor.
        source: the strip that is painted.
        results: all its results.
        heirs: those of them that will show the new painting; all get the same identifier.

    Returns:
        The identifier of the heirs, or of the result to be made when there are none.
    """
    everything = list(strips.every(editor))
    if not source.brushflow.uid or _shares(everything, source.brushflow.uid, [source]):
        source.brushflow.uid = run_folder.new_uid()
    uid = heirs[0].brushflow.uid if heirs else ""
    if not uid or _shares(everything, uid, heirs):
        uid = run_folder.new_uid()
    for result in results:
        result.brushflow.source_uid = source.brushflow.uid
    for heir in heirs:
        heir.brushflow.uid = uid
    return uid


def _shares(everything: Sequence[Any], uid: str, owners: Sequence[Any]) -> bool:
    return any(strip.brushflow.uid == uid and strip not in owners for strip in everything)


def fits(result: Any, source: Any) -> bool:
    """True when the result's pictures stand for exactly the frames the source shows now."""
    return strips.content_range(result) == (strips.first_frame(source), strips.length(source))


def index_under_playhead(result: Any) -> int:
    """Which of its pictures a result shows now; outside of 0 … length - 1 when none."""
    return int(result.id_data.frame_current - strips.content_range(result)[0])


def shown_pictures(result: Any) -> dict[int, int]:
    """The frame_index of the picture that a result shows, by timeline_frame, through handles, retiming and reversal.

    Only frames that are seen: inside a meta strip those that it does not trim away. Where a result is slowed down,
    Blender may render the picture before it: it rounds to find a picture, and keeps it under the number rounded down.
    """
    first, end = strips.first_frame(result), strips.end_frame(result)
    meta = result.parent_meta()
    while meta is not None:
        first, end = max(first, strips.first_frame(meta)), min(end, strips.end_frame(meta))
        meta = meta.parent_meta()
    elements = ((frame, result.strip_elem_from_frame(frame)) for frame in range(first, end))
    numbers = ((frame, element.filename.partition(".")[0]) for frame, element in elements if element is not None)
    return {frame: int(number) - 1 for frame, number in numbers if number.isdigit()}


def is_retimed(result: Any) -> bool:
    """True where its pictures do not follow one another frame by frame."""
    return len(getattr(result, "retiming_keys", ())) > 0


def show_run(result: Any, run: Path, cache: Path) -> None:
    """Switches a result to the pictures of another run, all at once."""
    result.directory = _stored_path(run, cache)
    refresh(result)


def refresh(result: Any) -> None:
    """Makes Blender read the pictures anew: 5.x keeps showing, even rendering, what a file held before."""
    result.invalidate_cache("RAW")


def find(uid: str, run: Path) -> list[Any]:
    """The strips, in whichever scene and under whichever name, that show the run of a result."""
    found = []
    for scene in bpy.data.scenes:
        if scene.sequence_editor is not None:
            shown = (strip for strip in strips.every(scene.sequence_editor) if strip.brushflow.uid == uid)
            found += [strip for strip in shown if is_result(strip) and run_of(strip) == run]
    return found


def place(context: Any, scene: Any, source: Any, run: Path, frames: Sequence[str], cache: Path) -> Any:
    """Lays a new result strip over its source, on the next free channel.

    The selection and the active strip stay as they were; Python's references to strips may not be used any more. Built
    by Blender's own operator: strips built by ``elements.append`` hold garbage sizes, and Blender can crash on them
    when a file is missing.

    Raises:
        BrushflowError: no channel is free.
    """
    editor = scene.sequence_editor
    channel = free_channel(editor, source)
    first, source_name = strips.first_frame(source), source.name
    before = {strip.name: strip.select for strip in strips.displayed(editor)}
    active = editor.active_strip.name if editor.active_strip else ""
    fitting = scene.tool_settings.sequencer_tool_settings
    kept_fit = fitting.fit_method if fitting else ""
    with _sequencer_area(context, scene) as area:
        region = next(region for region in area.regions if region.type == "WINDOW")
        window = context.window or context.window_manager.windows[0]
        with context.temp_override(window=window, area=area, region=region, scene=scene):
            bpy.ops.sequencer.image_strip_add(
                directory=str(run) + os.sep,
                files=[{"name": name} for name in frames],
                channel=channel,
                **strips.image_strip_options(first, len(frames)),
            )
    if fitting:
        fitting.fit_method = kept_fit
    result = next(strip for strip in strips.displayed(editor) if strip.name not in before)
    result.name = source_name + SUFFIX
    result.blend_type = "ALPHA_OVER"
    result.color_tag = COLOUR_TAG
    result.directory = _stored_path(run, cache)
    for strip in strips.displayed(editor):
        strip.select = before.get(strip.name, False)
    editor.active_strip = strips.every(editor).get(active)
    return result


def replace(scene: Any, old: Any, new: Any) -> None:
    """Puts a new result in the place of an old one: channel, name, opacity, look, F-curves, effects that use it."""
    for name in _CARRIED:
        setattr(new, name, getattr(old, name))
    for group in ("transform", "crop"):
        for prop in getattr(old, group).bl_rna.properties:
            if not prop.is_readonly:
                setattr(getattr(new, group), prop.identifier, getattr(getattr(old, group), prop.identifier))
    old_path, new_path = old.path_from_id(), new.path_from_id()
    for _, curve in strips.animations(scene):
        if curve.data_path.startswith(old_path + "."):
            curve.data_path = new_path + curve.data_path.removeprefix(old_path)
    for strip in strips.every(scene.sequence_editor):
        strips.replace_input(strip, old, new)
    name, channel = old.name, old.channel
    strips.siblings(scene.sequence_editor, old).remove(old)
    new.channel = channel
    new.name = name


def free_channel(editor: Any, source: Any) -> int:
    """The lowest channel above a strip that nothing else uses in its range.

    Raises:
        BrushflowError: there is none.
    """
    first, end = strips.first_frame(source), strips.end_frame(source)
    channels = strips.displayed_channels(editor)
    used = {
        strip.channel
        for strip in strips.displayed(editor)
        if strips.first_frame(strip) < end and strips.end_frame(strip) > first
    }
    for channel in range(source.channel + 1, _LAST_CHANNEL + 1):
        closed = channel < len(channels) and (channels[channel].mute or channels[channel].lock)
        if channel not in used and not closed:
            return channel
    raise errors.BrushflowError(
        f"There is no free channel above {source.name!r} (channel {source.channel} of {_LAST_CHANNEL}).",
        "Move a strip that lies above it, or move it further down.",
    )


def _stored_path(run: Path, cache: Path) -> str:
    """The run's folder as the .blend stores it: relative where the cache lies beside the .blend, so both can move."""
    home = Path(bpy.data.filepath).parent
    if bpy.data.filepath and cache.is_relative_to(home):
        return bpy.path.relpath(str(run)) + os.sep
    return str(run) + os.sep


@contextmanager
def _sequencer_area(context: Any, scene: Any) -> Iterator[Any]:
    """A sequencer area that shows the scene's timeline; some area becomes one for a moment where there is none."""
    window = context.window or context.window_manager.windows[0]
    showing = [area for area in window.screen.areas if area.type == "SEQUENCE_EDITOR"]
    area = next((area for area in showing if area.spaces.active.view_type != "PREVIEW"), None)
    if area is not None and strips.timeline_scene(context) == scene and not bpy.app.background:
        yield area
        return
    area = next(iter(showing), window.screen.areas[0])
    kept_type, kept_scene = area.type, strips.show_timeline(window, scene)
    area.type = "SEQUENCE_EDITOR"
    kept_view, area.spaces.active.view_type = area.spaces.active.view_type, "SEQUENCER"
    try:
        yield area
    finally:
        area.spaces.active.view_type = kept_view
        area.type = kept_type
        strips.show_timeline(window, kept_scene)
