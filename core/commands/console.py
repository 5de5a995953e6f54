# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress on the console, for the commands. Needs rich; Blender never comes here."""

from __future__ import annotations

from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class ConsoleWatch:
    """Shows the pipeline's progress with its own estimate of the time left. Use as ``with ConsoleWatch() as watch``."""

    def __init__(self) -> None:
        text, left = TextColumn("{task.description:9}"), TextColumn("{task.fields[left]}")
        self._progress = Progress(text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), left)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ConsoleWatch:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        """See ``core.desk.Watch``."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total, left="")
        left = f"{seconds_left // 60:.0f}:{seconds_left % 60:02.0f} left" if seconds_left >= 0 else ""
        self._progress.update(self._tasks[stage], completed=done, total=total or None, left=left)

    def frame_done(self, frame_index: int, path: Path, reused: bool) -> None:
        """See ``core.desk.Watch``; the bar counts through ``progress``."""

    def should_stop(self) -> bool:
        """See ``core.desk.Watch``; Ctrl-C raises KeyboardInterrupt by itself."""
        return False


class Silent:
    """Watches a job without a word."""

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        """See ``core.desk.Watch``."""

    def frame_done(self, frame_index: int, path: Path, reused: bool) -> None:
        """See ``core.desk.Watch``."""

    def should_stop(self) -> bool:
        """See ``core.desk.Watch``."""
        return False
