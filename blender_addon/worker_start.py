# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker that the preferences ask for: which Python runs it, in which environment, with which log."""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from . import core_link, preferences, run_folder
from .worker_client import WorkerClient


def chosen_python() -> Path:
    """The Python that is to run the worker: the one named in the preferences, else Blender's own.

    Raises:
        EngineError: none is named, and Blender does not say where its own is.
    """
    return preferences.torch_python() or core_link.own_python()


def make_client(python: Path) -> WorkerClient:
    """A client for a worker run by this Python; it is started with the first job.

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
        log_file("worker"),
        yields=not bpy.app.background,
    )


def log_file(name: str) -> Path:
    """The log of this Blender's child or worker, in the user's folder; those of two weeks ago are deleted."""
    folder = preferences.user_folder("logs")
    run_folder.sweep(folder, days=14)
    return folder / f"{name}-{os.getpid()}.log"
