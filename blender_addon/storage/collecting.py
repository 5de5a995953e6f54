# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings runs beside the .blend in a thread, one after the other, while Blender goes on. Free of bpy.

A run is there whole or not at all; where it came from it stays. So nothing is lost whenever this is stopped, and what
was brought need not be brought again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from ..core_link import errors
from . import run_use


class Collecting:
    """One collection under way.

    Args:
        runs: the folders of the runs to be brought; each once.
        home: the cache folder they are brought to.
        there: runs that lie there already, and count as brought.
    """

    def __init__(self, runs: Sequence[Path], home: Path, there: Sequence[Path] = ()) -> None:
        self.home = home
        self.error: errors.BrushflowError | None = None
        self._runs = list(runs)
        self._arrived: SimpleQueue[tuple[Path, Path]] = SimpleQueue()
        for run in there:
            self._arrived.put((run, run))
        self._stop = threading.Event()
        self._total = self._done = 0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Stops after the file that is being copied; what arrived stays."""
        self._stop.set()

    def wait(self) -> None:
        """Until it has ended; for background mode, where nobody looks."""
        self._thread.join()

    @property
    def has_ended(self) -> bool:
        """True once nothing more will arrive."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def was_cancelled(self) -> bool:
        """True once it was to stop."""
        return self._stop.is_set()

    @property
    def fraction(self) -> float:
        """How far it is, 0 … 1, by bytes."""
        return min(1.0, self._done / self._total) if self._total else 0.0

    def arrived(self) -> list[tuple[Path, Path]]:
        """The runs that were brought since it was last asked: from where, to where."""
        found = []
        while True:
            try:
                found.append(self._arrived.get_nowait())
            except Empty:
                return found

    def _work(self) -> None:
        self._total = sum(run_use.bytes_of(run) for run in self._runs)
        try:
            run_use.sweep_halves(self.home)
            for run in self._runs:
                self._arrived.put((run, run_use.bring(run, self.home, self._tell)))
        except run_use.Stopped:
            pass
        except errors.BrushflowError as error:
            self.error = error

    def _tell(self, size: int) -> bool:
        self._done += size
        return not self._stop.is_set()
