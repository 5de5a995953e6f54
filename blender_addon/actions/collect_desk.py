# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks after a collection under way: strips show what has arrived, the panel how far it is."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy

from ..jobs import timer
from ..storage.collecting import Collecting
from .files import show_arrived

_TICK_SECONDS = 0.2


class CollectDesk:
    """At most one collection.

    Attributes:
        now: the one under way.
    """

    def __init__(self) -> None:
        self.now: Collecting | None = None
        self._count = 0
        self._tick = self._on_timer  # Blender knows a timer by the very object

    def begin(self, collecting: Collecting) -> None:
        """Looks after this one until it has ended."""
        self.now, self._count = collecting, 0
        if not bpy.app.background:
            bpy.app.timers.register(self._tick, first_interval=_TICK_SECONDS)

    def finish(self) -> tuple[str, str]:
        """Waits for the end; gives the kind of report and what to say."""
        assert self.now is not None
        self.now.wait()
        return self._ended(self.now)

    def drop(self) -> None:
        """Stops; nothing more is shown. Before another file is loaded."""
        if bpy.app.timers.is_registered(self._tick):
            bpy.app.timers.unregister(self._tick)
        if self.now is not None:
            self.now.cancel()
            self.now.wait()
        self.now = None

    def _ended(self, collecting: Collecting) -> tuple[str, str]:
        self._count += show_arrived(collecting)
        self.now = None
        if collecting.error is not None:
            return "ERROR", str(collecting.error)
        if collecting.was_cancelled:
            return "WARNING", f"Collecting was stopped; {self._count} paintings lie beside the file"
        count = self._count
        return "INFO", f"{count} paintings collected" if count else "Everything lies beside the file already"

    def _on_timer(self) -> float | None:
        collecting = self.now
        if collecting is None:
            return None
        if not collecting.has_ended:
            arrived = show_arrived(collecting)
            self._count += arrived
            timer.redraw(pictures=arrived > 0)
            return _TICK_SECONDS
        kind, sentence = self._ended(collecting)
        timer.redraw()
        if self._count:
            _in_a_window(bpy.ops.ed.undo_push, message="Collect Beside the File")
        with contextlib.suppress(RuntimeError):  # reporting an error raises it, too
            _in_a_window(bpy.ops.brushflow.tell, "INVOKE_DEFAULT", message=sentence, kind=kind)
        return None


def _in_a_window(operator: Any, *arguments: str, **options: str) -> None:
    """Timers have no window; operators need one."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        operator(*arguments, **options)


DESK = CollectDesk()
