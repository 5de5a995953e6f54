# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a painting holds together least: Go to Worst Frame, its panel, and the switch of the curve."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent
from bpy.props import BoolProperty, PointerProperty

from ..core_link import errors
from ..jobs import timer
from ..jobs.queue import QUEUE
from ..storage.coherence import Coherence, Place, next_worst, sure_frame
from ..storage.coherence_state import COHERENCE
from ..timeline import result_strip, strips
from . import coherence_curve, panels


def _switched(_owner: Any, _context: Any) -> None:
    timer.redraw()


class BrushflowCoherence(bpy.types.PropertyGroup):
    """What is shown of coherence; on the window manager, so it is not stored in any file."""

    show_curve: BoolProperty(
        name="Curve on the Strip",
        description=(
            "Draw over the selected result how much its paint changes along the motion, from frame to frame: "
            "low is calm, red is worth a look"
        ),
        update=_switched,
    )


@dataclasses.dataclass
class _Tour:
    """The places that were shown of some results, worst first; forgotten when other ones are looked at."""

    about: tuple[Any, ...] = ()
    visited: list[int] = dataclasses.field(default_factory=list)
    sentence: str = ""


_tour = _Tour()


def results_meant(scene: Any) -> list[Any]:
    """The result of the active strip, or of the first selected one that has one; of a meta strip those inside it."""
    if scene is None or scene.sequence_editor is None:
        return []
    _, result = panels.active_pair(scene)
    if result is not None:
        return [result]
    active = scene.sequence_editor.active_strip
    return _inside(active) if active is not None and active.select and active.type == "META" else []


def _inside(meta: Any) -> list[Any]:
    found = []
    for strip in strips.contents(meta):
        if strip.type == "META":
            found += _inside(strip)
        elif result_strip.is_result(strip) and not strip.mute:
            found.append(strip)
    return found


def known(result: Any) -> Coherence | None:
    """The figures of a result as far as they are known; looks at memory only."""
    job = QUEUE.job_of(result)
    finished = len(job.state.finished) if job is not None else -1
    return COHERENCE.of(result_strip.run_of(result), finished, timer.redraw_soon)


def places(scene: Any, result: Any) -> list[Place]:
    """The frames of a result that are seen and measured, with what is to be said of each; looks at the disk.

    Where a picture is shown for several frames, the first of them stands for all; of a retimed result the one at which
    Blender surely renders it.
    """
    found = COHERENCE.look(result_strip.run_of(result))
    shown = result_strip.shown_pictures(result)
    if not shown:
        return []
    first = min(shown)
    strengths = strips.strengths(scene, result, first, max(shown) - first + 1)
    held: dict[int, list[int]] = {}
    for frame, index in sorted(shown.items()):
        if strengths[frame - first] > 0.0 and found.badness(index) > 0.0:
            held.setdefault(index, []).append(frame)
    is_retimed = result_strip.is_retimed(result)
    chosen = {index: sure_frame(frames) if is_retimed else frames[0] for index, frames in held.items()}
    return [
        Place(frame, found.badness(index), f"Frame {frame}: {found.reason(index)}.") for index, frame in chosen.items()
    ]


def go_on(scene: Any, results: list[Any]) -> Place:
    """Moves the playhead to the worst place that was not shown yet, and begins anew after the last one.

    Raises:
        BrushflowError: there is nothing to go to; says why.
    """
    found = [place for result in results for place in places(scene, result)]
    if not found:
        raise errors.MediaError(
            f"Nothing was measured of {results[0].name!r}: the figures come with the painting, where frames follow "
            "each other.",
            "Stylize it, or raise its strength where it is to be seen.",
        )
    about = (scene.name, *(str(result_strip.run_of(result)) for result in results))
    if _tour.about != about:
        _tour.about, _tour.visited = about, []
    place = next_worst(found, _tour.visited)
    if place is None:
        _tour.visited.clear()
        place = next_worst(found, [])
        assert place is not None
    _tour.visited.append(place.timeline_frame)
    _tour.sentence = place.sentence
    for result in filter(result_strip.is_retimed, results):
        result_strip.refresh(result)  # else the preview may show the picture beside it, kept from the frame before
    scene.frame_set(place.timeline_frame)
    return place


