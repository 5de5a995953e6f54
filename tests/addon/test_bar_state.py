# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bar over a result says of its frames."""

from __future__ import annotations

import itertools
import random

from blender_addon.panels.bar_state import FrameState, frame_states, runs_of

PAINTED, STALE, TO_DO = FrameState.PAINTED, FrameState.STALE, FrameState.TO_DO
FAILED, NOT_NEEDED = FrameState.FAILED, FrameState.NOT_NEEDED


def states(is_stale: bool = False, has_failed: bool = False) -> list[FrameState]:
    strengths = (1.0, 1.0, 0.5, 0.0, 0.0, 1.0)
    return frame_states(6, frozenset({0, 1, 4}), strengths, is_stale=is_stale, has_failed=has_failed)


def test_painted_frames_are_told_from_those_to_do_and_those_not_needed() -> None:
    assert states() == [PAINTED, PAINTED, TO_DO, NOT_NEEDED, PAINTED, TO_DO]


def test_what_is_painted_is_stale_when_the_strip_below_has_changed() -> None:
    assert states(is_stale=True) == [STALE, STALE, TO_DO, NOT_NEEDED, STALE, TO_DO]


def test_after_an_error_what_is_missing_has_failed_and_what_is_painted_has_not() -> None:
    assert states(has_failed=True) == [PAINTED, PAINTED, FAILED, NOT_NEEDED, PAINTED, FAILED]


def test_runs_tell_every_frame_once_and_are_as_few_as_can_be() -> None:
    chance = random.Random(4)
    for _ in range(50):
        drawn = [chance.choice((PAINTED, TO_DO)) for _ in range(chance.randrange(40))]
        runs = runs_of(drawn)
        assert [state for first, end, state in runs for _ in range(first, end)] == drawn
        assert all(one[2] is not other[2] for one, other in itertools.pairwise(runs))
