# SPDX-License-Identifier: GPL-3.0-or-later
"""A thin bar along each result strip: what is painted, stale, to do or failed, as Blender's own cache bars do.

What a bar says is kept, together with what it was worked out from, and worked out anew only when that changed; drawing
costs a few calls a strip, and nothing where no result is in the timeline.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from .. import preferences
from ..jobs.job_state import Stage
from ..jobs.queue import QUEUE
from ..jobs.timer import redraw_soon
from ..timeline import result_strip, strips
from .bar_state import FrameState, frame_states, runs_of
from .over_timeline import OverTimeline

_HEIGHT = 4.0  # pixels at scale 1
_STRIP_BOTTOM = 0.08  # of a channel: there a strip begins
_LOOK_SECONDS = 0.5
_MOST_LEVELS = 50  # timelines that are remembered
_GROUND = (0.0, 0.0, 0.0, 0.55)
_COLOURS = {
    FrameState.PAINTED: (0.36, 0.72, 0.36, 1.0),
    FrameState.STALE: (0.93, 0.70, 0.20, 1.0),
    FrameState.TO_DO: (0.0, 0.0, 0.0, 0.0),
    FrameState.FAILED: (0.86, 0.24, 0.22, 1.0),
    FrameState.NOT_NEEDED: (0.45, 0.45, 0.45, 0.55),
}


@dataclasses.dataclass(frozen=True)
class _Bar:
    """One bar, ready to be drawn: one unit across is a frame, one unit up the bar's height."""

    cheap: tuple[Any, ...]
    looked_at: float
    states: list[FrameState]
    batch: Any


class Bars(OverTimeline):
    """The bars of the timelines that are open, by the name of scene and strip."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: dict[tuple[str, str], _Bar] = {}
        self._names: dict[tuple[str, str, int], tuple[float, list[str]]] = {}

    def forget(self) -> None:
        """Lets go of the bars."""
        self._bars.clear()
        self._names.clear()

    def draw(self) -> None:
        """Draws the bars of one timeline; called by Blender."""
        context = bpy.context
        scene = strips.timeline_scene(context)
        if scene is None or scene.sequence_editor is None or not preferences.shows_bars():
            return
        results = self._results(scene)
        if not results:
            return
        view = context.region.view2d
        left, low = view.region_to_view(0, 0)
        right, high = view.region_to_view(context.region.width, context.region.height)
        unit = (high - low) / max(1, context.region.height)  # of the view, one pixel
        height = _HEIGHT * context.preferences.system.ui_scale * unit
        gpu.state.blend_set("ALPHA")
        shader = gpu.shader.from_builtin("FLAT_COLOR")
        for strip in results:
            first, end = strips.first_frame(strip), strips.end_frame(strip)
            if end < left or first > right or not low - 1 <= strip.channel <= high:
                continue
            bar = self._bar(scene, strip, first, end)
            with gpu.matrix.push_pop():
                gpu.matrix.translate((strips.content_range(strip)[0], strip.channel + _STRIP_BOTTOM + unit))
                gpu.matrix.scale((1.0, height))
                bar.batch.draw(shader)
        gpu.state.blend_set("NONE")

    def _results(self, scene: Any) -> list[Any]:
        """The results on the level that is shown. All strips are gone through twice a second only."""
        editor = scene.sequence_editor
        level, meta = strips.displayed(editor), editor.meta_stack[-1].name if len(editor.meta_stack) else ""
        now, key = time.monotonic(), (scene.name, meta, len(level))
        looked_at, names = self._names.get(key, (0.0, []))
        if now - looked_at > _LOOK_SECONDS:
            names = [strip.name for strip in level if strip.type == "IMAGE" and strip.brushflow.source_uid]
            self._names = {key: (now, names)} if len(self._names) > _MOST_LEVELS else self._names | {key: (now, names)}
        found = (strips.every(editor).get(name) for name in names)
        return [strip for strip in found if strip is not None and result_strip.is_result(strip)]

    def _bar(self, scene: Any, strip: Any, first: int, end: int) -> _Bar:
        """The strip's bar, made anew where what it says has changed.

        What is cheap is looked at in each drawing; strengths and the strip below twice a second.
        """
        job = QUEUE.job_of(strip)
        painted = job.state.finished if job else QUEUE.painted.of(result_strip.run_of(strip), redraw_soon)
        start, length = strips.content_range(strip)
        has_failed = any(
            other.result_uid == strip.brushflow.uid and other.state.stage is Stage.FAILED for other in QUEUE.paintings
        )
        cheap = (painted, has_failed, first - start, end - start, length, strip.blend_alpha)
        now, key = time.monotonic(), (scene.name, strip.name)
        known = self._bars.get(key)
        if known is not None and known.cheap == cheap and now - known.looked_at < _LOOK_SECONDS:
            return known
        source = result_strip.source_of(scene.sequence_editor, strip)
        is_stale = source is None or not result_strip.fits(strip, source)
        strengths = strips.strengths(scene, strip, int(start), length)
        states = frame_states(length, painted or frozenset(), strengths, is_stale=is_stale, has_failed=has_failed)
        if known is None or known.states != states or known.cheap[2:5] != cheap[2:5]:
            batch = _batch(states, int(first - start), int(end - start))
        else:
            batch = known.batch
        self._bars[key] = _Bar(cheap, now, states, batch)
        return self._bars[key]


def _batch(states: list[FrameState], first: int, end: int) -> Any:
    """Rectangles of the frames that are shown, on a dark ground."""
    corners: list[tuple[float, float]] = []
    colours: list[tuple[float, ...]] = []

    def rectangle(left: float, right: float, colour: tuple[float, ...]) -> None:
        corners.extend(((left, 0), (right, 0), (right, 1), (left, 0), (right, 1), (left, 1)))
        colours.extend((colour,) * 6)

    rectangle(first, end, _GROUND)
    for begin, stop, state in runs_of(states):
        begin, stop = max(begin, first), min(stop, end)
        if begin < stop and _COLOURS[state][3] > 0.0:
            rectangle(begin, stop, _COLOURS[state])
    shader = gpu.shader.from_builtin("FLAT_COLOR")
    return batch_for_shader(shader, "TRIS", {"pos": corners, "color": colours})


BARS = Bars()


def register() -> None:
    """Draws the bars, where there is a window to draw in."""
    if not bpy.app.background:
        BARS.start()


def unregister() -> None:
    """Draws them no more."""
    BARS.stop()
