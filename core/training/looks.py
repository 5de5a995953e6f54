# SPDX-License-Identifier: GPL-3.0-or-later
"""How a painting and a style picture are looked at before they are compared (free of bpy, needs torch).

A loss network sees nothing, zeros, beyond the border of what it is shown, and of a small window that is much: the
windows of a style picture itself, taken together, are far off the whole picture in the deepest layer
(docs/decisions.md). So a style picture is seen through windows as large as those that a painting is seen through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor

from .losses import StyleTarget, content_loss, style_loss, style_target

SCALES = (1, 2, 4)
"""The painting is compared with the style at its own size, at half and at a quarter of it."""

CLOSE_LOOK = 96
"""Pixels: at full scale a window of this side is compared with the style, which differs from step to step: the whole
would take most of the time, and fine strokes are alike everywhere."""

_CONTENT_SCALE = 2  # one of SCALES: at full scale content would hold every leaf

Features = dict[str, Tensor]
"""By layer, (B, C, h, w)."""

ScaledTargets = list[dict[str, StyleTarget]]
"""What a style picture leaves at each of SCALES, by layer."""


def reduced(pictures: Tensor, factor: int) -> Tensor:
    """Pictures at 1 / ``factor`` of their size."""
    return functional.avg_pool2d(pictures, factor) if factor > 1 else pictures


def looks_at(pictures: Tensor, generator: torch.Generator) -> list[Tensor]:
    """Pictures (B, 3, H, W) at each of SCALES: at full scale the same window of all, anywhere, else whole."""
    y, x = (_below(max(1, side - CLOSE_LOOK + 1), generator) for side in pictures.shape[-2:])
    close = pictures[..., y : y + CLOSE_LOOK, x : x + CLOSE_LOOK]
    return [close, *(reduced(pictures, scale) for scale in SCALES[1:])]


def window_side(crop: int, scale: int) -> int:
    """Side, in pixels, of what is seen at one of SCALES of a painting whose side is ``crop``."""
    return min(CLOSE_LOOK, crop) if scale == 1 else crop // scale


def tiles(picture: Tensor, side: int) -> Tensor:
    """Square windows (T, C, side, side) that cover a picture (1, C, H, W) evenly; fewer pixels where it has not as
    many."""
    height, width = picture.shape[-2:]
    rows, columns = (_starts(length, side) for length in (height, width))
    return torch.cat([picture[..., y : y + side, x : x + side] for y in rows for x in columns])


def scaled_targets(picture: Tensor, loss_network: Callable[[Tensor], Features], crop: int) -> ScaledTargets:
    """What a style picture (1, 3, H, W) wants of paintings whose side is ``crop``; a loss network that is not frozen
    learns by it."""
    windows = (tiles(reduced(picture, scale), window_side(crop, scale)) for scale in SCALES)
    return [{layer: style_target(seen) for layer, seen in loss_network(looks).items()} for looks in windows]


def style_of_looks(seen: Sequence[Features], wanted: Sequence[ScaledTargets], group: int) -> Tensor:
    """Style loss (S,), mean over scales and layers, of S groups of ``group`` paintings, each against its own targets.

    Args:
        seen: of all paintings, at each of SCALES.
    """
    losses = [
        style_loss(features, [targets[place][layer] for targets in wanted], group)
        for place, by_layer in enumerate(seen)
        for layer, features in by_layer.items()
    ]
    return torch.stack(losses).mean(0)


def perceptual_losses(
    paintings: Tensor,
    frames: Tensor,
    loss_network: Callable[[Tensor], Features],
    wanted: Sequence[ScaledTargets],
    content_layers: Sequence[str],
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Style loss at all SCALES and content loss at half scale of paintings (B, 3, H, W) of frames, as S groups (S,).

    Args:
        wanted: of each group's style; as many paintings belong to each.
    """
    group = len(paintings) // len(wanted)
    with torch.no_grad():
        there = loss_network(reduced(frames, _CONTENT_SCALE))
    seen = [loss_network(look) for look in looks_at(paintings, generator)]
    half = seen[SCALES.index(_CONTENT_SCALE)]
    content = torch.stack([content_loss(half[layer], there[layer]) for layer in content_layers]).mean(0)
    return style_of_looks(seen, wanted, group), content.reshape(-1, group).mean(1)


def _starts(length: int, side: int) -> list[int]:
    """Where windows of a side begin that cover a length with as little overlap as can be."""
    count = -(-length // side)
    return [round(place * (length - side) / (count - 1)) for place in range(count)] if count > 1 else [0]


def _below(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=generator, device=generator.device))
