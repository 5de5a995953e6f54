# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the house network by a recipe: python -m core.training.train --assets ../shared/assets --out runs/house."""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .checkpoint import HousePainter, adopt_shipped, load_checkpoint, restore_optimiser, save_checkpoint
from .data import ContentWindows
from .memory_order import in_fast_order
from .recipe import Recipe, read_recipe
from .samples import write_sheet
from .trainer import Teacher

LOG_EVERY = 20
KEEP_EVERY_SECONDS = 240.0

HEAD_SHARE = 0.25
"""The head of the style encoder learns at so much of the network's rate: each of its outputs adds up many weights, and
at the full rate it runs away."""


class Run:
    """A training run in a folder: it can be stopped at any time and goes on where it was last saved.

    Args:
        start: folder of shipped models to start from instead of nothing.
    """

    any_every = 3
    """Of so many styles that are learnt one is any picture, for the style encoder."""

    def __init__(
        self, recipe: Recipe, assets: Path, folder: Path, device: torch.device, start: Path | None = None
    ) -> None:
        self.recipe, self.folder, self.device = recipe, folder, device
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        self.painter = HousePainter(len(recipe.styles))
        if start is not None:
            adopt_shipped(self.painter, start, [style.id for style in recipe.styles])
        self.painter.to(device)
        in_fast_order(self.painter.network)
        self.teacher = Teacher(recipe, assets, device, folder / "styles.safetensors")
        if start is None and len(self.teacher.styles.moments):
            self.painter.head.begin(self.teacher.styles.moments, self.painter.gamma, self.painter.beta)
        self.optimiser = torch.optim.Adam(self._what_learns(), recipe.learning_rate, betas=(0.9, 0.99))
        self.average = {name: value.clone() for name, value in self.painter.state_dict().items()}
        self.facts: dict[str, Any] = {"step": 0, "crops": 0, "seconds": 0.0}
        if (folder / "checkpoint.safetensors").is_file():
            self._resume()
        photographs = assets / recipe.photographs
        seed = recipe.seed + int(self.facts["step"])
        self.windows = ContentWindows(photographs, recipe.crop, recipe.content_short_side, seed, recipe.content_blur)
        count = len(self.windows.files)
        self.looked_at = [self.windows.files[(i * count // 5 + 40) % count] for i in range(5)]

    def _shown_styles(self, painter: HousePainter) -> tuple[Tensor, Tensor]:
        """Gamma and beta (S, N) of the sample sheet's columns."""
        return painter.gamma, painter.beta

    def _what_learns(self) -> list[dict[str, Any]]:
        """Adam's groups of parameters, each with its share of the learning rate."""
        return [
            {"params": list(self.painter.network.parameters()), "share": 1.0},
            {"params": list(self.painter.head.parameters()), "share": HEAD_SHARE},
            {"params": [self.painter.gamma, self.painter.beta], "share": self.recipe.style_learning_rate_factor},
        ]

    def train(self, most_steps: float = math.inf) -> None:
        """Learn until the recipe's minutes or `most_steps` are used up, logging and saving on the way.

        The learning rate falls over whichever of the two comes first.
        """
        saved_at = time.monotonic()
        started = saved_at - float(self.facts["seconds"])
        batches = self.windows.batches(self.recipe.styles_per_step, self.recipe.crops_per_style)
        sums: dict[str, list[float]] = {}
        for batch in batches:
            time_used = (time.monotonic() - started) / (60 * self.recipe.minutes)
            progress = max(time_used, self.facts["step"] / most_steps if most_steps else 1.0)
            if progress >= 1:
                break
            self._step(batch.to(self.device), progress, sums)
            self.facts["seconds"] = time.monotonic() - started
            if self.facts["step"] % LOG_EVERY == 0:
                self._log(sums)
            if time.monotonic() - saved_at > KEEP_EVERY_SECONDS:
                self.save()
                saved_at = time.monotonic()
        self.save()

    def save(self) -> None:
        """Write a checkpoint and a sample sheet of the running average."""
        save_checkpoint(self.folder, self.painter, self.average, self.optimiser, self.facts)
        shown = copy.deepcopy(self.painter).cpu()
        shown.load_state_dict({name: value.cpu() for name, value in self.average.items()})
        target = self.folder / f"sheet-{self.facts['step']:06d}.png"
        with torch.no_grad():
            write_sheet(shown.network, *self._shown_styles(shown), self.looked_at, target)

    def _step(self, photographs: Tensor, progress: float, sums: dict[str, list[float]]) -> None:
        recipe = self.recipe
        styles = self._styles_of_step()
        low, high = recipe.final_learning_rate, recipe.learning_rate
        rate = low + (high - low) * 0.5 * (1 + math.cos(math.pi * progress))
        for parameters in self.optimiser.param_groups:
            parameters["lr"] = parameters["share"] * rate * min(1.0, (int(self.facts["step"]) + 1) / 50)
        # Everything random in a step follows from its number: trainings that differ in their losses see the same.
        self.teacher.generator.manual_seed(recipe.seed + int(self.facts["step"]))
        losses = self.teacher.losses(self.painter, photographs, styles)
        self.optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.painter.parameters(), 5.0)
        self.optimiser.step()
        self.facts["step"] += 1
        self.facts["crops"] += photographs.shape[0]
        decay = min(recipe.average_decay, (self.facts["step"] + 1) / (self.facts["step"] + 10))
        for name, value in self.painter.state_dict().items():
            self.average[name].lerp_(value, 1 - decay)
        names = [recipe.styles[index].id if index < len(recipe.styles) else "any" for index in styles]
        _count(sums, losses, names)

    def _styles_of_step(self) -> list[int]:
        count = self.recipe.styles_per_step
        first = int(self.facts["step"]) * count
        there = len(self.recipe.styles), len(self.teacher.styles.moments), self.recipe.seed
        return [style_at(first + place, *there, self.any_every) for place in range(count)]

    def _log(self, sums: dict[str, list[float]]) -> None:
        line = {name: round(sum(values) / len(values), 5) for name, values in sorted(sums.items())}
        line |= {name: round(value, 1) for name, value in self.facts.items()}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        sums.clear()

    def _resume(self) -> None:
        saved = load_checkpoint(self.folder)
        self.painter.load_state_dict(saved["painter"])
        self.average = {name: value.to(self.device) for name, value in saved["average"].items()}
        restore_optimiser(self.optimiser, saved["adam"])
        self.facts = json.loads((self.folder / "checkpoint.json").read_text(encoding="utf-8"))


def style_at(turn: int, named: int, others: int, seed: int, any_every: int = Run.any_every) -> int:
    """The style learnt at one turn: named ones in turn; with other pictures, which count on behind the named ones,
    one in `any_every` is one of those."""
    if not others:
        return _in_turn(turn, named, seed)
    if turn % any_every == any_every - 1:
        return named + _in_turn(turn // any_every, others, seed)
    return _in_turn(turn - turn // any_every, named, seed)


def _in_turn(turn: int, count: int, seed: int) -> int:
    """One of `count`, each as often as every other: a new random order each time all have had their turn."""
    order = torch.Generator().manual_seed(seed + turn // count)
    return int(torch.randperm(count, generator=order)[turn % count])


def _count(sums: dict[str, list[float]], losses: dict[str, Tensor], styles: list[str]) -> None:
    for name, value in losses.items():
        if value.dim() == 0:
            sums.setdefault(name, []).append(float(value.detach()))
        else:
            for style, part in zip(styles, value.detach().tolist(), strict=True):
                sums.setdefault(f"{name}.{style}", []).append(part)


def main(arguments: list[str] | None = None) -> None:
    """The command line of training."""
    parser = argparse.ArgumentParser(prog="python -m core.training.train", description=__doc__)
    default = Path(__file__).parent / "recipes" / "house.toml"
    parser.add_argument("--recipe", type=Path, default=default, help="TOML file (default: the house network's)")
    parser.add_argument("--assets", type=Path, required=True, help="folder with photographs, styles and loss network")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; an interrupted run goes on")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    parser.add_argument("--start", type=Path, help="folder of shipped models to start from, instead of from nothing")
    parser.add_argument("--minutes", type=float, help="train this long instead of what the recipe says")
    chosen = parser.parse_args(arguments)
    recipe = read_recipe(chosen.recipe)
    if chosen.minutes is not None:
        recipe = Recipe(**{**recipe.__dict__, "minutes": chosen.minutes})
    Run(recipe, chosen.assets, chosen.out, torch.device(chosen.device), chosen.start).train()


if __name__ == "__main__":
    main()
