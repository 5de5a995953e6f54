# SPDX-License-Identifier: GPL-3.0-or-later
"""Teach the critic what VGG-19 says: python -m core.training.distil_critic --assets ASSETS --out models/critic.

It looks at photographs and at paintings, the shipped presets' own among them, and at what painters make that learn from
it meanwhile (``pupils``): it will have to judge them all. With --begin-with FILE an earlier critic learns on.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from .critics.choice import open_loss_network
from .critics.distilled import Critic, distilled
from .data import ContentWindows
from .looks import looks_at, scaled_targets
from .loss_network import LAYERS
from .losses import StyleTarget, feature_moments, style_target
from .memory_order import in_fast_order
from .pupils import Pupils

CROP = 192
PHOTOGRAPHS, PAINTINGS = 2, 1
"""Pictures of each kind in one step; the photographs are also painted by a pupil. All are seen as painters' are."""

LEARNING_RATE, FINAL_LEARNING_RATE = 3e-3, 2e-5
RATE_OF_A_LEARNT_ONE = 1e-3
"""At the full rate an earlier critic forgets first."""

_FITTED_BATCHES = 8  # an earlier critic's turns are fitted anew, and few pictures would mislead them
WEIGHTS = {"feature": 1.0, "gram": 0.3, "lacking": 0.6}
_FLOOR = 0.1
"""What a painting lacks counts relative to its size and to so much of the style picture's: nothing may divide by 0."""

SHARES = (0.5, 0.4, 0.1)
"""Of what is seen from close, at half and at a quarter of the size; the last has a quarter of the pixels."""
LOG_EVERY = 20


def distillation_losses(learnt: dict[str, Tensor], taught: dict[str, Tensor]) -> dict[str, Tensor]:
    """For every layer, how far the critic's features are from VGG's, and its Gram matrices and means from VGG's.

    Features count relative to their variance, so 1 is a critic that only knows the mean; Gram matrices (Gatys et al.
    2016), which style is measured by, and means relative to their size.
    """
    losses = {}
    for layer in LAYERS:
        own, wanted = learnt[layer], taught[layer].float()
        spread = torch.square(wanted - wanted.mean((0, 2, 3), keepdim=True)).mean()
        losses[f"feature.{layer}"] = torch.square(own - wanted).mean() / spread
        gram, mean = feature_moments(own)
        wanted_gram, wanted_mean = feature_moments(wanted)
        losses[f"gram.{layer}"] = _relative(gram, wanted_gram) + _relative(mean, wanted_mean)
    return losses


def lacking_losses(
    learnt: dict[str, Tensor], taught: dict[str, Tensor], own: dict[str, StyleTarget], wanted: dict[str, StyleTarget]
) -> dict[str, Tensor]:
    """For every layer, how far what the critic finds lacking in paintings is from what VGG does, relative to that.

    Lacking is the difference of Gram matrices and means between paintings, taken together, and their style picture. It
    is all that a painter follows: an error that is the same for both does no harm, and one that is not does all of it.

    Args:
        learnt, taught: the critic's and VGG's features of the paintings.
        own, wanted: what each of them sees in the style picture.
    """
    losses = {}
    for layer in LAYERS:
        ours, theirs = style_target(learnt[layer]), style_target(taught[layer].float())
        goal, target = own[layer], wanted[layer]
        by_gram = _lacking(ours.gram - goal.gram, theirs.gram - target.gram, target.gram)
        by_mean = _lacking(ours.mean - goal.mean, theirs.mean - target.mean, target.mean)
        losses[f"lacking.{layer}"] = by_gram + by_mean
    return losses


