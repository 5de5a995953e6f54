# SPDX-License-Identifier: GPL-3.0-or-later
"""The peak of memory: it rises with what is held, and stays."""

from __future__ import annotations

import numpy as np

from core.commands.alone import alone
from core.peak_memory import peak_memory


def hold_and_let_go(megabytes: int) -> tuple[int, int]:
    """The peak before and after so much was held."""
    before = peak_memory()
    np.ones(megabytes * 2**20, np.uint8).sum()
    return before, peak_memory()


def test_the_peak_rises_with_what_is_held_and_stays() -> None:
    (before, after), megabytes = alone(hold_and_let_go, 200)
    assert before > 5e6 and 190 * 2**20 < after - before < 260 * 2**20
    assert megabytes * 2**20 >= after
