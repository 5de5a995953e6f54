# SPDX-License-Identifier: GPL-3.0-or-later
"""The curve of coherence over the selected result strip: one point a frame, red where it is worth a look.

Nothing is worked out while the switch is off; while it is on, a curve is made anew only where the figures or the frames
that the strip shows have changed.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from ..jobs import timer
from ..jobs.queue import QUEUE
from ..storage.coherence import Coherence, height, line_of
from ..storage.coherence_state import COHERENCE
from ..timeline import result_strip, strips
from .over_timeline import OverTimeline

_LOW, _HIGH = 0.16, 0.66  # of a channel: over the bar of what is painted, below the strip's name
_LINE = 1.6  # pixels at scale 1
_GROUND = (0.0, 0.0, 0.0, 0.45)
_LIMIT = (1.0, 1.0, 1.0, 0.25)
_CALM = (0.80, 0.88, 0.95, 1.0)
_POOR = (0.98, 0.30, 0.26, 1.0)


@dataclasses.dataclass(frozen=True)
class _Curve:
    """One curve, ready to be drawn: one unit across is a frame, from 0 at the bottom to 1 at the top."""

    made_from: tuple[Any, ...]
    ground: Any
    line: Any


class Curves(OverTimeline):
    """The curves of the timelines that are open, by the name of scene and strip."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: dict[tuple[str, str], _Curve] = {}

    def forget(self) -> None:
        """Lets go of the curves."""
        self._curves.clear()

    def draw(self) -> None:
        """Draws the curves of one timeline; called by Blender."""
        context = bpy.context
        if not context.window_manager.brushflow_coherence.show_curve:
            if self._curves:
                self._curves.clear()
            return
        scene = strips.timeline_scene(context)
        if scene is None or scene.sequence_editor is None:
            return
        for strip in _selected_results(scene.sequence_editor):
            curve = self._curve(scene, strip)
            if curve is not None:
                _draw_curve(context, strip, curve)

    def _curve(self, scene: Any, strip: Any) -> _Curve | None:
        run, job = result_strip.run_of(strip), QUEUE.job_of(strip)
        finished = len(job.state.finished) if job is not None else -1
        found = COHERENCE.of(run, finished, timer.redraw_soon)
        if found is None or not found.figures:
            return None
        keys = tuple(key.timeline_frame for key in getattr(strip, "retiming_keys", ()))
        span = strips.first_frame(strip), strips.end_frame(strip), strips.content_range(strip)
        key, made_from = (scene.name, strip.name), (found, span, keys, strip.use_reverse_frames, strip.strobe)
        curve = self._curves.get(key)
        if curve is None or curve.made_from != made_from:
            curve = self._curves[key] = _made(found, strip, made_from)
        return curve


def _selected_results(editor: Any) -> list[Any]:
    """The selected results, and those of the active strip where that is selected itself."""
    active = editor.active_strip
    uid = active.brushflow.uid if active is not None and active.select else ""
    return [
        strip
        for strip in strips.displayed(editor)
        if strip.type == "IMAGE"
        and strip.brushflow.source_uid
        and (strip.select or (uid and strip.brushflow.source_uid == uid))
    ]


def _made(found: Coherence, strip: Any, made_from: tuple[Any, ...]) -> _Curve:
    first = strips.first_frame(strip)
    points: list[tuple[float, float, float]] = []
    colours: list[tuple[float, ...]] = []
    for one, other, is_poor in line_of(found, result_strip.shown_pictures(strip)):
        points += [(x - first, y, 0.0) for x, y in (one, other)]
        colours += [_POOR if is_poor else _CALM] * 2
    end = strips.length(strip)
    corners = [(0.0, 0.0), (end, 0.0), (end, 1.0), (0.0, 0.0), (end, 1.0), (0.0, 1.0)]
    ground = batch_for_shader(gpu.shader.from_builtin("UNIFORM_COLOR"), "TRIS", {"pos": corners})
    limit = [(0.0, height(1.0), 0.0), (end, height(1.0), 0.0)]
    shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    line = batch_for_shader(shader, "LINES", {"pos": limit + points, "color": [_LIMIT] * 2 + colours})
    return _Curve(made_from, ground, line)


def _draw_curve(context: Any, strip: Any, curve: _Curve) -> None:
    region, scale = context.region, context.preferences.system.ui_scale
    gpu.state.blend_set("ALPHA")
    with gpu.matrix.push_pop():
        gpu.matrix.translate((strips.first_frame(strip), strip.channel + _LOW))
        gpu.matrix.scale((1.0, _HIGH - _LOW))
        plain = gpu.shader.from_builtin("UNIFORM_COLOR")
        plain.uniform_float("color", _GROUND)
        curve.ground.draw(plain)
        shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
        shader.uniform_float("viewportSize", (region.width, region.height))
        shader.uniform_float("lineWidth", _LINE * scale)
        curve.line.draw(shader)
    gpu.state.blend_set("NONE")


CURVES = Curves()
