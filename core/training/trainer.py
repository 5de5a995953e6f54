# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of learning: what is painted, what it is judged by (free of bpy, needs torch)."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor

from ..errors import SettingsError
from ..paint.canvas import CHANNELS as GRAINS
from ..paint.canvas import STEP
from ..paint.house_network import BORDER, affine
from .checkpoint import HousePainter
from .critics.choice import open_loss_network
from .critics.precision import fast_precision
from .halo_loss import halo_loss
from .looks import perceptual_losses
from .losses import contour_loss, temporal_loss, total_variation
from .recipe import Recipe
from .style_bank import fill_bank
from .synthetic_motion import MovingPair, moving_pair, warp

NOISE = 0.06
"""Largest deviation of the noise a still frame must be painted the same under, of 0…1."""


class Teacher:
    """Judges the painter on batches of photographs.

    Args:
        kept: file in which what was seen of the style pictures is kept, for the next time.
    """

    def __init__(self, recipe: Recipe, assets: Path, device: torch.device, kept: Path | None = None) -> None:
        self.recipe = recipe
        self.loss_network = open_loss_network(recipe.loss_network, assets, fast_precision(device)).to(device)
        unknown = set(recipe.content_layers) - set(self.loss_network.layers)
        if unknown:
            raise SettingsError(
                f"The loss network {recipe.loss_network} has no content layer {', '.join(sorted(unknown))}.",
                f"Name some of {', '.join(self.loss_network.layers)} in the recipe.",
            )
        self.styles = fill_bank(recipe, assets, self.loss_network, device, kept)
        self.generator = torch.Generator(device=device).manual_seed(recipe.seed)

    def losses(self, painter: HousePainter, photographs: Tensor, styles: list[int]) -> dict[str, Tensor]:
        """Losses of painting groups of `crops_per_style` photographs, each group in its style.

        Styles behind those that the recipe names are pictures that the painter's head turns into gamma and beta.
        `total` is what to minimise; `style` and `content` hold one value per group.
        """
        group, weights = self.recipe.crops_per_style, self.recipe.loss_weights
        gamma, beta = (part.repeat_interleave(group, 0) for part in self._modulation(painter, styles))
        pair = moving_pair(photographs, photographs.roll(group, 0), self.generator)
        frames = bordered(pair.previous)
        canvas = fresh_canvas(frames, self.generator)
        painted, mean, variance = painter.network.paint(frames, canvas, gamma, beta, group)
        painted = cropped(painted)
        wanted, layers = [self.styles.targets[style] for style in styles], self.recipe.content_layers
        style, content = perceptual_losses(painted, pair.previous, self.loss_network, wanted, layers, self.generator)
        scale, shift = affine(gamma, beta, mean.detach(), variance.detach())
        noise, motion = self._temporal(painter, painted, pair, (canvas, scale, shift), group)
        parts = {
            "style": style,
            "content": content,
            "total_variation": total_variation(painted),
            "noise": noise,
            "motion": motion,
            "contour": contour_loss(painted, pair.previous),
            "halo": halo_loss(painted, pair.previous),
        }
        # A style that is far off (a dark portrait on a bright photograph) must not outweigh the others: its logarithm
        # counts, with the slope that the loss itself has at 0.
        counted = {**parts, "style": torch.log1p(style)}
        total = torch.stack([getattr(weights, name) * value.mean() for name, value in counted.items()]).sum()
        return {"total": total, **parts}

    def _modulation(self, painter: HousePainter, styles: list[int]) -> tuple[Tensor, Tensor]:
        """Gamma and beta (S, N) of styles."""
        named = self.styles.named
        rows = [
            (painter.gamma[style], painter.beta[style])
            if style < named
            else tuple(part[0] for part in painter.head(self.styles.moments[style - named : style - named + 1]))
            for style in styles
        ]
        return torch.stack([row[0] for row in rows]), torch.stack([row[1] for row in rows])

    def _temporal(
        self, painter: HousePainter, painted: Tensor, pair: MovingPair, norm: tuple[Tensor, ...], group: int
    ) -> tuple[Tensor, Tensor]:
        """Noise loss and motion loss: one crop of each group stands still under noise, another one moves.

        What has no weight is not painted, and its loss is 0.
        """
        weights = self.recipe.loss_weights
        still = slice(0, None, group) if weights.noise else slice(0)
        moving = slice(group - 1, None, group) if weights.motion else slice(0)
        sigma = NOISE * torch.rand(1, generator=self.generator, device=painted.device)
        grain = torch.empty_like(pair.previous[still]).normal_(generator=self.generator)
        noisy = (pair.previous[still] + grain * sigma).clamp(0, 1)
        later = torch.cat([noisy, pair.current[moving]])
        canvas, scale, shift = (torch.cat([values[still], values[moving]]) for values in norm)
        repainted = cropped(painter.network(bordered(later), canvas, scale, shift))
        count = noisy.shape[0]
        carried = warp(painted[moving], pair.flow_cur_to_prev[moving])
        return (
            temporal_loss(repainted[:count], painted[still], torch.ones_like(noisy[:, :1])),
            temporal_loss(repainted[count:], carried, pair.visible[moving]),
        )


def bordered(frames: Tensor) -> Tensor:
    """Frames reflected at their borders, as they are painted."""
    return functional.pad(frames, (BORDER, BORDER, BORDER, BORDER), mode="reflect")


def cropped(painted: Tensor) -> Tensor:
    """Painted frames without the border."""
    return painted[..., BORDER:-BORDER, BORDER:-BORDER]


def fresh_canvas(frames: Tensor, generator: torch.Generator) -> Tensor:
    """A canvas of its own for each of the frames (B, 3, H, W)."""
    batch, _, height, width = frames.shape
    shape = (batch, GRAINS, height // STEP, width // STEP)
    return torch.empty(shape, device=frames.device).normal_(generator=generator)
