# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of paintings, known without touching the disk while something is drawn. Free of bpy.

Asking for a painting whose figures are not known, or may have changed since, starts one look at its file in a thread;
the answer is there at a later draw. A file that is as it was is not read again.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path

from . import coherence

_LOOK_SECONDS = 2.0  # the worker does not write it more often
_NOTHING = coherence.Coherence({})


@dataclasses.dataclass(frozen=True)
class _Known:
    """What was found, and what was known of the painting when it was looked for."""

    found: coherence.Coherence
    stamp: tuple[int, int]
    finished: int
    looked_at: float


class CoherenceState:
    """Remembers the figures of runs, by the folder of the run."""

    def __init__(self) -> None:
        self._known: dict[Path, _Known] = {}
        self._looking: set[Path] = set()

    def of(
        self, run: Path, finished: int = -1, when_known: Callable[[], None] | None = None
    ) -> coherence.Coherence | None:
        """The figures of a run as far as they are known; None while the first look is under way.

        Args:
            run: the run's folder.
            finished: frames that its job has painted by now; -1 without a job.
            when_known: called from the thread that looked, once something new is there.
        """
        known = self._known.get(run)
        is_wanted = known is None or (known.finished != finished and self._is_due(known, finished))
        if is_wanted and run not in self._looking:
            self._looking.add(run)
            threading.Thread(target=self._look_aside, args=(run, finished, when_known), daemon=True).start()
        return known.found if known is not None else None

    def look(self, run: Path) -> coherence.Coherence:
        """The figures of a run as they are now; looks at the disk."""
        return self._look(run, -1).found

    def forget(self) -> None:
        """Everything is looked up anew; after another file was loaded."""
        self._known.clear()

    @staticmethod
    def _is_due(known: _Known, finished: int) -> bool:
        return finished < 0 or time.monotonic() - known.looked_at >= _LOOK_SECONDS

    def _look_aside(self, run: Path, finished: int, when_known: Callable[[], None] | None) -> None:
        before = self._known.get(run)
        try:
            now = self._look(run, finished)
        finally:
            self._looking.discard(run)
        if when_known is not None and (before is None or before.stamp != now.stamp):
            when_known()

    def _look(self, run: Path, finished: int) -> _Known:
        path, before = run / coherence.FILE_NAME, self._known.get(run)
        try:
            told = path.stat()
            stamp = told.st_mtime_ns, told.st_size
        except OSError:
            stamp = 0, 0
        if before is not None and before.stamp == stamp:
            found = before.found
        else:
            found = coherence.read(path) if any(stamp) else _NOTHING
        now = _Known(found, stamp, finished, time.monotonic())
        self._known[run] = now
        return now


COHERENCE = CoherenceState()
