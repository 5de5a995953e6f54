# SPDX-License-Identifier: GPL-3.0-or-later
"""The most memory that this process ever held. Free of bpy and torch."""

from __future__ import annotations

import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


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
