# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole story: look at the clip, find its shots, measure, paint, settle, hand over. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from .cache import Cache
from .colour_lock import lock_colours, locked_key
from .crew import Crew
from .desk import Desk, Summary, Watch
from .draft import DraftClip, draft_key, full_size
from .errors import Cancelled
from .flow.motion import FlowEstimator
from .frames import Clip, Frame
from .paint.painter import Painter
from .plan import plan_stretches
from .stages import Stages, survey_clip
from .stretch import StretchPainter

# A stretch is given to the crew while this many frames before it are not finished: enough to keep every core busy
# over its end, and no more, because each takes memory.
_FRAMES_AHEAD = 8


@dataclasses.dataclass(frozen=True)
class ClipJob:
    """What to paint and where to put it.

    Attributes:
        clip: the frames.
        targets: where to put each painted frame, as many as the clip has frames.
        wanted: frame indices to paint.
        focus: frame_index to start around.
        stability, anchor_spacing, colour_lock: see ``core.settings.StylizeSettings``.
        is_draft: see ``core.draft``.
    """

    clip: Clip
    targets: tuple[Path, ...]
    wanted: frozenset[int]
    focus: int = 0
    stability: float = 1.0
    anchor_spacing: int = 8
    colour_lock: float = 0.0
    is_draft: bool = False


def stylize(job: ClipJob, painter: Painter, estimator: FlowEstimator, cache: Cache, watch: Watch) -> Summary:
    """Paint a clip; every wanted frame ends as a PNG file at its target, whole or absent.

    The result of a frame depends on its shot and its stretch alone, not on the order, on what else is wanted, or on
    whether the job was stopped and resumed.

    Raises:
        Cancelled: ``watch`` asked to stop; finished frames are kept.
        BrushflowError: media, model or cache failed; finished frames are kept.
    """

    def seen(frames: int) -> None:
        watch.progress("Reading", frames, len(job.clip), -1.0)

    clip = DraftClip(job.clip.paths) if job.is_draft else job.clip
    size = job.clip.read(0).size if job.is_draft else None
    desk = Desk(job.targets, len(job.wanted), cache, watch)
    with Crew(desk.attend) as crew:
        try:
            survey = survey_clip(clip, crew, seen)
            stages = Stages(clip, survey, cache, painter, estimator, crew)
            stretches = StretchPainter(stages, job.stability, crew, is_draft=job.is_draft)
            for stretch in plan_stretches(survey.shots, job.anchor_spacing, job.wanted, job.focus):
                desk.tell("Painting")
                statistics = stages.statistics(stretch.shot)
                keys = {i: _key(job, size, stretches.key(i, stretch, statistics)) for i in stretch.wanted}
                missing = [i for i in stretch.wanted if not desk.reuse(i, keys[i])]
                painted = _finished(job, size, stretches.begin(stretch, statistics, missing))
                for i in missing:
                    desk.expect(i, crew.submit(desk.write, i, keys[i], painted))
                desk.wait(crew, at_most=_FRAMES_AHEAD)
            desk.wait(crew, at_most=0)
        except Cancelled:
            crew.stop()
            desk.announce_finished()  # frames that are painted already are handed over, not thrown away
            raise
        finally:
            crew.stop()
            cache.trim()
    return desk.summary()


def _key(job: ClipJob, draft_of: tuple[int, int] | None, settled: str) -> str:
    """Names a finished frame by the key of the settled one and by what is done with it afterwards."""
    return locked_key(settled if draft_of is None else draft_key(settled, draft_of), job.colour_lock)


def _finished(job: ClipJob, draft_of: tuple[int, int] | None, paint: Callable[[int], Frame]) -> Callable[[int], Frame]:
    """What makes a frame as it is written: a draft at the size of its source, and with the colours locked."""
    if job.colour_lock <= 0.0 and draft_of is None:
        return paint

    def finish(frame_index: int) -> Frame:
        painted = paint(frame_index)
        if draft_of is not None:
            painted = full_size(painted, draft_of)
        if job.colour_lock <= 0.0:
            return painted
        return Frame(lock_colours(painted.rgb, job.clip.read(frame_index).rgb, job.colour_lock), painted.alpha)

    return finish
