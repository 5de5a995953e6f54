# SPDX-License-Identifier: GPL-3.0-or-later
"""A style of the editor's own, learnt in the worker's process. Free of bpy; torch is imported when one is asked for."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineError, SettingsError
from ..paint.torch_engine import working_device
from ..settings import DEVICES, TRAINING_MINUTES_RANGE
from ..styles.weights import ModelLibrary
from . import protocol

if TYPE_CHECKING:
    from ..training.style_run import TrainingState

_PROGRESS_SECONDS = 0.25  # progress is told at most this often
_NAME_A_PYTHON = (
    'Name a Python from 3.11 on with torch, safetensors, numpy and OpenCV as "Python with Torch" in the preferences.'
)


def train(
    request: protocol.TrainStyle,
    send: Callable[[protocol.Message], None],
    should_stop: Callable[[], bool],
) -> protocol.Done:
    """Learn the style that is asked for, or go on with its training; ``send`` gets every message but the last one.

    Raises:
        Cancelled: ``should_stop`` said so; everything learnt is kept.
        EngineError: this Python cannot train, or the device is not there.
        BrushflowError: what is wrong with the request, the picture, the footage or the training.
    """
    started = time.monotonic()
    _check(request)
    _refuse_without_packages()
    send(protocol.Accepted(request.job_id, 0))
    send(protocol.Progress(request.job_id, "Getting ready", 0, 0, -1.0))
    try:
        from ..training.keep_style import StyleOrder, train_style
        from ..training.style_run import StylePlan
    except (ImportError, OSError) as error:  # the latter from a torch whose libraries do not load
        raise EngineError(f"{sys.executable} cannot load what training needs ({error}).", _NAME_A_PYTHON) from error
    plan = StylePlan(Path(), minutes=request.minutes, device=working_device(request.device))
    footage = Path(request.footage) if request.footage else None
    order = StyleOrder(Path(request.picture), request.title, plan, footage, request.fresh)
    styles = Path(request.styles_dir)
    watch = _TrainingWatch(request.job_id, send, should_stop)
    style = train_style(order, styles, ModelLibrary(user_folder=styles), watch)
    return protocol.Done(request.job_id, 0, 0, time.monotonic() - started, style.identifier)


def _check(request: protocol.TrainStyle) -> None:
    low, high = TRAINING_MINUTES_RANGE
    if not low <= request.minutes <= high:
        raise SettingsError(f"minutes is {request.minutes:g}; a number from {low:g} to {high:g} was expected.")
    if request.device not in DEVICES:
        raise SettingsError(f"device is {request.device!r}; one of {', '.join(DEVICES)} was expected.")
    # Relative to what? The worker stands in the extension's folder, where nothing may be written.
    if not Path(request.styles_dir).is_absolute():
        raise SettingsError(f"styles_dir is {request.styles_dir!r}; the whole path of a folder was expected.")


def _refuse_without_packages() -> None:
    missing = [name for name in ("torch", "safetensors") if importlib.util.find_spec(name) is None]
    if "torch" in missing:
        raise EngineError(f"Training needs torch, which {sys.executable} does not have.", _NAME_A_PYTHON)
    if missing:
        raise EngineError(
            f"Training needs the package safetensors, which {sys.executable} does not have.",
            f"Install it there: {sys.executable} -m pip install safetensors",
        )


class _TrainingWatch:
    """Turns the training's reports into messages."""

    def __init__(self, job_id: str, send: Callable[[protocol.Message], None], should_stop: Callable[[], bool]) -> None:
        self._job_id = job_id
        self._send = send
        self._told = 0.0
        self.should_stop = should_stop

    def trained(self, state: TrainingState) -> None:
        """See ``core.training.style_run.TrainingWatch``."""
        now = time.monotonic()
        if now - self._told < _PROGRESS_SECONDS and state.share < 1:
            return
        self._told = now
        style, content = state.losses["style"], state.losses["content"]
        self._send(protocol.TrainingProgress(self._job_id, state.step, state.share, state.seconds_left, style, content))

    def preview(self, path: Path) -> None:
        """See ``core.training.style_run.TrainingWatch``."""
        self._send(protocol.PreviewReady(self._job_id, str(path)))
