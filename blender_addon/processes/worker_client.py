# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks to the worker: starts it, hands it jobs, takes its messages, and ends it. Free of bpy.

Whatever happens to the process, each job that was handed over gets exactly one last message: the worker's own, or, when
the worker dies, hangs or does not start, one that is made here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..core_link import errors, protocol
from .line_process import LineProcess

START_SECONDS = 60.0  # importing OpenCV from a cold, slow disk under a virus scanner takes that long at worst
GRACE_SECONDS = 0.8  # a cancelled job must be over within a second
_LAST_WORDS = 300

_Work = protocol.Stylize | protocol.Preview | protocol.TryStyles | protocol.TrainStyle


class WorkerClient:
    """One worker process, started with the first job and again after it died.

    Args:
        command: how to start the worker.
        environment: its whole environment.
        folder: the folder it runs in.
        log: file for its standard error.
        yields: leave the processor to Blender's window.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        *,
        yields: bool = False,
    ) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._folder = folder
        self._log = log
        self._yields = yields
        self._process: LineProcess | None = None
        self._started_at = 0.0
        self._unsent: list[protocol.Request] = []
        self._given: dict[str, _Work] = {}  # jobs handed over that have not ended yet
        self._finished: dict[str, int] = {}  # how many frames of each are done
        self._kill_at: dict[str, float] = {}
        self.ready: protocol.Ready | None = None

    @property
    def is_running(self) -> bool:
        """True while there is a process."""
        return self._process is not None

    @property
    def has_jobs(self) -> bool:
        """True while a job was handed over and has not ended."""
        return bool(self._given)

    def has(self, job_id: str) -> bool:
        """True while this job was handed over and has not ended."""
        return job_id in self._given

    @property
    def process_id(self) -> int | None:
        """The worker's number in the system; None while there is none."""
        return self._process.process_id if self._process else None

    @property
    def log(self) -> Path:
        """The file with everything the worker says on its standard error."""
        return self._log

    def warm_up(self) -> None:
        """Starts the worker ahead of its first job. Where it cannot be started, that job will say so."""
        if self._process is None:
            self._start()

    def paint(self, request: protocol.Stylize | protocol.Preview | protocol.TryStyles) -> None:
        """Hands a job over, starting the worker where needed. Returns at once; answers come from ``messages``."""
        self._hand_over(request)

    def train(self, request: protocol.TrainStyle) -> None:
        """Hands a training over; as ``paint``."""
        self._hand_over(request)

    def _hand_over(self, request: _Work) -> None:
        self._given[request.job_id] = request
        self._finished[request.job_id] = 0
        self._unsent.append(request)

    def cancel(self, job_id: str) -> None:
        """Asks for a job to stop. The worker is killed if it has not answered after ``GRACE_SECONDS``."""
        if job_id not in self._given or job_id in self._kill_at:
            return
        self._kill_at[job_id] = time.monotonic() + GRACE_SECONDS
        self._unsent.append(protocol.Cancel(job_id))

    def messages(self, limit: int = 200) -> list[protocol.Message]:
        """What has been said since the last call, without waiting; at most about ``limit`` messages."""
        said: list[protocol.Message] = []
        if self._process is None and self._unsent:
            said += self._start()
        if self._process is not None:
            for line in self._process.lines():
                said += self._heard(line)
                if len(said) >= limit or self._process is None:
                    break
        said += self._late()
        self._send_waiting()
        return said

    def stop(self, grace_seconds: float = 0.5) -> None:
        """Ends the worker. Jobs it still had are forgotten; frames already painted stay."""
        process, self._process = self._process, None
        self._forget_all()
        self.ready = None
        if process is not None:
            process.send(protocol.Shutdown().encode())
            process.stop(grace_seconds)

    def _start(self) -> list[protocol.Message]:
        try:
            process = LineProcess(
                self._command,
                folder=self._folder,
                environment=self._environment,
                log=self._log,
                yields=self._yields,
            )
        except OSError as error:
            reason = f"The painting process could not be started ({self._command[0]}: {error.strerror or error})."
            return self._fail_all(reason, 'Check "Python with Torch" in the add-on\'s preferences.')
        self._process = process
        self._started_at = time.monotonic()
        process.send(protocol.Hello(protocol.VERSION).encode())
        return []

    def _heard(self, line: str) -> list[protocol.Message]:
        try:
            message = protocol.decode_message(line)
        except errors.ProtocolError as error:
            return self._give_up(error.message, error.hint)
        match message:
            case protocol.Ready():
                if message.protocol != protocol.VERSION:
                    return self._give_up(
                        f"The painting process speaks protocol {message.protocol}; {protocol.VERSION} was expected.",
                        "Install the add-on again from its zip and restart Blender.",
                    )
                self.ready = message
                return []
            case protocol.Failed(job_id=""):
                return self._give_up(message.message, message.hint)
            case protocol.Done() | protocol.CancelledByRequest() | protocol.Failed():
                if message.job_id not in self._given:
                    return []
                self._forget(message.job_id)
                if isinstance(message, protocol.Failed) and not message.log:
                    return [protocol.Failed(message.job_id, message.message, message.hint, str(self._log))]
            case protocol.FrameDone():
                if message.job_id in self._finished:
                    self._finished[message.job_id] += 1
        return [message]

    def _late(self) -> list[protocol.Message]:
        """What time and death bring: a worker that has ended, does not start, or does not stop."""
        if self._process is None:
            return []
        now = time.monotonic()
        if self._process.has_ended:
            return self._died(self._process.exit_code())
        if self.ready is None and now - self._started_at > START_SECONDS:
            return self._give_up(
                f"The painting process gave no sign of life for {START_SECONDS:.0f} seconds.", _SEE_LOG
            )
        if any(moment <= now for moment in self._kill_at.values()):
            return self._kill_for_cancel()
        return []

    def _kill_for_cancel(self) -> list[protocol.Message]:
        """The worker did not stop in time: it is ended, and the jobs it had besides go to a new one."""
        ended: list[protocol.Message] = [
            protocol.CancelledByRequest(job_id, self._finished[job_id]) for job_id in self._kill_at
        ]
        for job_id in list(self._kill_at):
            self._forget(job_id)
        self._end_process()
        self._unsent = list(self._given.values())
        return ended

    def _died(self, exit_code: int | None) -> list[protocol.Message]:
        how = (
            f"was ended by signal {-exit_code}"
            if exit_code is not None and exit_code < 0
            else (f"ended unexpectedly with code {exit_code}")
        )
        last = self._last_words()
        self._end_process()
        return self._fail_all(f"The painting process {how}.{last}", f"{_AGAIN} The details are in {self._log}.")

    def _give_up(self, message: str, hint: str) -> list[protocol.Message]:
        self._end_process()
        return self._fail_all(message, hint)

    def _end_process(self) -> None:
        process, self._process = self._process, None
        self.ready = None
        if process is not None:
            process.kill()

    def _fail_all(self, message: str, hint: str) -> list[protocol.Message]:
        failed: list[protocol.Message] = [
            protocol.Failed(job_id, message, hint, str(self._log)) for job_id in self._given
        ]
        self._forget_all()
        return failed

    def _forget_all(self) -> None:
        for job_id in list(self._given):
            self._forget(job_id)
        self._unsent.clear()

    def _forget(self, job_id: str) -> None:
        self._given.pop(job_id, None)
        self._finished.pop(job_id, None)
        self._kill_at.pop(job_id, None)

    def _send_waiting(self) -> None:
        if self._process is None or self.ready is None:
            return
        for request in self._unsent:
            self._process.send(request.encode())
        self._unsent.clear()

    def _last_words(self) -> str:
        """The last line of the log, as it mostly names the reason."""
        try:
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return f" It said last: {lines[-1][:_LAST_WORDS]}" if lines else ""


_AGAIN = "Start it again: what is finished is kept, and the painting process starts anew."
_SEE_LOG = "Open the log from the panel; it says how far the start came."
