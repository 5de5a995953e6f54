# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints clips by optimisation: the quality Master (free of bpy, needs torch).

The way is that of ``core.pipeline``: shots, own paintings, and frames handed over at the desk. Instead of settling
between anchors the frames of a shot are optimised one after the other, each begun with the house network's painting
where nothing is carried to it. Every optimised frame lies in the cache before the next one is begun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..colour_lock import lock_colours, locked_key
from ..crew import Crew
from ..desk import Desk, Summary, Watch
from ..errors import CacheError, Cancelled
from ..flow.motion import FlowEstimator
from ..paint.enlarge import enlarge
from ..paint.painter import Painter, ShotStatistics
from ..paint.resolution import resized
from ..pipeline import ClipJob
from ..shots.cuts import Shot
from ..stages import Stages, survey_clip
from ..storage.cache import Cache
from ..storage.frames import Frame, decode_frame, encode_png
from ..training.stopping import stops_when_asked
from .brush import MasterBrush, master_size
from .carried import Carried, PaintedFrame, begun_with, carried_from
from .chain import Step, needed, steps_of
from .pace import FramesOnly, Pace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

STAGE = "master"

# Ruder et al. 2016, algorithm 3: in a further pass a frame's own painting of the pass before counts as much as what is
# carried to it.
_SHARE_IN_FURTHER_PASSES = 0.5


@dataclass(frozen=True)
class Materials:
    """What a clip is painted with.

    Attributes:
        house: paints what the optimisation begins with.
        brush: optimises.
        brush_size: see ``core.settings.StylizeSettings``.
    """

    house: Painter
    brush: MasterBrush
    estimator: FlowEstimator
    brush_size: float = 1.0


def paint_clip(job: ClipJob, materials: Materials, cache: Cache, watch: Watch) -> Summary:
    """Paint a clip; every wanted frame ends as a PNG file at its target, whole or absent.

    The result of a frame depends on its shot alone, and in one pass on the frames before it alone, not on what else is
    wanted or on whether the job was stopped and resumed. ``job.anchor_spacing`` and ``job.stability`` are not looked
    at: there are no anchors, and the brush knows its stability.

    Raises:
        Cancelled: ``watch`` asked to stop, also in the middle of a frame; finished frames are kept.
        BrushflowError: media, model or cache failed; finished frames are kept.
    """
    desk = Desk(job.targets, len(job.wanted), cache, FramesOnly(watch))
    with Crew(desk.attend) as crew, stops_when_asked(watch):
        try:
            survey = survey_clip(job.clip, crew, lambda seen: watch.progress("Reading", seen, len(job.clip), -1.0))
            stages = Stages(job.clip, survey, cache, materials.house, materials.estimator, crew)
            painters = [_ShotPainter(job, materials, stages, shot, survey.size) for shot in survey.shots]
            painters = [painter for painter in painters if painter.wanted]
            painters.sort(key=lambda painter: painter.distance(job.focus))
            plans = []
            for count, painter in enumerate(painters):
                watch.progress("Measuring", count, len(painters), -1.0)
                plans.append(painter.plan(desk))
            pace = Pace(watch, [cost for plan in plans for _, cost in plan])
            for painter, plan in zip(painters, plans, strict=True):
                for step, _ in plan:
                    painter.do(step, pace.spent)
                    pace.frame_done()
                    if step.frame_index in painter.missing and painter.is_last(step):
                        key = painter.final_key(step)
                        desk.expect(step.frame_index, crew.submit(desk.write, step.frame_index, key, painter.finished))
                    desk.attend()
            desk.wait(crew, at_most=0)
        except Cancelled:
            crew.stop()
            desk.announce_finished()
            raise
        finally:
            crew.stop()
            cache.trim()
    return desk.summary()


