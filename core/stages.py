# SPDX-License-Identifier: GPL-3.0-or-later
"""Each stage of a clip's way, through the cache: read, measure, motion, paint. Free of bpy and torch.

A stage asks the cache under a key of everything its result depends on, and only works when the answer is no.
"""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .crew import Crew
from .errors import MediaError
from .flow.given import GivenMotion
from .flow.motion import FlowEstimator, Motion
from .paint.painter import Painter, ShotStatistics
from .shots.cuts import Shot, ShotFinder, thumbnail
from .storage.cache import Cache, cache_key
from .storage.frame_shelf import FrameShelf
from .storage.frames import Clip, Frame, decode_frame, encode_png

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES_PER_SHOT = 5


@dataclasses.dataclass(frozen=True)
class Survey:
    """What one look at every frame tells.

    Attributes:
        keys: hash of each frame's pixels.
        shots: ranges without a cut inside.
        size: height and width of the frames in pixels.
    """

    keys: tuple[str, ...]
    shots: tuple[Shot, ...]
    size: tuple[int, int]


def survey_clip(clip: Clip, crew: Crew, seen: Callable[[int], None]) -> Survey:
    """Look at every frame once; ``seen`` is told how many have been.

    Raises:
        MediaError: a frame is missing or damaged, or differs in size from the first.
        Cancelled: the job is to stop.
    """
    keys: list[str] = []
    finder = ShotFinder()
    size: tuple[int, int] | None = None
    for look in crew.each(lambda frame_index: _look_at(clip.read(frame_index)), range(len(clip))):
        size = size or look.size
        if look.size != size:
            raise MediaError(
                f"{clip.paths[len(keys)]} has {look.size[1]}x{look.size[0]} pixels, "
                f"the first frame {size[1]}x{size[0]}.",
                "Give all frames of a clip one size.",
            )
        keys.append(look.key)
        finder.add(look.thumbnail)
        seen(len(keys))
    return Survey(tuple(keys), tuple(finder.shots()), size or (0, 0))


@dataclasses.dataclass(frozen=True)
class _Look:
    """What is kept of a frame after a look at it."""

    size: tuple[int, int]
    key: str
    thumbnail: NDArray[np.uint8]


def _look_at(frame: Frame) -> _Look:
    return _Look(frame.size, frame.content_key(), thumbnail(frame.rgb))


