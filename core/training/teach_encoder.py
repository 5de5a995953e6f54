# SPDX-License-Identifier: GPL-3.0-or-later
"""Teach the style encoder alone: python -m core.training.teach_encoder --assets ASSETS --out RUN --models models.

The painter and its presets stay as they are, so everything that was painted before stays what it is. Only the last
layer of the encoder's head learns, on paintings as in the recipe of the house network, and in a basis in which each
direction is as frequent as every other (``WhitenedHead``).
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..paint.house_network import CHANNELS
from .checkpoint import HousePainter
from .export_encoder import write_encoder
from .recipe import read_recipe
from .style_encoder import StyleHead
from .train import Run

LEARNING_RATE, FINAL_LEARNING_RATE = 6e-4, 2e-5

CONTENT = 12.0
"""Weight of the content loss, five times as much as a preset is learnt with. Whoever learns one picture finds the marks
that suit it and the frame alike; a style that is guessed has to be held to the frame, or it is a veil of marks."""

VARIANTS = 5
"""How often each painting is looked at, with other sizes and colours; what is seen of them takes 4.2 GB of memory."""

_RIDGE = 1e-3  # of the mean variance of a direction: what hardly ever happens must not be made much of
_TRUSTED = 0.3
"""Of the mean variance: along a direction that varies as much, half of what was learnt is kept. Pictures that hardly
differ in something teach little about it, and what was learnt there by heart makes others worse."""

_SHOWN = 8  # pictures whose styles a sample sheet shows


class WhitenedHead(StyleHead):
    """A head whose last layer is written in another basis: the same function, but easy to learn.

    What the layer before it gives varies along a few directions, in some of them ten thousand times as much as in
    others. A step along a gradient then moves all styles at once and hardly tells them apart. Here every direction is
    divided by how much it varies over ``moments``.

    Args:
        head: what to begin with.
        moments: (P, M) of the pictures it will learn from.
    """

    centre: Tensor
    whitening: Tensor

    @torch.no_grad()
    def __init__(self, head: StyleHead, moments: Tensor) -> None:
        super().__init__()
        self.load_state_dict(head.state_dict())
        self.requires_grad_(False)
        found = self.before_last(moments.cpu()).double()
        variances, directions = torch.linalg.eigh(torch.cov(found.T))
        sizes = torch.sqrt(variances.clamp_min(0) + _RIDGE * variances.mean())
        self.register_buffer("centre", found.mean(0).float())
        self.register_buffer("whitening", (directions / sizes).float())
        self.weight = nn.Parameter((self.last.weight.double() @ (directions * sizes)).float())
        self.bias = nn.Parameter(self.last.bias + self.last.weight @ self.centre)

    def forward(self, moments: Tensor) -> tuple[Tensor, Tensor]:
        """Gamma and beta (B, N)."""
        found = (self.before_last(moments) - self.centre) @ self.whitening
        both = found @ self.weight.T + self.bias
        return both[:, :CHANNELS], both[:, CHANNELS:]

    @torch.no_grad()
    def folded(self) -> StyleHead:
        """A plain head that computes the same, but for what was learnt along directions that hardly vary."""
        head = StyleHead()
        head.load_state_dict({name: value for name, value in self.state_dict().items() if name in head.state_dict()})
        whitening = self.whitening.double()
        squared_sizes = 1 / torch.square(whitening).sum(0)
        begun = self.last.weight.double() @ (whitening * squared_sizes)
        learnt = begun + (self.weight - begun) * _trust(squared_sizes)
        head.last.weight.copy_(learnt @ whitening.T)
        head.last.bias.copy_(self.bias - head.last.weight @ self.centre)
        return head


def _trust(squared_sizes: Tensor) -> Tensor:
    """How much of what was learnt along each direction is kept, 0 … 1; see ``WhitenedHead`` for the sizes."""
    mean = squared_sizes.mean() / (1 + _RIDGE)
    variances = (squared_sizes - _RIDGE * mean).clamp_min(0)
    return variances / (variances + _TRUSTED * mean)


class EncoderRun(Run):
    """A run in which the head alone learns, from any pictures alone; see ``Run``."""

    any_every = 1

    def folded(self) -> StyleHead:
        """The head, averaged over the last steps."""
        averaged = copy.deepcopy(self.painter)
        averaged.load_state_dict(self.average)
        head = averaged.cpu().head
        assert isinstance(head, WhitenedHead)
        return head.folded()

    def _what_learns(self) -> list[dict[str, Any]]:
        head = WhitenedHead(self.painter.head.cpu(), self.teacher.styles.moments).to(self.device)
        self.painter.requires_grad_(False)
        self.painter.head = head
        return [{"params": [head.weight, head.bias], "share": 1.0}]

    def _shown_styles(self, painter: HousePainter) -> tuple[Tensor, Tensor]:
        moments = self.teacher.styles.moments.cpu()
        gamma, beta = painter.head(moments[:: -(-len(moments) // _SHOWN)])
        return gamma, beta


def main(arguments: list[str] | None = None) -> None:
    """The command line of the encoder's training."""
    parser = argparse.ArgumentParser(prog="python -m core.training.teach_encoder", description=__doc__)
    default = Path(__file__).parent / "recipes" / "house.toml"
    parser.add_argument("--recipe", type=Path, default=default, help="TOML file (default: the house network's)")
    parser.add_argument("--assets", type=Path, required=True, help="folder with photographs, paintings and VGG-19")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; an interrupted run goes on")
    parser.add_argument("--models", type=Path, required=True, help="folder of models to begin with, and to write to")
    parser.add_argument("--minutes", type=float, default=40.0, help="how long to learn (default: 40)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    chosen = parser.parse_args(arguments)
    house = read_recipe(chosen.recipe)
    recipe = dataclasses.replace(
        house,
        minutes=chosen.minutes,
        learning_rate=LEARNING_RATE,
        final_learning_rate=FINAL_LEARNING_RATE,
        any_variants=VARIANTS,
        loss_weights=dataclasses.replace(house.loss_weights, content=CONTENT),
    )
    run = EncoderRun(recipe, chosen.assets, chosen.out, torch.device(chosen.device), chosen.models)
    run.train()
    notes = chosen.out / "encoder-notes.md"
    write_encoder(run.folded(), chosen.models, notes.read_text(encoding="utf-8") if notes.is_file() else "")


if __name__ == "__main__":
    main()