class _ShotPainter:
    """One shot: its steps, and how each is done."""

    def __init__(self, job: ClipJob, materials: Materials, stages: Stages, shot: Shot, size: tuple[int, int]) -> None:
        self._job, self._materials, self._stages, self._shot = job, materials, stages, shot
        self._size = master_size(*size, materials.brush_size)
        self.wanted = [i for i in shot if i in job.wanted]
        self.missing: set[int] = set()
        self._keys: dict[int, str] = {}
        self._passes = materials.brush.plan.passes if self._is_carried else 1

    @property
    def _is_carried(self) -> bool:
        return self._materials.brush.stability > 0.0

    def distance(self, frame_index: int) -> int:
        """How far the shot is from a frame; 0 where it holds it."""
        return max(self._shot.start - frame_index, frame_index - self._shot.stop + 1, 0)

    def plan(self, desk: Desk) -> list[tuple[Step, float]]:
        """Hand over what the cache has; give the steps that lead to the rest, with the cost of each."""
        statistics = self._statistics()
        own = {i: self._stages.painted_key(i, statistics) for i in self._shot}
        flow = self._materials.estimator.key if self._is_carried else ""
        brush = f"{self._materials.brush.key} {self._size} {flow}"
        steps = steps_of(self._shot, own, brush, self._passes, self._is_carried)
        self._keys = {step.frame_index: step.key for step in steps if self.is_last(step)}
        final = {i: locked_key(self._keys[i], self._job.colour_lock) for i in self.wanted}
        self.missing = {i for i in self.wanted if not desk.reuse(i, final[i])}
        cache, brush_cost = self._stages.cache, self._materials.brush.cost
        return [
            (step, 0.0 if cache.holds(STAGE, step.key, ".png") else brush_cost(bool(step.neighbours)))
            for step in needed(steps, self.missing)
        ]

    def is_last(self, step: Step) -> bool:
        """Whether the step is of the last pass."""
        return step.number == self._passes

    def final_key(self, step: Step) -> str:
        """Names the frame as it is handed over."""
        return locked_key(step.key, self._job.colour_lock)

    def do(self, step: Step, told: Callable[[float], None]) -> None:
        """Optimise one frame, unless the cache has it."""
        cache = self._stages.cache
        if cache.holds(STAGE, step.key, ".png"):
            return
        frame = self._job.clip.read(step.frame_index)
        others = [PaintedFrame(self._job.clip.read(i).rgb, self._painting(key)) for i, key in step.neighbours]
        carried = carried_from(others, frame.rgb, self._materials.estimator)
        start = self._start(step, frame, carried)
        painted = self._materials.brush.paint(resized(frame.rgb, *self._size), start, carried, told)
        cache.write(STAGE, step.key, ".png", encode_png(Frame(painted)))

    def finished(self, frame_index: int) -> Frame:
        """A frame as it is handed over, at its own size; a piece of work for the crew."""
        frame = self._job.clip.read(frame_index)
        painting = self._painting(self._keys[frame_index])
        painted = enlarge(painting, resized(frame.rgb, *self._size), *frame.size)
        return Frame(lock_colours(painted, frame.rgb, self._job.colour_lock), frame.alpha)

    def _start(self, step: Step, frame: Frame, carried: list[Carried]) -> NDArray[np.float32]:
        if step.begun:
            return begun_with(self._painting(step.begun), carried, _SHARE_IN_FURTHER_PASSES)
        own = self._stages.painted(step.frame_index, frame, self._statistics())
        return begun_with(resized(own, *self._size), carried)

    def _statistics(self) -> ShotStatistics:
        return self._stages.statistics(self._shot)

    def _painting(self, key: str) -> Picture:
        stored = self._stages.cache.read(STAGE, key, ".png")
        if stored is None:
            raise CacheError(
                f"{self._stages.cache.root} lost a frame that others are painted from.",
                "Its size limit may be too small for one clip: raise it in the preferences.",
            )
        return decode_frame(np.frombuffer(stored, np.uint8), key).rgb
