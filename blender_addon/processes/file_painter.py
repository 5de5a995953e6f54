# SPDX-License-Identifier: GPL-3.0-or-later
"""A child Blender that opens one .blend and paints what is missing in it. Free of bpy.

It is given its order as the first line of its input. Whatever comes after that, or the input's end, makes it stop: so
it never outlives the Blender that started it.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .line_process import LineProcess

MARK = "brushflow file "
"""Begins the lines in which the child tells how far it is, and how it ended; JSON follows."""
LEAVE = "leave"
"""The line that makes the child stop without saving."""


@dataclasses.dataclass(frozen=True)
class FileProgress:
    """How far a file is.

    Attributes:
        strip: what is painted now, by the name of its source.
        done, total: frames that are there, and all that are wanted, of every strip to be painted.
    """

    strip: str
    done: int
    total: int


@dataclasses.dataclass(frozen=True)
class FileReport:
    """How a file ended.

    Attributes:
        outcome: "painted", "passed over" (nothing to do, or not to be touched), "stopped" or "failed".
        sentence: what the editor reads.
    """

    outcome: str
    sentence: str


class FilePainter:
    """One child at work on one file.

    Args:
        command: how to start it.
        order: what it is to do, see ``child_blender/paint_file.py``.
        log: file for what it says on its standard error.
        yields: leave the processor to the window.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], order: Mapping[str, Any], log: Path, *, yields: bool) -> None:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.progress = FileProgress("", 0, 0)
        self.log = log
        self._report: FileReport | None = None
        self._process = LineProcess(command, folder=log.parent, environment=environment, log=log, yields=yields)
        self._process.send(json.dumps(order))

    @property
    def process_id(self) -> int:
        """The child's number in the system."""
        return self._process.process_id

    def listen(self) -> FileReport | None:
        """Takes in what the child said, without waiting; gives how the file ended once the child is gone."""
        for line in self._process.lines():
            if line.startswith(MARK):
                self._hear(json.loads(line.removeprefix(MARK)))
        if not self._process.has_ended:
            return None
        ended = f"The Blender that painted it ended with code {self._process.exit_code()}; {self.log} says more."
        return self._report or FileReport("failed", ended)

    def ask_to_stop(self, *, may_save: bool = True) -> None:
        """The child puts its brush down, saves the strips that are whole, where it may, and ends by itself."""
        if not may_save:
            self._process.send(LEAVE)
        self._process.close_input()

    def stop(self, grace_seconds: float) -> None:
        """The same, and waits for it; after the grace time it is killed, and what it started ends with it."""
        self._process.stop(grace_seconds)

    def _hear(self, told: dict[str, Any]) -> None:
        if "outcome" in told:
            self._report = FileReport(str(told["outcome"]), str(told["sentence"]))
        else:
            self.progress = FileProgress(str(told["strip"]), int(told["done"]), int(told["total"]))
