# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole story: look at the clip, find its shots, measure, paint, settle, hand over. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .colour_lock import lock_colours, locked_key
from .crew import Crew
from .desk import Desk, Summary, Watch
from .draft import DraftClip, draft_key, full_size
from .errors import Cancelled
from .flow.motion import FlowEstimator
from .paint.painter import Painter
from .quality import QualityMeter
from .settings import StylizeSettings
from .settling.choice import make_settling
from .settling.method import Settled, Settling
from .shots.cuts import Shot
from .stages import Stages, survey_clip
from .storage.cache import Cache
from .storage.frames import Clip, Frame

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
        stability, anchor_spacing, colour_lock, hold_strokes, settling: see ``core.settings.StylizeSettings``.
        is_draft: see ``core.draft``.
        quality: where to put the figures of the frames; see ``core.quality``.
    """

    clip: Clip
    targets: tuple[Path, ...]
    wanted: frozenset[int]
    focus: int = 0
    stability: float = 1.0
    anchor_spacing: int = 8
    colour_lock: float = 0.0
    hold_strokes: str = "surfaces"
    settling: str = "surfaces"
    is_draft: bool = False
    quality: Path | None = None

    @classmethod
    def of(
        cls,
        settings: StylizeSettings,
        clip: Clip,
        targets: tuple[Path, ...],
        wanted: frozenset[int],
        *,
        focus: int = 0,
        quality: Path | None = None,
    ) -> ClipJob:
        """The job that the settings ask for; arguments as the attributes."""
        return cls(
            clip=clip,
            targets=targets,
            wanted=wanted,
            focus=focus,
            stability=settings.stability,
            anchor_spacing=settings.anchor_spacing,
            colour_lock=settings.colour_lock,
            hold_strokes=settings.hold_strokes,
            settling=settings.settling,
            is_draft=settings.quality == "draft",
            quality=quality,
        )


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
    meter: QualityMeter | None = None
    with Crew(desk.attend) as crew:
        try:
            survey = survey_clip(clip, crew, seen)
            stages = Stages(clip, survey, cache, painter, estimator, crew)
            meter = QualityMeter(survey.shots, cache, job.quality)
            _paint(job, size, stages, survey.shots, crew, desk, meter)
        except Cancelled:
            crew.stop()
            desk.announce_finished()  # frames that are painted already are handed over, not thrown away
            raise
        finally:
            crew.stop()
            if meter is not None:
                meter.write()
            cache.trim()
    return desk.summary()


def _paint(
    job: ClipJob,
    draft_of: tuple[int, int] | None,
    stages: Stages,
    shots: Sequence[Shot],
    crew: Crew,
    desk: Desk,
    meter: QualityMeter,
) -> None:
    settling = _settling(job, stages, crew)
    for stretch in settling.plan(shots, job.wanted, job.focus):
        desk.tell("Painting")
        statistics = stages.statistics(stretch.shot)
        keys = {i: _key(job, draft_of, settling.key(i, stretch, statistics)) for i in stretch.wanted}
        missing = [i for i in stretch.wanted if not desk.reuse(i, keys[i])]
        for i in {*stretch.wanted} - {*missing}:
            meter.recall(i, keys[i])
        painted = _finished(job, draft_of, stages, settling.begin(stretch, statistics, missing), meter, keys)
        for i in missing:
            desk.expect(i, crew.submit(desk.write, i, keys[i], painted))
        desk.wait(crew, at_most=_FRAMES_AHEAD)
    desk.wait(crew, at_most=0)


def _settling(job: ClipJob, stages: Stages, crew: Crew) -> Settling:
    return make_settling(
        stages,
        crew,
        settling=job.settling,
        hold_strokes=job.hold_strokes,
        stability=job.stability,
        anchor_spacing=job.anchor_spacing,
        is_draft=job.is_draft,
    )


def _key(job: ClipJob, draft_of: tuple[int, int] | None, settled: str) -> str:
    """Names a finished frame by the key of the settled one and by what is done with it afterwards."""
    return locked_key(settled if draft_of is None else draft_key(settled, draft_of), job.colour_lock)


def _finished(
    job: ClipJob,
    draft_of: tuple[int, int] | None,
    stages: Stages,
    paint: Callable[[int], Settled],
    meter: QualityMeter,
    keys: Mapping[int, str],
) -> Callable[[int], Frame]:
    """What makes a frame as it is written: measured, a draft at the size of its source, with the source's alpha and, as
    far as they are locked, its colours."""

    def finished(frame_index: int) -> Frame:
        settled = paint(frame_index)
        meter.add(frame_index, keys[frame_index], settled.picture, settled.carried, settled.steps)
        meter.write(at_once=False)
        source = stages.frame(frame_index)
        if draft_of is None:
            return Frame(lock_colours(settled.picture, source.rgb, job.colour_lock), source.alpha)
        painted = full_size(Frame(settled.picture, source.alpha), draft_of)
        if job.colour_lock <= 0.0:  # the source need not be read in full
            return painted
        return Frame(lock_colours(painted.rgb, job.clip.read(frame_index).rgb, job.colour_lock), painted.alpha)

    return finished
