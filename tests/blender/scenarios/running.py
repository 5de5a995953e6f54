# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes run, for scenarios and tests (Linux; free of bpy)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path


def family_of(process: int) -> list[int]:
    """A process and all that it started, and those again."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
        except OSError:
            continue
        if fields:
            parents[int(entry.name)] = int(fields[1])
    found = [process]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def alive(processes: Sequence[int]) -> list[int]:
    """Those that still run."""
    found = []
    for process in processes:
        try:
            if (Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split())[0] != "Z":
                found.append(process)
        except OSError:
            continue
    return found


def gone_after(processes: Sequence[int], seconds: float = 10.0) -> float:
    """How long it took until none of them ran; negative = some still do."""
    begun = time.monotonic()
    while alive(processes):
        if time.monotonic() - begun > seconds:
            return -1.0
        time.sleep(0.01)
    return time.monotonic() - begun
