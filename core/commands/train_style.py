# SPDX-License-Identifier: GPL-3.0-or-later
"""``train-style`` on the command line: a style from one picture. Needs torch and rich."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..errors import SettingsError
from ..paint.torch_engine import working_device
from ..settings import TRAINING_MINUTES_RANGE
from ..styles.user_styles import title_of
from ..styles.weights import ModelLibrary
from ..training.critics.choice import LOSS_NETWORKS
from ..training.keep_style import StyleOrder, train_style
from ..training.style_run import StylePlan, TrainingState
from .styles_folder import styles_folder

_RATES = (1e-5, 1.0)


def train_style_from(options: argparse.Namespace) -> None:
    """Train a style from PICTURE; see ``python -m core train-style --help``.

    Raises:
        Cancelled: Ctrl-C; the same command goes on.
        BrushflowError: what is wrong and what to do.
    """
    picture, folder = Path(options.picture), styles_folder(options.styles)
    title = options.name or title_of(picture)
    order = StyleOrder(
        picture, title, _plan(options), Path(options.footage) if options.footage else None, options.fresh
    )
    with _ConsoleTraining() as watch:
        style = train_style(order, folder, ModelLibrary(user_folder=folder), watch)
    print(f"{style.title!r} is ready: {style.folder}")
    named = f" --styles {folder}" if options.styles else ""
    print(f"python -m core stylize IN OUT --style {style.identifier}{named}")


def _plan(options: argparse.Namespace) -> StylePlan:
    for name, (low, high) in (("minutes", TRAINING_MINUTES_RANGE), ("learning_rate", _RATES)):
        value = getattr(options, name)
        if not low <= value <= high:
            raise SettingsError(f"{name} is {value}; a number from {low} to {high} was expected.")
    if options.steps is not None and options.steps < 1:
        raise SettingsError(f"steps is {options.steps}; a number from 1 on was expected.")
    name = options.loss_network.partition(":")[0]
    if name not in LOSS_NETWORKS:
        raise SettingsError(f"There is no loss network {name!r}.", f"There are {', '.join(LOSS_NETWORKS)}.")
    assets = Path(options.assets) if options.assets else Path()
    return StylePlan(
        photographs=assets / "photos" if options.assets else Path(),
        minutes=options.minutes,
        steps=options.steps,
        loss_network=options.loss_network,
        assets=assets,
        learning_rate=options.learning_rate,
        device=working_device(options.device),
    )


class _ConsoleTraining:
    """Progress with the time left and the losses; Ctrl-C asks the run to stop, a second one ends it at once."""

    def __init__(self) -> None:
        columns = (TextColumn("Training"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        self._progress = Progress(*columns)
        self._task = self._progress.add_task("getting ready", total=1.0)
        self._stopping = False
        self._exits = contextlib.ExitStack()
        self._told = False

    def __enter__(self) -> _ConsoleTraining:
        self._exits.enter_context(self._progress)
        self._exits.enter_context(_on_ctrl_c(self._stop))
        return self

    def __exit__(self, *error: object) -> None:
        self._exits.close()

    def trained(self, state: TrainingState) -> None:
        """See ``core.training.style_run.TrainingWatch``."""
        left = f"{state.seconds_left // 60:.0f}:{state.seconds_left % 60:02.0f} left"
        losses = f"style loss {state.losses['style']:.3f}, content loss {state.losses['content']:.3f}"
        self._progress.update(self._task, completed=state.share, description=f"{left}, {losses}")

    def preview(self, path: Path) -> None:
        """See ``core.training.style_run.TrainingWatch``."""
        if not self._told:
            self._progress.console.print(f"A preview, renewed every minute: {path}", soft_wrap=True)
        self._told = True

    def should_stop(self) -> bool:
        """See ``core.training.style_run.TrainingWatch``."""
        return self._stopping

    def _stop(self) -> None:
        if self._stopping:
            raise KeyboardInterrupt
        self._stopping = True


@contextlib.contextmanager
def _on_ctrl_c(stop: object) -> Iterator[None]:
    assert callable(stop)
    before = signal.signal(signal.SIGINT, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
