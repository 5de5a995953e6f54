# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's picture: the sequencer with the clip and its painting, the Brushflow tab beside them."""

import math
from collections.abc import Generator
from pathlib import Path

import bpy
from edit import add_clip, area, open_tab, open_video_editing, queue, result, scene, wait
from eyes import shot
from hands import move, window

_BESIDE_SIDEBAR = 1.4  # the sidebar lies over the right part of the timeline
_LOWER = 24  # pixels the preview grows; lower strips would have no thumbnails


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Takes one picture while the strip is painted, and one when it is done and its strength is keyframed."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "balloons.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    timeline = yield from open_tab()
    overlay = timeline.spaces.active.timeline_overlay
    overlay.show_strip_source = overlay.show_strip_duration = False
    scene().brushflow.style = order["style"]
    yield from show_whole_timeline(order["length"])
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    half = order["length"] // 2
    yield from wait(lambda: not queue().is_busy or len(queue().current.state.finished) >= half, 200)
    yield from move(timeline.x + 400, timeline.y + 8)
    yield from shot(out / "painting.png")
    yield from wait(lambda: queue().is_settled, 200)
    strip = result()
    for frame, strength in ((1, 0.0), (order["length"] // 3, 1.0)):
        strip.blend_alpha = strength
        strip.keyframe_insert("blend_alpha", frame=frame)
    scene().frame_set(scene().frame_current)
    yield 1.5
    yield from shot(out / "painted.png")
    return {}


def close(*kinds: str) -> Generator[float, None, None]:
    """Closes areas that show nothing of the edit, and gives the preview more room."""
    for kind in kinds:
        unused = next(area for area in window().screen.areas if area.type == kind)
        with bpy.context.temp_override(window=window(), area=unused, region=unused.regions[0]):
            bpy.ops.screen.area_close()
        yield 0.5
    preview = area("PREVIEW")
    with bpy.context.temp_override(window=window()):
        bpy.ops.screen.area_move(x=window().width // 2, y=preview.y - 1, delta=-_LOWER)
    yield 0.5
    region = next(region for region in preview.regions if region.type == "PREVIEW")
    with bpy.context.temp_override(window=window(), area=preview, region=region):
        bpy.ops.sequencer.view_all_preview()


def show_whole_timeline(length: int, beside: float = _BESIDE_SIDEBAR) -> Generator[float, None, None]:
    """Zooms the timeline so that the whole clip lies left of the sidebar: Blender zooms to the scene's range."""
    timeline, shown = area(), scene()
    region = next(region for region in timeline.regions if region.type == "WINDOW")
    shown.frame_end = math.ceil(length * beside)
    with bpy.context.temp_override(window=window(), area=timeline, region=region):
        bpy.ops.sequencer.view_all()
    yield 0.8
    shown.frame_end = length
