# SPDX-License-Identifier: GPL-3.0-or-later
"""The threads that share a job, so that every core is busy from the first frame to the last. Free of bpy and torch.

Work is cut into pieces of some ten milliseconds, each done by one thread with OpenCV on one core: two frames at once
on two cores cost less than one frame on both, because nobody waits for the slower half.
"""

from __future__ import annotations

import collections
import concurrent.futures
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import ParamSpec, Self, TypeVar

import cv2

from .errors import Cancelled

Given = ParamSpec("Given")
Item = TypeVar("Item")
Made = TypeVar("Made")

# How often the thread that waits for a piece looks around, in seconds: a wish to stop is seen this soon.
_ATTEND_SECONDS = 0.02
# Pixels that networks may work on at a time. Each takes some 700 bytes, so two small frames are painted at once, but
# never two large ones: those are painted one after the other, each on all cores.
_PIXELS_AT_ONCE = 1280 * 720


class Crew:
    """Threads that take pieces of work in the order in which they are given. Used with ``with``; leaving stops it.

    A piece may wait for the results of pieces given before it, never for later ones: the earliest that is not done can
    then always go on, and nothing locks.

    Args:
        attend: called again and again by the thread that waits in ``result`` and ``each``; may raise ``Cancelled``.

    Attributes:
        painting: to be held while a network runs; see ``share_out``.
    """

    def __init__(self, attend: Callable[[], None]) -> None:
        self._attend = attend
        self._stopped = threading.Event()
        self._cores = max(1, cv2.getNumberOfCPUs())
        # One thread more than cores: while one waits for the disk, the others work.
        self._threads = self._cores + 1
        self._pool = concurrent.futures.ThreadPoolExecutor(self._threads, "crew")
        self.painting = threading.BoundedSemaphore(1)

    def __enter__(self) -> Self:
        self._opencv_threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        cv2.setNumThreads(self._opencv_threads)

    def share_out(self, pixels: int) -> None:
        """Say how many pixels a network works on at a time, before anything is painted: the cores are shared out
        between as many paintings as memory allows."""
        paintings = max(1, min(self._cores, _PIXELS_AT_ONCE // max(1, pixels)))
        self.painting = threading.BoundedSemaphore(paintings)
        cv2.setNumThreads(self._cores // paintings)

    def submit(
        self, work: Callable[Given, Made], /, *arguments: Given.args, **keywords: Given.kwargs
    ) -> concurrent.futures.Future[Made]:
        """Give a piece of work to whoever is free next."""
        return self._pool.submit(work, *arguments, **keywords)

    def result(self, piece: concurrent.futures.Future[Made]) -> Made:
        """What a piece gives; attends until it is done. Not to be called from within a piece."""
        while not piece.done():
            self._attend()
            concurrent.futures.wait((piece,), timeout=_ATTEND_SECONDS)
        self._attend()
        return piece.result()

    def each(self, work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """What ``work`` gives for each item, in order; only a few are done ahead. Not to be called from a piece."""
        left = iter(items)
        ahead = collections.deque(self.submit(work, item) for item in itertools.islice(left, 2 * self._threads))
        while ahead:
            yield self.result(ahead.popleft())
            ahead.extend(self.submit(work, item) for item in itertools.islice(left, 1))

    def check(self) -> None:
        """To be called in long pieces: raises ``Cancelled`` once the crew is stopped."""
        if self._stopped.is_set():
            raise Cancelled

    def stop(self) -> None:
        """Drop the pieces that are not begun and wait for the others, which end at their next ``check``."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
