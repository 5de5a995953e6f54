# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns one style from one picture: gamma and beta alone, the shipped network stays (needs torch)."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from pathlib import Path
from typing import Protocol

import cv2
import torch
from torch import Tensor

from ..errors import Cancelled, ModelError, TrainingError
from ..paint.encode_style import style_of_picture
from ..styles.user_styles import START_ANEW
from ..styles.weights import ModelLibrary
from .checkpoint import HousePainter, adopt_shipped, checkpoint_facts, load_checkpoint, restore_optimiser
from .checkpoint import save_checkpoint as save
from .data import ContentWindows, read_picture, to_tensor
from .recipe import Recipe, StyleSource, read_recipe
from .samples import paint_picture
from .trainer import Teacher

STYLE_PICTURE, PRACTICE, SHOWN, PREVIEW = "style.png", "practice", "shown.png", "preview.png"
"""In the folder of a run: what to learn, what to practise on, the frame that previews show, and the last preview."""

_RECIPE = Path(__file__).parent / "recipes" / "house.toml"
_KEEP_EVERY_SECONDS = 10.0  # as much is lost when the process is killed
_SHOW_EVERY_SECONDS = 60.0
_WARM_UP_STEPS = 20
_WINDOW = 20  # steps that are averaged to see whether a run diverges
_EXPLODED = 4.0  # times the loss of the first steps


@dataclasses.dataclass(frozen=True)
class StylePlan:
    """How a style is learnt.

    Attributes:
        minutes: how long; what an interrupted run used counts.
        steps: learn exactly so many steps instead: then an interrupted run gives the same numbers as one in one go.
        loss_network: one of ``core.training.critics.choice.LOSS_NETWORKS``.
        assets: folder of loss networks that are not the project's own.
        photographs: folder of pictures to practise on.
        learning_rate: of Adam at first; it falls to a twentieth along a cosine.
        device: "cpu", "cuda" or "mps".
    """

    photographs: Path
    minutes: float = 15.0
    steps: int | None = None
    loss_network: str = "distilled"
    assets: Path = Path()
    learning_rate: float = 0.01
    device: str = "cpu"
    crop: int = 192
    short_side: tuple[int, int] = (200, 384)


@dataclasses.dataclass(frozen=True)
class TrainingState:
    """How far a run is: steps done, share of the whole 0 … 1, seconds left, and means of the last steps' losses."""

    step: int
    share: float
    seconds_left: float
    losses: dict[str, float]


class TrainingWatch(Protocol):
    """Who looks on: the command line, or a worker that tells Blender."""

    def trained(self, state: TrainingState) -> None:
        """Called after every step."""

    def preview(self, path: Path) -> None:
        """A new preview lies at this path: the source on the left, painted on the right."""

    def should_stop(self) -> bool:
        """Asked before every step."""
        ...


