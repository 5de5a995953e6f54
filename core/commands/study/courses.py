# SPDX-License-Identifier: GPL-3.0-or-later
"""Short trainings of the house network, alike but for what is compared. Free of bpy, needs torch.

What depends on the names in a recipe stands here alone.
"""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from ...styles.weights import MODELS_FOLDER
from ...training.checkpoint import HousePainter
from ...training.critics.choice import open_loss_network
from ...training.data import style_picture
from ...training.recipe import Recipe, read_recipe
from ...training.style_meter import style_source
from ...training.train import Run
from ...training.trainer import Teacher, bordered, cropped, fresh_canvas
from ..peers.adain import AdaIn

_RECIPE = Path(__file__).parents[2] / "training" / "recipes" / "house.toml"
_LEARNING_RATES = 1e-3, 5e-5
"""At first and at last: a rate that stays makes the end of a short training a matter of luck."""

_NEW_STYLE = "new"  # no preset has this name, so gamma and beta begin at the mean of all presets
_FOR_EVER = 1e9  # minutes: courses are as long as their steps
_SEED_APART = 100_000  # more than a course has steps, each of which counts its seed up


@dataclasses.dataclass(frozen=True)
class Course:
    """A training of the whole house network in one style, from the shipped weights and the presets' mean style.

    Attributes:
        style: a preset, whose picture is learnt.
        steps: of one photograph each, with as many crops of it as the recipe says.
        loss_network: see ``core.training.critics.choice``.
        noise, motion: whether noise loss and motion loss count, as much as in the recipe.
        imitates: "adain" to learn what that painter paints instead of the style picture; else "".
        seed: another number gives other photographs, motions, noise and windows.
    """

    style: str
    steps: int
    loss_network: str = "vgg19"
    noise: bool = True
    motion: bool = True
    imitates: str = ""
    seed: int = 0

    @property
    def name(self) -> str:
        """What tells it from the other courses of as many steps."""
        losses = [name for name in ("noise", "motion") if getattr(self, name)]
        seed = [f"seed {self.seed}"] if self.seed else []
        return " ".join([self.style, self.imitates or self.loss_network, *losses, *seed])


@functools.cache
def recipe_of(course: Course, assets: Path) -> Recipe:
    """The house network's recipe, changed as a course wants it.

    Content is compared in all layers of the loss network but the first.

    Raises:
        StyleError: the recipe has no such style.
        ModelError: the loss network's weights are missing or damaged.
    """
    recipe = read_recipe(_RECIPE)
    weights = recipe.loss_weights
    return dataclasses.replace(
        recipe,
        seed=recipe.seed + _SEED_APART * course.seed,
        loss_network=course.loss_network,
        content_layers=open_loss_network(course.loss_network, assets).layers[1:],
        styles=(dataclasses.replace(style_source(course.style), id=_NEW_STYLE),),
        any_styles="",
        styles_per_step=1,
        learning_rate=_LEARNING_RATES[0],
        final_learning_rate=_LEARNING_RATES[1],
        minutes=_FOR_EVER,
        loss_weights=dataclasses.replace(
            weights,
            noise=weights.noise if course.noise else 0.0,
            motion=weights.motion if course.motion else 0.0,
        ),
    )


def take(course: Course, assets: Path, target: Path) -> float:
    """Learn, write the painter to ``target`` (safetensors), and return the seconds of a step.

    Every course of a style and a seed sees the same photographs, motions and windows in the same order.

    Raises:
        BrushflowError: a style, loss network or peer is missing or damaged.
    """
    recipe = recipe_of(course, assets)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(recipe, assets, Path(folder), torch.device("cpu"), MODELS_FOLDER)
        if course.imitates:
            run.teacher = Imitation(recipe, assets)
        run.train(course.steps)
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in run.average.items()}, target)
    return float(run.facts["seconds"]) / max(1, course.steps)


def read_painter(path: Path) -> HousePainter:
    """The painter of one style that ``take`` wrote."""
    painter = HousePainter(1)
    painter.load_state_dict(load_file(path))
    return painter.requires_grad_(False)


class Imitation(Teacher):
    """Teaches the house network to paint as AdaIN does: distillation (Hinton et al. 2015) of a large painter.

    Args:
        recipe: of one style, the picture that the large painter is given.
        assets: folder with the peers' weights.
    """

    def __init__(self, recipe: Recipe, assets: Path) -> None:
        super().__init__(recipe, assets, torch.device("cpu"))
        self._large = AdaIn(assets, style_picture(recipe.styles[0], assets))

    def losses(self, painter: HousePainter, photographs: Tensor, styles: list[int]) -> dict[str, Tensor]:
        """Pixel loss and feature loss of paintings against the large painter's; see ``Teacher.losses``.

        Both relative: squared differences over the variance of its pixels, and of its features layer by layer.
        """
        group = self.recipe.crops_per_style
        gamma, beta = (part[styles].repeat_interleave(group, 0) for part in (painter.gamma, painter.beta))
        frames = bordered(photographs)
        canvas = fresh_canvas(frames, self.generator)
        painted = cropped(painter.network.paint(frames, canvas, gamma, beta, group)[0])
        with torch.no_grad():
            taught = self._large.paint(photographs).clamp(0, 1)
            wanted = self.loss_network(taught)
        seen = self.loss_network(painted)
        pixel = _relative(painted, taught)
        feature = torch.stack([_relative(seen[layer].float(), wanted[layer].float()) for layer in seen]).mean()
        return {"total": pixel + feature, "pixel": pixel, "feature": feature}


def _relative(values: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference over the variance of what is wanted; 1 is the mean alone."""
    return torch.square(values - wanted).mean() / wanted.var()