class Stages:
    """The stages of one clip with one painter, one flow estimator and one cache.

    ``statistics`` gives work to the crew; ``motion`` and ``painted`` are pieces of its work.
    """

    def __init__(
        self,
        clip: Clip,
        survey: Survey,
        cache: Cache,
        painter: Painter,
        estimator: FlowEstimator,
        crew: Crew,
    ) -> None:
        self._crew = crew
        crew.share_out(painter.pixels_at_once(*survey.size))
        self.clip = clip
        self.keys = survey.keys
        self.cache = cache
        self.painter = painter
        self.estimator = estimator
        self._leaders = shots_of_one_look(survey)
        self._shelf = FrameShelf(clip, survey.size)
        self._statistics: dict[Shot, ShotStatistics] = {}
        self._statistics_stage = f"statistics-{cache_key(painter.key)}"

    def frame(self, frame_index: int) -> Frame:
        """The frame's pixels, not to be changed; see ``core.storage.frame_shelf``."""
        return self._shelf.read(frame_index)

    def statistics(self, shot: Shot) -> ShotStatistics:
        """Statistics of a shot, kept once measured.

        A shot that has at least half of its frames in common with one measured before takes over its statistics: after
        a trim or a change of single frames, all other frames keep their painting.
        """
        leader = self._leaders[shot]
        if leader not in self._statistics:
            self._statistics[leader] = self._statistics_kept(leader) or self._measured(leader)
        return self._statistics[leader]

    def _statistics_kept(self, shot: Shot) -> ShotStatistics | None:
        best, most = None, (0, 0)
        for _, content in self.cache.entries(self._statistics_stage, ".bin"):
            known, record = _split_record(content)
            shared = sum(self.keys[i] in known for i in shot)
            # Of two that know as much, the one that knows little else: a shot keeps what was measured on it alone.
            if 2 * shared >= len(shot) and (best is None or (shared, -len(known)) > most):
                best, most = record, (shared, -len(known))
        return None if best is None else ShotStatistics.from_bytes(best, self.painter.channels)

    def _measured(self, shot: Shot) -> ShotStatistics:
        samples = sorted({shot.start + round(p * (len(shot) - 1)) for p in np.linspace(0, 1, _SAMPLES_PER_SHOT)})
        parts = [self._crew.submit(self._measured_on, i) for i in samples]
        statistics = ShotStatistics.pooled([self._crew.result(part) for part in parts])
        record = _join_record(sorted({self.keys[i] for i in shot}), statistics.to_bytes())
        self.cache.write(self._statistics_stage, cache_key(record), ".bin", record)
        return statistics

    def _measured_on(self, frame_index: int) -> ShotStatistics:
        rgb = self.clip.read(frame_index).rgb
        with self._crew.painting:
            return self.painter.measure([rgb], self._crew.check)

    def motion(self, frame_index: int, prev: Frame, cur: Frame) -> Motion:
        """Motion from the frame before ``frame_index`` to it."""
        estimator = self._estimator(frame_index)
        key = cache_key(estimator.key, self.keys[frame_index - 1], self.keys[frame_index])
        self._crew.check()
        stored = self.cache.read("flow", key, ".bin")
        if stored is not None:
            return Motion.from_bytes(stored)
        data = estimator.estimate(prev.rgb, cur.rgb).to_bytes()
        self.cache.write("flow", key, ".bin", data, lasting=False)
        return Motion.from_bytes(data)  # rounded as the stored one, so that a resumed job gives the same bytes

    def motion_key(self, first: int, last: int) -> str:
        """Names what tells the motions between the frames ``first`` and ``last``."""
        keys = [self._estimator(i).key for i in range(first + 1, last + 1)]
        return keys[0] if len(set(keys)) == 1 else cache_key(*keys)

    def is_estimated(self, first: int, last: int) -> bool:
        """Whether all motion between two frames is guessed from the pictures, none of it known."""
        given = self.estimator
        return not isinstance(given, GivenMotion) or not any(given.knows(i) for i in range(first + 1, last + 1))

    def _estimator(self, frame_index: int) -> FlowEstimator:
        """What tells the motion from the frame before ``frame_index`` to it."""
        return self.estimator.for_pair(frame_index) if isinstance(self.estimator, GivenMotion) else self.estimator

    def painted_key(self, frame_index: int, statistics: ShotStatistics) -> str:
        """Names the painting of one frame by everything it depends on."""
        return cache_key(self.painter.key, self.keys[frame_index], statistics.to_bytes())

    def painted(self, frame_index: int, frame: Frame, statistics: ShotStatistics) -> NDArray[np.uint8]:
        """The frame painted by itself, (H, W, 3) uint8."""
        key = self.painted_key(frame_index, statistics)
        stored = self.cache.read("painted", key, ".png")
        if stored is not None:
            return decode_frame(np.frombuffer(stored, np.uint8), key).rgb
        with self._crew.painting:
            painted = self.painter.paint(frame.rgb, statistics, self._crew.check)
        self.cache.write("painted", key, ".png", encode_png(Frame(painted), quickly=True), lasting=False)
        return painted


def shots_of_one_look(survey: Survey) -> dict[Shot, Shot]:
    """For each shot the first one of the clip whose statistics it is painted with, often itself.

    Two shots belong together when half of either is in the other: a clip may show a shot again. Settled before
    anything is measured, so that the order in which shots are painted does not matter.
    """
    leaders: dict[Shot, Shot] = {}
    led: dict[str, list[Shot]] = collections.defaultdict(list)  # by picture
    for shot in survey.shots:
        pictures = {survey.keys[i] for i in shot}
        candidates = {leader for picture in pictures for leader in led[picture]}
        for leader in sorted(candidates, key=lambda candidate: candidate.start):
            theirs = {survey.keys[i] for i in leader}
            common = sum(survey.keys[i] in theirs for i in shot), sum(survey.keys[i] in pictures for i in leader)
            if 2 * common[0] >= len(shot) or 2 * common[1] >= len(leader):
                leaders[shot] = leader
                break
        else:
            leaders[shot] = shot
            for picture in pictures:
                led[picture].append(shot)
    return leaders


def _join_record(frames: Sequence[str], statistics: bytes) -> bytes:
    return json.dumps(list(frames)).encode() + b"\n" + statistics


def _split_record(content: bytes) -> tuple[set[str], bytes]:
    frames, _, statistics = content.partition(b"\n")
    return set(json.loads(frames)), statistics