class Distillation:
    """Learning of one critic.

    Args:
        assets: folder with ``photos``, ``styles`` and VGG-19, as the recipe of the house network names them.
        minutes: how long it learns, which the learning rate falls over.
        seed: of weights and pictures.
        earlier: weights of a critic that learns on; None for one that knows nothing.

    Raises:
        ModelError: weights are missing, damaged, or another network's.
    """

    def __init__(self, assets: Path, minutes: float, seed: int, earlier: Path | None = None) -> None:
        torch.manual_seed(seed)
        self.minutes = minutes
        self.teacher = open_loss_network("vgg19", assets)
        photographs = ContentWindows(assets / "photos", CROP, (200, 480), seed)
        paintings = ContentWindows(assets / "styles", CROP, (200, 448), seed)
        self.batches: Iterator[tuple[Tensor, Tensor]] = zip(
            photographs.batches(PHOTOGRAPHS, 1), paintings.batches(PAINTINGS, 1), strict=True
        )
        self.critic = Critic()
        if earlier is not None:
            self.critic.load_state_dict(distilled(earlier, torch.float32).state_dict())
        self._generator = torch.Generator().manual_seed(seed)
        pictures = torch.cat([torch.cat(next(self.batches)) for _ in range(_FITTED_BATCHES)])
        first = looks_at(pictures, self._generator)[0]
        with torch.no_grad():
            self.critic.widen(first, self.teacher(first))
        in_fast_order(self.critic)
        self.pupils = Pupils(assets / "styles", seed)
        self._rate = LEARNING_RATE if earlier is None else RATE_OF_A_LEARNT_ONE
        self.optimiser = torch.optim.Adam(self.critic.parameters(), self._rate, betas=(0.9, 0.99))
        self.steps = 0

    def learn(self, log: Path, most_steps: float = math.inf) -> None:
        """Learn for ``minutes`` or ``most_steps``; one line of losses in ``log`` every few steps."""
        started = time.monotonic()
        sums: dict[str, float] = {}
        while (progress := (time.monotonic() - started) / (60 * self.minutes)) < 1 and self.steps < most_steps:
            losses = self._step(progress)
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach()) / LOG_EVERY
            if self.steps % LOG_EVERY == 0:
                line = {name: round(value, 4) for name, value in sums.items()}
                with log.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps({"step": self.steps, **line}) + "\n")
                sums.clear()

    def _step(self, progress: float) -> dict[str, Tensor]:
        rate = FINAL_LEARNING_RATE + (self._rate - FINAL_LEARNING_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
        for parameters in self.optimiser.param_groups:
            parameters["lr"] = rate * min(1.0, (self.steps + 1) / 100)
        photographs, paintings = next(self.batches)
        lesson = self.pupils.paint(photographs, self.critic, self.teacher)
        looks = looks_at(torch.cat([photographs, paintings, lesson.paintings]), self._generator)
        own = scaled_targets(lesson.picture, self.critic, CROP)
        by_look = [self._losses(*seen) for seen in zip(looks, own, lesson.wanted, strict=True)]
        losses = {
            name: torch.stack([share * of[name] for share, of in zip(SHARES, by_look, strict=True)]).sum()
            for name in by_look[0]
        }
        total = torch.stack([WEIGHTS[name.split(".")[0]] * value for name, value in losses.items()]).sum()
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.critic.parameters(), 5.0)
        self.optimiser.step()
        self.steps += 1
        return losses

    def _losses(
        self, pictures: Tensor, own: dict[str, StyleTarget], wanted: dict[str, StyleTarget]
    ) -> dict[str, Tensor]:
        """Of pictures whose last ones a pupil painted; the photographs it painted are as many."""
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            taught = self.teacher(pictures)
        learnt = self.critic(pictures)
        return distillation_losses(learnt, taught) | lacking_losses(_painted(learnt), _painted(taught), own, wanted)


def write_critic(critic: Critic, folder: Path) -> None:
    """``weights.safetensors``, float16, narrowed."""
    critic.narrow()
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.half().contiguous().clone() for name, value in critic.state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    (folder / "weights.safetensors").chmod(0o644)


def _relative(value: Tensor, wanted: Tensor) -> Tensor:
    dimensions = tuple(range(1, value.dim()))
    return (torch.square(value - wanted).sum(dimensions) / torch.square(wanted).sum(dimensions)).mean()


def _painted(features: dict[str, Tensor]) -> dict[str, Tensor]:
    return {layer: values[-PHOTOGRAPHS:] for layer, values in features.items()}


def _lacking(found: Tensor, wanted: Tensor, whole: Tensor) -> Tensor:
    size = torch.square(wanted).sum() + _FLOOR * torch.square(whole).sum()
    return torch.square(found - wanted).sum() / size


def main(arguments: list[str] | None = None) -> None:
    """The command line of the critic's training."""
    parser = argparse.ArgumentParser(prog="python -m core.training.distil_critic", description=__doc__)
    parser.add_argument("--assets", type=Path, required=True, help="folder with photographs, paintings and VGG-19")
    parser.add_argument("--out", type=Path, required=True, help="folder to write weights.safetensors and log.jsonl to")
    parser.add_argument("--minutes", type=float, default=20.0, help="how long to learn (default: 20)")
    parser.add_argument("--seed", type=int, default=20, help="of weights and pictures (default: 20)")
    parser.add_argument("--begin-with", type=Path, help="weights.safetensors of an earlier critic, to learn on from")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    run = Distillation(chosen.assets, chosen.minutes, chosen.seed, chosen.begin_with)
    run.learn(chosen.out / "log.jsonl")
    write_critic(run.critic, chosen.out)


if __name__ == "__main__":
    main()