class StyleRun:
    """A run in a folder that holds ``style.png`` and ``shown.png``; it goes on where it was last saved.

    Raises:
        BrushflowError: a model is missing or damaged, or the run was begun with another network.
    """

    def __init__(self, plan: StylePlan, folder: Path, library: ModelLibrary) -> None:
        self.plan, self.folder, self.device = plan, folder, torch.device(plan.device)
        self.recipe = _recipe(plan, folder)
        self.network_key = library.network("house").key
        self.painter = HousePainter(1)
        adopt_shipped(self.painter, library.folder, [""])
        self.painter.network.requires_grad_(False)
        self.painter.to(self.device)
        self.teacher = Teacher(self.recipe, plan.assets, self.device)
        self.windows = ContentWindows(
            plan.photographs, plan.crop, plan.short_side, self.recipe.seed, self.recipe.content_blur
        )
        self.optimiser = torch.optim.Adam([self.painter.gamma, self.painter.beta], plan.learning_rate, (0.9, 0.99))
        self.step, self.seconds, self.first_loss = 0, 0.0, math.nan
        if (folder / "checkpoint.safetensors").is_file():
            self._resume()
        else:
            self._start_nearest(library)
            self.average = {name: getattr(self.painter, name).detach().clone() for name in ("gamma", "beta")}
        self._recent: list[dict[str, float]] = []

    @property
    def share(self) -> float:
        """How much of the run is done, 0 … 1."""
        done = self.step / self.plan.steps if self.plan.steps else self.seconds / (60 * self.plan.minutes)
        return min(1.0, done)

    def modulation(self) -> tuple[Tensor, Tensor]:
        """Gamma and beta (1, N) as they stand, averaged over the last steps."""
        return self.average["gamma"].cpu(), self.average["beta"].cpu()

    def train(self, watch: TrainingWatch) -> None:
        """Learn to the end of the plan, saving every ten seconds and showing a preview every minute.

        Raises:
            Cancelled: the watch asked to stop; everything learnt is saved.
            TrainingError: the run diverged; the last checkpoint is from before.
        """
        self._keep()
        try:
            self._show(watch)
            kept_at = shown_at = time.monotonic()
            while self.share < 1:
                if watch.should_stop():
                    raise Cancelled("What was learnt is kept; run the same command to go on.")
                started = time.monotonic()
                self._learn()
                self.seconds += time.monotonic() - started
                watch.trained(self._state())
                if started - kept_at > _KEEP_EVERY_SECONDS:
                    self._keep()
                    kept_at = started
                if started - shown_at > _SHOW_EVERY_SECONDS:
                    self._show(watch)
                    shown_at = started
        except Cancelled:
            self._keep()
            raise
        self._keep()
        self._show(watch)

    def _learn(self) -> None:
        """One step. Everything random in it follows from its number, so that an interrupted run is as any other."""
        rate = self.plan.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * self.share)))
        for parameters in self.optimiser.param_groups:
            parameters["lr"] = rate * min(1.0, (self.step + 1) / _WARM_UP_STEPS)
        self.teacher.generator.manual_seed(self.recipe.seed + self.step)
        recipe = self.recipe
        batch = self.windows.batch_at(self.step, recipe.styles_per_step, recipe.crops_per_style).to(self.device)
        losses = self.teacher.losses(self.painter, batch, [0] * recipe.styles_per_step)
        self._refuse_divergence({name: float(value.detach().mean()) for name, value in losses.items()})
        self.optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([self.painter.gamma, self.painter.beta], 5.0)
        self.optimiser.step()
        self.step += 1
        decay = min(self.recipe.average_decay, (self.step + 1) / (self.step + 10))
        for name, value in self.average.items():
            value.lerp_(getattr(self.painter, name).detach(), 1 - decay)

    def _refuse_divergence(self, losses: dict[str, float]) -> None:
        self._recent = [*self._recent[1 - _WINDOW :], losses]
        mean = sum(one["total"] for one in self._recent) / len(self._recent)
        if math.isnan(self.first_loss) and len(self._recent) == _WINDOW:
            self.first_loss = mean
        exploded = len(self._recent) == _WINDOW and mean > _EXPLODED * self.first_loss
        if not math.isfinite(losses["total"]) or exploded:
            raise TrainingError(
                f"The training diverged: after {self.step} steps the loss is {losses['total']:.3g}.",
                f"Train it anew with {START_ANEW} and a --learning-rate below {self.plan.learning_rate:g}.",
            )

    def _state(self) -> TrainingState:
        names = self._recent[-1]
        means = {name: sum(one[name] for one in self._recent) / len(self._recent) for name in names}
        left = self.seconds / self.share * (1 - self.share) if self.share > 0 else 0.0
        return TrainingState(self.step, self.share, left, means)

    def _start_nearest(self, library: ModelLibrary) -> None:
        """Start from what is nearest to the picture by style loss: a preset, their mean, or what the encoder reads."""
        presets = [library.style(record["id"]) for record in library.style_records() if record["network"] == "house"]
        starts = [(self.painter.gamma.detach().clone(), self.painter.beta.detach().clone())]
        at_once = style_of_picture(self.folder / STYLE_PICTURE, library)
        starts += [(torch.from_numpy(one.gamma)[None], torch.from_numpy(one.beta)[None]) for one in (*presets, at_once)]
        batch = self.windows.batch_at(0, 1, self.recipe.crops_per_style).to(self.device)
        losses = []
        with torch.no_grad():
            for gamma, beta in starts:
                self._put(gamma, beta)
                self.teacher.generator.manual_seed(self.recipe.seed)
                losses.append(float(self.teacher.losses(self.painter, batch, [0])["style"].mean()))
        self._put(*starts[losses.index(min(losses))])

    def _put(self, gamma: Tensor, beta: Tensor) -> None:
        with torch.no_grad():
            self.painter.gamma.copy_(gamma)
            self.painter.beta.copy_(beta)

    def _keep(self) -> None:
        facts = {
            "step": self.step,
            "seconds": self.seconds,
            "network_key": self.network_key,
            "first_loss": None if math.isnan(self.first_loss) else self.first_loss,
        }
        save(self.folder, self.painter, self.average, self.optimiser, facts)

    def _show(self, watch: TrainingWatch) -> None:
        """Paint and write a preview."""
        frame = to_tensor(read_picture(self.folder / SHOWN))
        painted = paint_picture(self.painter.network.cpu(), frame, *self.modulation())
        self.painter.to(self.device)
        both = torch.cat([frame, painted], 3)[0].permute(1, 2, 0).clamp(0, 1).mul(255).round().byte().numpy()
        good, data = cv2.imencode(".png", both[:, :, ::-1])
        assert good, both.shape
        (self.folder / f"{PREVIEW}.part").write_bytes(data.tobytes())
        (self.folder / f"{PREVIEW}.part").replace(self.folder / PREVIEW)
        watch.preview(self.folder / PREVIEW)

    def _resume(self) -> None:
        try:
            saved, facts = load_checkpoint(self.folder), checkpoint_facts(self.folder)
            belongs = facts["network_key"] == self.network_key
            if belongs:
                self.painter.load_state_dict(saved["painter"])
                self.average = {name: value.to(self.device) for name, value in saved["average"].items()}
                restore_optimiser(self.optimiser, saved["adam"])
                self.step, self.seconds = int(facts["step"]), float(facts["seconds"])
                self.first_loss = math.nan if facts["first_loss"] is None else float(facts["first_loss"])
        except Exception as error:  # the readers raise kinds of their own
            raise ModelError(
                f"The unfinished training in {self.folder} cannot be read ({error}).",
                f"Train it anew with {START_ANEW}.",
            ) from error
        if not belongs:
            raise ModelError(
                f"The unfinished training in {self.folder} belongs to another version of the house network.",
                f"Train it anew with {START_ANEW}.",
            )


def _recipe(plan: StylePlan, folder: Path) -> Recipe:
    """The house network's recipe, for one style that is learnt twice in a step, from two photographs."""
    picture = str((folder / STYLE_PICTURE).resolve())
    style = StyleSource("", "", "", 0, picture, "", "", short_side=400)
    return dataclasses.replace(
        read_recipe(_RECIPE),
        loss_network=plan.loss_network,
        styles=(style,),
        any_styles="",
        styles_per_step=2,
        crop=plan.crop,
    )


def facts_of(folder: Path) -> dict[str, object]:
    """What an unfinished run is of: the record that was written when it began; empty where there is none."""
    path = folder / "order.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
