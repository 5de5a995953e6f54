# SPDX-License-Identifier: GPL-3.0-or-later
"""The most memory that this process ever held, and which of its jobs held it. Free of bpy and torch."""

from __future__ import annotations

import sys
from collections.abc import Hashable
from pathlib import Path

_STATUS = Path("/proc/self/status")

_RISEN = 1.02
"""By so much a peak rises through what a job is; what is less, any job may add: a page here, a log line there."""


def peak_memory() -> int:
    """Bytes, with Python and all that it loaded; 0 where the system does not tell (Windows)."""
    if _STATUS.is_file():  # what getrusage tells on Linux begins with the peak of the parent
        line = next(line for line in _STATUS.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, others kilobytes


class PeakOfJobs:
    """Tells jobs that a process does one after the other what they held at the most.

    The peak of a process never falls: a job after a larger one does not see its own. Jobs of one kind hold the same, so
    each job of the kind that raised the peak last is told it, and all others nothing.
    """

    def __init__(self) -> None:
        self._peak = 0
        self._raised_by: Hashable = None

    def after(self, kind: Hashable) -> int:
        """Bytes that a job of this kind, which has just ended, held; 0 = no more than one of another kind before."""
        peak = peak_memory()
        if peak > _RISEN * self._peak:
            self._peak, self._raised_by = peak, kind
        return self._peak if kind == self._raised_by else 0