class BRUSHFLOW_OT_worst_frame(bpy.types.Operator):
    """Move the playhead to where the selected painting holds together least; press again for the next worst"""

    bl_idname = "brushflow.worst_frame"
    bl_label = "Go to Worst Frame"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where a painted strip is selected."""
        if not results_meant(strips.timeline_scene(context)):
            cls.poll_message_set("Select a painted strip")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        """Moves it, and says why there."""
        scene = strips.timeline_scene(context)
        try:
            place = go_on(scene, results_meant(scene))
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        _bring_into_view(context, place.timeline_frame)
        timer.redraw()
        self.report({"INFO"}, place.sentence)
        return {"FINISHED"}


def _bring_into_view(context: Any, frame: int) -> None:
    """Scrolls the timeline to the playhead where it does not show it."""
    area = context.area
    if area is None or area.type != "SEQUENCE_EDITOR" or area.spaces.active.view_type == "PREVIEW":
        return
    region = next(region for region in area.regions if region.type == "WINDOW")
    left, right = (region.view2d.region_to_view(x, 0)[0] for x in (0, region.width))
    if not left <= frame <= right:
        with context.temp_override(area=area, region=region):
            if bpy.ops.sequencer.view_frame.poll():
                bpy.ops.sequencer.view_frame()


class BRUSHFLOW_PT_coherence(bpy.types.Panel):
    """How well the selected painting holds together"""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Brushflow"
    bl_label = "Coherence"
    bl_parent_id = "BRUSHFLOW_PT_main"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where a painted strip is selected."""
        return bool(results_meant(strips.timeline_scene(context)))

    def draw(self, context: Any) -> None:
        """Figures, switch, button, and what was said of the last frame. Looks at memory only."""
        layout = self.layout
        results = results_meant(strips.timeline_scene(context))
        layout.prop(context.window_manager.brushflow_coherence, "show_curve")
        column = layout.column(align=True)
        for line in _told(results[0]) if len(results) == 1 else []:
            column.label(text=line)
        layout.operator("brushflow.worst_frame", icon="VIEWZOOM")
        is_here = _tour.about[1:] == tuple(str(result_strip.run_of(result)) for result in results)
        if is_here and _tour.sentence:
            panels.draw_sentences(layout.column(align=True), context, "INFO", _tour.sentence)


def _told(result: Any) -> list[str]:
    found = known(result)
    if found is None:
        return ["Looking at the figures…"]
    if found.usual is None:
        return ["Nothing was measured yet"]
    poor = sum(map(found.is_poor, found.figures))
    worst = max(one.warp_error or 0.0 for one in found.figures.values())
    said = f"{poor} of {len(found.figures)} frames are worth a look" if poor else "All frames hold together"
    return [said, f"Warp error {found.usual:.5f}, worst {worst:.5f}"]


@persistent
def _after_load(*_arguments: Any) -> None:
    COHERENCE.forget()
    _tour.about, _tour.sentence = (), ""


_CLASSES = (BrushflowCoherence, BRUSHFLOW_OT_worst_frame, BRUSHFLOW_PT_coherence)


def register() -> None:
    """Adds the panel and the curve."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.brushflow_coherence = PointerProperty(type=BrushflowCoherence)
    bpy.app.handlers.load_post.append(_after_load)
    if not bpy.app.background:
        coherence_curve.CURVES.start()


def unregister() -> None:
    """Takes them away again."""
    coherence_curve.CURVES.stop()
    bpy.app.handlers.load_post.remove(_after_load)
    del bpy.types.WindowManager.brushflow_coherence
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    _after_load()
