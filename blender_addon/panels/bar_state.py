# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bar over a result strip says of each of its frames, as few rectangles as can be. Free of bpy."""

from __future__ import annotations

import enum
from collections.abc import Sequence


class FrameState(enum.Enum):
    """What became of one frame."""

    PAINTED = "painted"
    STALE = "stale"  # painted, but the strip below has changed since
    TO_DO = "to do"
    FAILED = "failed"  # to do, and the last try ended with an error
    NOT_NEEDED = "not needed"  # its strength is 0


def frame_states(
    length: int, painted: frozenset[int], strengths: Sequence[float], *, is_stale: bool, has_failed: bool
) -> list[FrameState]:
    """The state of each frame of a result.

    Args:
        length: how many frames it has.
        painted: frame_index of every painted one.
        strengths: of each frame, 0 … 1.
        is_stale: the strip below has changed since it was painted.
        has_failed: its last job ended with an error.
    """
    done = FrameState.STALE if is_stale else FrameState.PAINTED
    missing = FrameState.FAILED if has_failed else FrameState.TO_DO
    return [
        done if index in painted else missing if strengths[index] > 0.0 else FrameState.NOT_NEEDED
        for index in range(length)
    ]


def runs_of(states: Sequence[FrameState]) -> list[tuple[int, int, FrameState]]:
    """(first, end, state) of each stretch of equal states; end is the frame after the last."""
    runs: list[tuple[int, int, FrameState]] = []
    for index, state in enumerate(states):
        if runs and runs[-1][2] is state:
            runs[-1] = runs[-1][0], index + 1, state
        else:
            runs.append((index, index + 1, state))
    return runs
