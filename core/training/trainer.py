# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of learning: what is painted, what it is judged by (free of bpy, needs torch)."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor

from ..errors import SettingsError
from ..paint.house_network import BORDER, affine
from .checkpoint import HousePainter
from .critics.choice import open_loss_network
from .data import style_picture
from .loss_network import LossNetwork
from .losses import StyleTarget, content_loss, contour_loss, style_loss, style_target, temporal_loss, total_variation
from .recipe import Recipe
from .synthetic_motion import MovingPair, moving_pair, warp

SCALES = (1, 2, 4)
"""The painting is compared with the style at its own size, at half and at a quarter of it."""

LEFT_OUT = {1: 1, 2: 0, 4: 0}
"""So many of the deepest layers are left out at each scale: at full scale only the finer ones are compared, for the
third of VGG-19 at half scale sees as far as the fourth at full scale, and what lies between is most of the work."""

NOISE = 0.06
"""Largest deviation of the noise a still frame must be painted the same under, of 0…1."""


class StyleTargets:
    """What every style leaves at each layer at each of SCALES, so that strokes and colour areas both come."""

    def __init__(self, recipe: Recipe, assets: Path, loss_network: LossNetwork, device: torch.device) -> None:
        self.targets: list[list[dict[str, StyleTarget]]] = []
        with torch.no_grad():
            for style in recipe.styles:
                picture = style_picture(style, assets).to(device)
                scales = [_reduced(picture, scale) for scale in SCALES]
                self.targets.append(
                    [{name: style_target(values) for name, values in loss_network(scale).items()} for scale in scales]
                )

    def at(self, styles: list[int], scale: int, layer: str) -> list[StyleTarget]:
        """The targets of these styles at one of SCALES, named by its place, and a layer."""
        return [self.targets[style][scale][layer] for style in styles]


class Teacher:
    """Judges the painter on batches of photographs."""

    def __init__(self, recipe: Recipe, assets: Path, device: torch.device) -> None:
        self.recipe = recipe
        self.loss_network = open_loss_network(recipe.loss_network, assets).to(device)
        unknown = set(recipe.content_layers) - set(self.loss_network.layers)
        if unknown:
            raise SettingsError(
                f"The loss network {recipe.loss_network} has no content layer {', '.join(sorted(unknown))}.",
                f"Name some of {', '.join(self.loss_network.layers)} in the recipe.",
            )
        self.styles = StyleTargets(recipe, assets, self.loss_network, device)
        self.generator = torch.Generator(device=device).manual_seed(recipe.seed)

    def losses(self, painter: HousePainter, photographs: Tensor, styles: list[int]) -> dict[str, Tensor]:
        """Losses of painting groups of `crops_per_style` photographs, each group in its style.

        `total` is what to minimise; `style` and `content` hold one value per group.
        """
        group = self.recipe.crops_per_style
        chosen = torch.tensor(styles, device=photographs.device).repeat_interleave(group)
        gamma, beta = painter.gamma[chosen], painter.beta[chosen]
        other = photographs.roll(group, 0)
        pair = moving_pair(photographs, other, self.generator)
        frames = pair.previous
        painted, mean, variance = painter.network.paint(bordered(frames), gamma, beta, group)
        painted = cropped(painted)
        style, content = self._perceptual(painted, frames, styles, group)
        scale, shift = affine(gamma, beta, mean.detach(), variance.detach())
        noise, motion = self._temporal(painter, painted, pair, (scale, shift), group)
        parts = {
            "style": style,
            "content": content,
            "total_variation": total_variation(painted),
            "noise": noise,
            "motion": motion,
            "contour": contour_loss(painted, frames),
        }
        weights = self.recipe.loss_weights
        total = torch.stack([getattr(weights, name) * value.mean() for name, value in parts.items()]).sum()
        return {"total": total, **parts}

    def _perceptual(self, painted: Tensor, frames: Tensor, styles: list[int], group: int) -> tuple[Tensor, Tensor]:
        """Style loss at all scales and content loss at half scale, one value per group."""
        with torch.no_grad():
            wanted = self.loss_network(_reduced(frames, 2))
        names = self.loss_network.layers
        seen = [self.loss_network(_reduced(painted, scale), names[-1 - LEFT_OUT[scale]]) for scale in SCALES]
        style = torch.stack(
            [
                style_loss(seen[place][layer], self.styles.at(styles, place, layer), group)
                for place in range(len(SCALES))
                for layer in seen[place]
            ]
        ).mean(0)
        layers = self.recipe.content_layers
        content = torch.stack([content_loss(seen[1][layer], wanted[layer]) for layer in layers]).mean(0)
        return style, content.reshape(-1, group).mean(1)

    def _temporal(
        self, painter: HousePainter, painted: Tensor, pair: MovingPair, norm: tuple[Tensor, Tensor], group: int
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
        scale, shift = (torch.cat([values[still], values[moving]]) for values in norm)
        repainted = cropped(painter.network(bordered(later), scale, shift))
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


def _reduced(pictures: Tensor, factor: int) -> Tensor:
    return functional.avg_pool2d(pictures, factor) if factor > 1 else pictures
