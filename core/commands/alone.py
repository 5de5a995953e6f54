# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a measurement in a process of its own, so that its peak of memory is its own too. Free of bpy and torch."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_STATUS = Path("/proc/self/status")


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
    return result, _peak_megabytes()


def _peak_megabytes() -> float:
    if _STATUS.is_file():  # what getrusage tells on Linux begins with the peak of the parent
        line = next(line for line in _STATUS.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)  # macOS counts bytes, others kilobytes
