# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk where finished frames are handed over: cache, result folder, and whoever watches. Free of bpy and torch."""

from __future__ import annotations

import collections
import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from .crew import Crew
from .errors import CacheError, Cancelled
from .storage.cache import Cache
from .storage.frames import Frame, encode_png

STAGE = "settled"
_TRIM_EVERY = 200


class Watch(Protocol):
    """Who is told how far a job is, and may stop it."""

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        """``stage`` is a word for the editor; ``seconds_left`` is negative while unknown."""
        ...

    def frame_done(self, frame_index: int, path: Path, reused: bool) -> None:
        """A frame lies whole at ``path``."""
        ...

    def should_stop(self) -> bool:
        """Looked at many times a second."""
        ...


@dataclasses.dataclass(frozen=True)
class Summary:
    """How a job ended.

    Attributes:
        painted: frames that were made.
        reused: frames that came from the cache as they are.
        seconds: from the first look at the clip.
    """

    painted: int
    reused: int
    seconds: float


class Desk:
    """Hands frames over and keeps count.

    Args:
        targets: where each frame of the clip goes.
        total: how many frames are wanted.
    """

    def __init__(self, targets: tuple[Path, ...], total: int, cache: Cache, watch: Watch) -> None:
        self._targets = targets
        self._total = total
        self._cache = cache
        self._watch = watch
        self._waiting: collections.deque[tuple[int, Future[None]]] = collections.deque()
        self._started = time.monotonic()
        self._painting_since: float | None = None
        self.painted = 0
        self.reused = 0

    def attend(self) -> None:
        """Announce what is finished. Raises ``Cancelled`` when the editor asked to stop."""
        self._check()
        while self._waiting and self._waiting[0][1].done():
            self._announce_first()
            self._check()

    def tell(self, stage: str) -> None:
        """Say what is being done."""
        self._watch.progress(stage, self.painted + self.reused, self._total, self._seconds_left())

    def reuse(self, frame_index: int, key: str) -> bool:
        """Hand over a frame that the cache has; False when it has not."""
        target = self._targets[frame_index]
        if not self._cache.give(STAGE, key, ".png", target):
            return False
        self.reused += 1
        self._watch.frame_done(frame_index, target, True)
        self.tell("Painting")
        return True

    def expect(self, frame_index: int, writing: Future[None]) -> None:
        """Take note of a frame that is being made; it is announced, in this order, when it lies whole."""
        self._painting_since = self._painting_since or time.monotonic()
        self._waiting.append((frame_index, writing))

    def wait(self, crew: Crew, at_most: int) -> None:
        """Wait until no more than ``at_most`` of the expected frames are not finished."""
        while len(self._waiting) > at_most:
            crew.result(self._waiting[0][1])

    def announce_finished(self) -> None:
        """Announce every frame that lies whole, after a stop; the others are not expected any more."""
        whole = (frame for frame in self._waiting if frame[1].done() and not frame[1].cancelled())
        self._waiting = collections.deque(frame for frame in whole if frame[1].exception() is None)
        while self._waiting:
            self._announce_first()

    def write(self, frame_index: int, key: str, painted: Callable[[int], Frame]) -> None:
        """A piece of work for the crew: make a frame and place it."""
        self._cache.write(STAGE, key, ".png", encode_png(painted(frame_index)))
        if not self._cache.give(STAGE, key, ".png", self._targets[frame_index]):
            raise CacheError(
                f"{self._cache.root} lost a frame as soon as it was written.",
                "Its size limit may be too small for one clip: raise it in the preferences.",
            )

    def summary(self) -> Summary:
        """How the job went so far."""
        return Summary(self.painted, self.reused, time.monotonic() - self._started)

    def _check(self) -> None:
        if self._watch.should_stop():
            raise Cancelled

    def _announce_first(self) -> None:
        frame_index, writing = self._waiting.popleft()
        writing.result()
        self.painted += 1
        if self.painted % _TRIM_EVERY == 0:  # a long job may outgrow the limit by itself
            self._cache.trim()
        self._watch.frame_done(frame_index, self._targets[frame_index], False)
        self.tell("Painting")

    def _seconds_left(self) -> float:
        if self._painting_since is None or not self.painted:
            return -1.0
        pace = (time.monotonic() - self._painting_since) / self.painted
        return pace * (self._total - self.painted - self.reused)
