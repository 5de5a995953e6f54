# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a measurement in a process of its own, so that its peak of memory is its own too. Free of bpy and torch."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from typing import TypeVar

from ..peak_memory import peak_memory

Result = TypeVar("Result")


def alone(work: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    """What ``work`` gives, and the peak of memory of its process in megabytes, with Python and all it loads.

    Args:
        work: a function of a module, as are its arguments: they travel to the process. Errors travel back.
    """
    with multiprocessing.get_context("spawn").Pool(1, _leave_ctrl_c_to_the_parent) as pool:
        return pool.apply(_with_memory, (work, *arguments))


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _with_memory(work: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    result = work(*arguments)
    return result, peak_memory() / 2**20
