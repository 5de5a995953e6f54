# SPDX-License-Identifier: GPL-3.0-or-later
"""A child process that speaks in lines and never makes Blender wait. Free of bpy.

Threads of its own read its output and write its input; Blender's thread only looks into a queue.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_NICENESS = 10


class LineProcess:
    """Runs a command and exchanges lines of text with it.

    Args:
        command: program and arguments.
        folder: the folder it runs in.
        environment: its whole environment.
        log: file that its standard error is appended to.
        yields: leave the processor to others, so that a window beside it stays alive.

    Raises:
        OSError: the program cannot be started, or the log not be written.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        yields: bool = False,
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                # A Ctrl-C in Blender's terminal is Blender's to answer; it ends the child in its own order.
                start_new_session=sys.platform != "win32",
                creationflags=_windows_flags(yields),
            )
        if yields and sys.platform != "win32":
            with contextlib.suppress(OSError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)
        self.log = log
        self._incoming: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._has_ended = False
        for work in (self._read, self._write):
            threading.Thread(target=work, name=f"brushflow-{work.__name__}", daemon=True).start()

    @property
    def process_id(self) -> int:
        """The child's number in the system."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """True once the child closed its output and every line of it was taken."""
        return self._has_ended

    def exit_code(self) -> int | None:
        """The child's exit code (negative: the signal that ended it); None while it runs."""
        if self._has_ended:  # its output is closed, so it is gone or about to be
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(timeout=1.0)
        return self._process.poll()

    def send(self, line: str) -> None:
        """Hands one line to the child; returns at once."""
        self._outgoing.put(line)

    def lines(self) -> Iterator[str]:
        """The lines that have arrived since the last call, without waiting."""
        while not self._has_ended:
            try:
                line = self._incoming.get_nowait()
            except queue.Empty:
                return
            if line is None:
                self._has_ended = True
            else:
                yield line

    def close_input(self) -> None:
        """Tells the child that nothing more will come."""
        self._outgoing.put(None)

    def kill(self) -> None:
        """Ends the child at once and waits for it to be gone."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        self.close_input()

    def stop(self, grace_seconds: float) -> None:
        """Closes the child's input, waits for it to end by itself, kills it after the grace time."""
        self.close_input()
        try:
            self._process.wait(timeout=grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for raw in stream:
                self._incoming.put(raw.decode("utf-8", "replace").rstrip("\r\n"))
        self._incoming.put(None)

    def _write(self) -> None:
        assert self._process.stdin is not None
        # A child that died in the meantime is noticed by the reader; here the pipe merely breaks.
        with contextlib.suppress(OSError, ValueError), self._process.stdin as stream:
            while (line := self._outgoing.get()) is not None:
                stream.write(line.encode("utf-8") + b"\n")
                stream.flush()


def _windows_flags(yields: bool) -> int:
    """No console window; below normal priority when it is to yield. 0 on other systems."""
    return getattr(subprocess, "CREATE_NO_WINDOW", 0) | (
        getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if yields else 0
    )
