# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting one stretch between two anchors. Free of bpy and torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING

from . import settle
from .cache import cache_key
from .flow.motion import Motion
from .frames import Frame
from .paint.painter import ShotStatistics
from .plan import Stretch
from .settle import Carried
from .stages import Stages, at_flow_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class StretchPainter:
    """Paints and settles the frames of stretches.

    Args:
        stages: the clip's stages.
        stability: how much carried paint counts, 0 … 1; at 0 no motion is looked at.
        pool: reads frames and follows motion in the background.
        check: called between steps; raises ``Cancelled`` to stop.
    """

    def __init__(self, stages: Stages, stability: float, pool: Executor, check: Callable[[], None]) -> None:
        self._stages = stages
        self._stability = stability
        self._pool = pool
        self._check = check

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """Names a settled frame by everything it depends on."""
        own = self._stages.painted_key(frame_index, statistics)
        if not self._is_carried(frame_index, stretch):
            return own
        sources = self._stages.keys[stretch.first : stretch.last + 1]
        place = frame_index - stretch.first
        return cache_key(settle.VERSION, own, place, sources, self._stability, self._stages.estimator.key)

    def paint(
        self, stretch: Stretch, statistics: ShotStatistics, missing: Sequence[int]
    ) -> Iterator[tuple[int, Frame]]:
        """The missing frames of a stretch in order, each with its index; alpha is the source's."""
        if not any(self._is_carried(i, stretch) for i in missing):
            for i in missing:
                self._check()
                frame = self._stages.clip.read(i)
                yield i, Frame(self._stages.painted(i, frame, statistics), frame.alpha)
            return
        frames, motions = self._load(stretch)
        before = self._carried(stretch, frames, motions, forward=True)
        after = self._carried(stretch, frames, motions, forward=False)
        anchors = {i: self._painted(i, frames[i], statistics) for i in (stretch.first, stretch.last)}
        for i in missing:
            self._check()
            if self._is_carried(i, stretch):
                crossed = settle.cross(
                    (anchors[stretch.first], before[i]),
                    (anchors[stretch.last], after[i]),
                    stretch.position(i),
                    self._stability,
                )
                if crossed.covers_all():
                    painted = crossed.paint
                else:
                    painted = crossed.over(self._painted(i, frames[i], statistics))
            else:
                painted = anchors[i]
            yield i, Frame(painted, frames[i].alpha)

    def _is_carried(self, frame_index: int, stretch: Stretch) -> bool:
        return self._stability > 0.0 and frame_index not in (stretch.first, stretch.last)

    def _painted(self, frame_index: int, frame: Frame, statistics: ShotStatistics) -> NDArray[np.uint8]:
        self._check()
        return self._stages.painted(frame_index, frame, statistics)

    def _load(self, stretch: Stretch) -> tuple[dict[int, Frame], dict[int, Motion]]:
        """All frames of the stretch, and for each but the first the motion from the frame before."""
        indices = range(stretch.first, stretch.last + 1)
        reading: dict[int, Future[Frame]] = {i: self._pool.submit(self._stages.clip.read, i) for i in indices}
        frames: dict[int, Frame] = {}
        following: dict[int, Future[Motion]] = {}
        for i in indices:
            self._check()
            frames[i] = reading[i].result()
            if i > stretch.first:
                following[i] = self._pool.submit(self._stages.motion, i, frames[i - 1], frames[i])
        return frames, {i: future.result() for i, future in following.items()}

    def _carried(
        self, stretch: Stretch, frames: dict[int, Frame], motions: dict[int, Motion], *, forward: bool
    ) -> dict[int, Carried]:
        """How to fetch an anchor's paint for each frame of the stretch: the first anchor's, or the last one's."""
        if forward:
            anchor, way = stretch.first, range(stretch.first + 1, stretch.last)
            steps = [(motions[i], at_flow_size(frames[i].rgb)) for i in way]
        else:
            anchor, way = stretch.last, range(stretch.last - 1, stretch.first, -1)
            steps = [(motions[i + 1].backward(), at_flow_size(frames[i].rgb)) for i in way]
        return dict(zip(way, settle.carry(at_flow_size(frames[anchor].rgb), steps), strict=True))
