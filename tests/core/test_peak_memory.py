# SPDX-License-Identifier: GPL-3.0-or-later
"""The peak of memory: it rises with what is held, and stays."""

from __future__ import annotations

import numpy as np

from core.commands.alone import alone
from core.peak_memory import PeakOfJobs, peak_memory


def hold_and_let_go(megabytes: int) -> tuple[int, int]:
    """The peak before and after so much was held."""
    before = peak_memory()
    np.ones(megabytes * 2**20, np.uint8).sum()
    return before, peak_memory()


def test_the_peak_rises_with_what_is_held_and_stays() -> None:
    (before, after), megabytes = alone(hold_and_let_go, 200)
    assert before > 5e6 and 190 * 2**20 < after - before < 260 * 2**20
    assert megabytes * 2**20 >= after


def jobs_one_after_the_other() -> list[int]:
    """What jobs of two kinds are told, the large ones with 200 MB each, the small ones with 10."""
    peak = PeakOfJobs()
    told = []
    for kind, megabytes in (("small", 10), ("small", 10), ("large", 200), ("small", 10), ("large", 200)):
        np.ones(megabytes * 2**20, np.uint8).sum()
        told.append(peak.after(kind))
    return told


def test_each_job_of_the_kind_that_raised_the_peak_is_told_it() -> None:
    (small, again, large, smaller, as_large), _ = alone(jobs_one_after_the_other)
    assert small == again > 0, "the second job of a kind holds no more than the first, and is told as much"
    assert large - small > 150 * 2**20 and as_large == large
    assert smaller == 0, "what it held itself is not known"
