# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker that the preferences ask for, or none yet: which Python runs it, in which environment, with which log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .. import core_link, preferences
from ..storage import run_folder
from .worker_client import WorkerClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..core_link import protocol


def chosen_python() -> Path:
    """The Python that is to run the worker: the one named in the preferences, else Blender's own.

    Raises:
        EngineError: none is named, and Blender does not say where its own is.
    """
    return preferences.torch_python() or core_link.own_python()


def make_client(python: Path, log: str = "worker", *, yields: bool = False) -> WorkerClient:
    """A client for a worker run by this Python; it is started with the first job.

    Args:
        log: the name of its log.
        yields: see ``WorkerClient``.

    Raises:
        BrushflowError: a package is missing, or a folder of the user's cannot be made.
    """
    environment = core_link.worker_environment(
        is_own_python=preferences.torch_python() is None, styles=preferences.user_folder("styles")
    )
    return WorkerClient(
        core_link.worker_command(python),
        environment,
        core_link.ENGINE_FOLDER,
        log_file(log),
        yields=yields,
    )


class WorkerSeat:
    """Where the worker sits, or nobody yet. Whoever asks need not know which."""

    def __init__(self) -> None:
        self._worker: WorkerClient | None = None
        self._python: Path | None = None

    def taken(self) -> WorkerClient:
        """The worker; another one after the preferences named another Python. Errors as of ``make_client``."""
        python = chosen_python()
        if self._worker is None or python != self._python:
            self.stop()
            self._python, self._worker = python, make_client(python, yields=not bpy.app.background)
        return self._worker

    @property
    def has_jobs(self) -> bool:
        """True while the worker has anything to do, be it only to stop."""
        return self._worker is not None and self._worker.has_jobs

    def has(self, job_id: str) -> bool:
        """True while the worker has the job, be it only to stop with it."""
        return self._worker is not None and self._worker.has(job_id)

    @property
    def process_id(self) -> int | None:
        """The worker's number in the system; None while there is none."""
        return self._worker.process_id if self._worker is not None else None

    @property
    def ready(self) -> protocol.Ready | None:
        """What the worker said of itself; None until it did."""
        return self._worker.ready if self._worker is not None else None

    def messages(self, limit: int) -> Sequence[protocol.Message]:
        """What the worker said since, at most so much."""
        return self._worker.messages(limit) if self._worker is not None else ()

    def cancel(self, job_id: str) -> None:
        """Makes it stop with a job, if it has it."""
        if self._worker is not None:
            self._worker.cancel(job_id)

    def stop(self, grace_seconds: float = 0.5) -> None:
        """Ends the worker; the next job starts it again."""
        if self._worker is not None:
            self._worker.stop(grace_seconds=grace_seconds)


def log_file(name: str) -> Path:
    """The log of this Blender's child or worker, in the user's folder; those of two weeks ago are deleted."""
    folder = preferences.user_folder("logs")
    run_folder.sweep(folder, days=14)
    return folder / f"{name}-{os.getpid()}.log"
