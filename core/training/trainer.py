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

    def losses(
        self, painter: HousePainter, photographs: Tensor, styles: list[int], progress: float = 1.0
    ) -> dict[str, Tensor]:
        """Losses of painting groups of `crops_per_style` photographs, each group in its style.

        `progress` is the share of the run that is done. `total` is what to minimise; `style` and `content` hold
        one value per group.
        """
        group = self.recipe.crops_per_style
        chosen = torch.tensor(styles, device=photographs.device).repeat_interleave(group)
        gamma, beta = painter.gamma[chosen], painter.beta[chosen]
        other = photographs.roll(group, 0)
        pair = moving_pair(photographs, other, self.generator)
        frames = pair.previous
        painted, mean, variance = painter.network.paint(_bordered(frames), gamma, beta, group)
        painted = _cropped(painted)
        style, content = self._perceptual(painted, frames, styles, group)
        temporal = self._temporal(painter, painted, pair, (gamma, beta, mean.detach(), variance.detach()), group)
        variation = total_variation(painted)
        contour = contour_loss(painted, frames)
        weights = self.recipe.loss_weights
        style_weight = weights.style_at_first if progress < weights.first_part else weights.style
        total = (
            style_weight * style.mean()
            + weights.content * content.mean()
            + weights.temporal * temporal
            + weights.total_variation * variation
            + weights.contour * contour
        )
        return {
            "total": total,
            "style": style,
            "content": content,
            "temporal": temporal,
            "variation": variation,
            "contour": contour,
        }

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
        self, painter: HousePainter, painted: Tensor, pair: MovingPair, norm: tuple[Tensor, ...], group: int
    ) -> Tensor:
        """In turn, the first crops of all groups move or stand still under noise; both must keep their painting."""
        scale, shift = affine(*(value[::group] for value in norm))
        before, moves = (
            painted[::group],
            bool(torch.rand(1, generator=self.generator, device=painted.device) < 0.5),
        )
        if moves:
            later, visible = pair.current[::group], pair.visible[::group]
            carried = warp(before, pair.flow_cur_to_prev[::group])
        else:
            still = pair.previous[::group]
            sigma = torch.rand(1, generator=self.generator, device=painted.device) * NOISE
            noise = torch.randn(still.shape, generator=self.generator, device=painted.device)
            later, carried, visible = (
                (still + noise * sigma).clamp(0, 1),
                before,
                torch.ones_like(still[:, :1]),
            )
        repainted = _cropped(painter.network(_bordered(later), scale, shift))
        return temporal_loss(repainted, carried, visible)


def _bordered(frames: Tensor) -> Tensor:
    return functional.pad(frames, (BORDER, BORDER, BORDER, BORDER), mode="reflect")


def _cropped(painted: Tensor) -> Tensor:
    return painted[..., BORDER:-BORDER, BORDER:-BORDER]


def _reduced(pictures: Tensor, factor: int) -> Tensor:
    return functional.avg_pool2d(pictures, factor) if factor > 1 else pictures
