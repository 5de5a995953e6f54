# SPDX-License-Identifier: GPL-3.0-or-later
"""The crew: pieces in order, nothing locks, a stop is quick, and OpenCV is left as it was."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import cv2
import pytest

from core.crew import Crew
from core.errors import Cancelled

PATIENCE = 30.0  # seconds until a lock counts as one


def nothing() -> None:
    """Nobody has a wish."""


def test_results_come_in_order_and_only_a_few_are_done_ahead() -> None:
    begun: list[int] = []
    with Crew(nothing) as crew:
        results = crew.each(lambda item: begun.append(item) or item * item, range(200))
        first = next(results)
        assert first == 0 and len(begun) < 50
        assert [first, *results] == [i * i for i in range(200)]
    assert sorted(begun) == list(range(200))


def test_pieces_that_wait_for_earlier_ones_never_lock() -> None:
    """Many more pieces than threads, each waiting for the one before it."""
    with Crew(nothing) as crew:
        last: Future[int] = crew.submit(lambda: 0)
        for _ in range(300):
            last = crew.submit(lambda before: before.result(PATIENCE) + 1, last)
        assert crew.result(last) == 300


def test_an_error_of_a_piece_reaches_who_waits_for_it() -> None:
    with Crew(nothing) as crew, pytest.raises(ZeroDivisionError):
        crew.result(crew.submit(lambda: 1 // 0))


def test_who_waits_attends_and_may_stop() -> None:
    ending = threading.Event()
    calls: list[None] = []

    def attend() -> None:
        calls.append(None)
        if len(calls) == 3:
            ending.set()
            raise Cancelled

    with Crew(attend) as crew:
        with pytest.raises(Cancelled):
            crew.result(crew.submit(ending.wait, PATIENCE))
        assert len(calls) == 3


def test_a_stop_ends_long_pieces_at_their_next_check_and_drops_the_others() -> None:
    begun = threading.Event()

    def long() -> None:
        begun.set()
        while True:
            crew.check()

    with Crew(nothing) as crew:
        running = [crew.submit(long) for _ in range(100)]
        assert begun.wait(PATIENCE)
        crew.stop()
        ends = ["dropped" if piece.cancelled() else type(piece.exception()) for piece in running]
        assert set(ends) == {"dropped", Cancelled}


@pytest.mark.parametrize(("pixels", "paintings", "threads"), [(640 * 360, 4, 2), (1280 * 720, 1, 8), (10**9, 1, 8)])
def test_small_frames_are_painted_at_once_and_large_ones_in_turn(
    pixels: int, paintings: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "getNumberOfCPUs", lambda: 8)
    with Crew(nothing) as crew:
        assert cv2.getNumThreads() == 1
        crew.share_out(pixels)
        held = 0
        while crew.painting.acquire(blocking=False):
            held += 1
        assert (held, cv2.getNumThreads()) == (paintings, threads)


def test_opencv_is_left_as_it_was() -> None:
    before = cv2.getNumThreads()
    with Crew(nothing) as crew:
        crew.share_out(1)
    assert cv2.getNumThreads() == before
