# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames of a run are painted, known without touching the disk while the panel is drawn. Free of bpy.

Asking for a run that is not known yet starts one look at its folder in a thread; the answer is there at a later draw.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from . import run_folder


class PaintedState:
    """Remembers the painted frames of runs, by the folder of the run."""

    def __init__(self) -> None:
        self._known: dict[Path, frozenset[int]] = {}
        self._looking: set[Path] = set()

    def of(self, run: Path, when_known: Callable[[], None] | None = None) -> frozenset[int] | None:
        """frame_index of every painted frame; None while that is being found out.

        Args:
            run: the run's folder.
            when_known: called from the thread that looked, once the answer is there.
        """
        known = self._known.get(run)
        if known is None and run not in self._looking:
            self._looking.add(run)
            threading.Thread(target=self._look, args=(run, when_known), daemon=True).start()
        return known

    def known(self, run: Path) -> frozenset[int]:
        """What is known by now, without a look."""
        return self._known.get(run, frozenset())

    def set(self, run: Path, painted: frozenset[int]) -> None:
        """What a job knows of its own run."""
        self._known[run] = painted

    def forget(self) -> None:
        """Everything is looked up anew; after another file was loaded."""
        self._known.clear()

    def _look(self, run: Path, when_known: Callable[[], None] | None) -> None:
        painted = run_folder.painted_frames(run)
        self._known.setdefault(run, painted)  # a job that painted meanwhile knows better
        self._looking.discard(run)
        if when_known is not None:
            when_known()
