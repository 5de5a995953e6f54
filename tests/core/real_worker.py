# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process for the tests: spoken to over its pipes as Blender does it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from core.worker import protocol
from core.worker.protocol import Done, Failed, Message

ENDS = (Done, protocol.CancelledByRequest, Failed)
PATIENCE = 240.0  # seconds; a busy machine is slow, a hanging worker is for ever


class RealWorker:
    """A worker process and all it has said.

    Args:
        arguments: of Python, where it is not to be started as Blender starts it.
        environment: variables besides those of the test.
    """

    def __init__(self, repository: Path, *arguments: str, **environment: str) -> None:
        command = [sys.executable, *(arguments or ("-m", "core", "worker"))]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        # As Blender starts it: Python's own text streams are strict then.
        own = {"PYTHONIOENCODING": "utf-8", "OMP_WAIT_POLICY": "PASSIVE"}
        self.process = subprocess.Popen(command, cwd=repository, env={**os.environ, **own, **environment}, **pipes)
        self.said: list[Message] = []
        self.log = b""
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._hear, daemon=True).start()
        threading.Thread(target=self._keep_log, daemon=True).start()

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _keep_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log += line

    def send(self, request: protocol.Line | bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(request if isinstance(request, bytes) else request.encode().encode() + b"\n")
        self.process.stdin.flush()

    def next_line(self) -> bytes:
        """What it says next, as it is; empty when the worker has closed its end."""
        return self._lines.get(timeout=PATIENCE)

    def hear(self) -> Message | None:
        """The next message; None when the worker has closed its end."""
        line = self.next_line()
        if not line:
            return None
        self.said.append(protocol.decode_message(line.decode()))
        return self.said[-1]

    def until(self, what: Callable[[Message], bool]) -> Message:
        """The first message of that kind."""
        while (message := self.hear()) is not None:
            if what(message):
                return message
        raise AssertionError(f"the worker ended early: {self.log.decode()}")

    def end_of(self, job_id: str) -> Message:
        return self.until(lambda message: isinstance(message, ENDS) and message.job_id == job_id)

    def wait(self) -> int:
        """Everything it still says, and its exit status."""
        while self.hear() is not None:
            pass
        return self.process.wait(PATIENCE)

    def ends(self, job_id: str) -> list[Message]:
        return [message for message in self.said if isinstance(message, ENDS) and message.job_id == job_id]
