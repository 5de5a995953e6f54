# SPDX-License-Identifier: GPL-3.0-or-later
"""What the screen shows, and how long it stands still.

Pictures are taken of the X screen by another process: Blender's own screenshot is black under software OpenGL.
"""

import statistics
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy

_TICK = 0.01


class Pulse:
    """A timer that notes when it is called: a window that does not answer does not call it either."""

    def __init__(self) -> None:
        self._ticks: list[float] = []
        self._closed: list[tuple[float, float]] = []  # spans in which a screenshot was taken
        self._timer = self._tick  # Blender knows a timer by the very object

    def start(self) -> None:
        """Begins to tick."""
        self._ticks = [time.monotonic()]
        bpy.app.timers.register(self._timer, first_interval=_TICK, persistent=True)

    def stop(self) -> dict[str, Any]:
        """Ends; gives the longest gap between two ticks and the median, in seconds, and when the longest was."""
        bpy.app.timers.unregister(self._timer)
        self._tick()
        spans = list(zip(self._ticks, self._ticks[1:], strict=False))
        open_spans = [(a, b) for a, b in spans if not any(a < end and b > start for start, end in self._closed)]
        gaps = sorted(((b - a, a - self._ticks[0]) for a, b in open_spans), reverse=True)
        return {
            "ticks": len(gaps),
            "longest": gaps[0][0],
            "longest_at": gaps[0][1],
            "ten_longest": [round(gap, 3) for gap, _ in gaps[:10]],
            "median": statistics.median(gap for gap, _ in gaps),
        }

    def shot(self, path: Path) -> Generator[float, None, None]:
        """A screenshot whose time does not count."""
        started = time.monotonic()
        yield from shot(path)
        self._closed.append((started, time.monotonic()))

    def _tick(self) -> float:
        self._ticks.append(time.monotonic())
        return _TICK


def shot(path: Path) -> Generator[float, None, None]:
    """Takes a picture of the whole screen as PNG."""
    process = subprocess.Popen(["import", "-window", "root", str(path)], stderr=subprocess.DEVNULL)
    while process.poll() is None:
        yield 0.05
    if process.returncode != 0:
        raise RuntimeError(f"the screenshot {path} was not taken (status {process.returncode})")
