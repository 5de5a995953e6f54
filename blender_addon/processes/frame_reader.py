# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a child Blender that stays for single frames, without waiting for it. Free of bpy.

Starting a Blender takes more than a second, opening a copy of the editor's file a few hundredths: so the child stays
between two looks, and is given each time the timeline as it is now.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .line_process import LineProcess


class FrameReader:
    """One child Blender, started with the first order and again after it died.

    Args:
        command: how to start the child.
        log: file for what it says on its standard error.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = tuple(command)
        self._log = log
        self._process: LineProcess | None = None
        self._open: list[str] = []

    @property
    def log(self) -> Path:
        """The file with everything the child says on its standard error."""
        return self._log

    @property
    def process_id(self) -> int | None:
        """The child's number in the system; None while there is none."""
        return self._process.process_id if self._process else None

    def start(self) -> None:
        """Starts the child, where there is none, so that it is ready when it is asked.

        Raises:
            OSError: it cannot be started.
        """
        if self._process is None:
            folder = self._log.parent
            self._process = LineProcess(self._command, folder=folder, environment=os.environ, log=self._log)

    def ask(self, order_id: str, order: dict[str, Any]) -> None:
        """Hands one order over; returns at once. The answer comes from ``answers``.

        Args:
            order_id: names the order in its answer.
            order: ``do`` = "read": ``blend``, ``scene``, ``strip``, ``frame``, and the ``picture`` to write.
                ``do`` = "show": ``blend``, ``scene``, ``frame``, and ``pictures``, pairs of a picture and where to
                write it as the preview shows it.

        Raises:
            OSError: the child cannot be started.
        """
        self.start()
        assert self._process is not None
        self._open.append(order_id)
        self._process.send(json.dumps({"id": order_id, **order}))

    def answers(self) -> list[tuple[str, str]]:
        """The orders that were served since the last call, each with what went wrong; empty = it is done."""
        found: list[tuple[str, str]] = []
        if self._process is None:
            return found
        for line in self._process.lines():
            words = line.split(" ", 3)
            if words[0] == "brushflow" and words[1] in ("done", "failed") and words[2] in self._open:
                self._open.remove(words[2])
                found.append((words[2], words[3] if words[1] == "failed" else ""))
        if self._process.has_ended:
            problem = f"the child Blender ended with code {self._process.exit_code()}"
            found += [(order_id, problem) for order_id in self._open]
            self.stop()
        return found

    def stop(self) -> None:
        """Ends the child; what it was asked for is forgotten."""
        process, self._process = self._process, None
        self._open.clear()
        if process is not None:
            process.kill()
