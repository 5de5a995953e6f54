# SPDX-License-Identifier: GPL-3.0-or-later
"""What a painting is judged by while the network learns (free of bpy, needs torch).

Every loss is relative to the size of its target, so one weight means the same for every layer and every style.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

_CONTOUR_WINDOW = 9
"""Width of the windows of the contour loss, in reduced pixels: wider than a rim, narrower than a shape."""

_CONTOUR_SIZES = (1, 2)
"""The pictures are reduced by these factors before rims are looked for."""

_TEXTURE_CONTRAST, _CONTOUR_CONTRAST = 0.01, 0.05
"""Variance of brightness in a window, of 0…1: up to the first it is texture, on which strokes are welcome, and does
not count; far above the second it counts fully."""


@dataclass(frozen=True)
class StyleTarget:
    """What a style picture leaves at one layer: Gram matrix (C, C), mean and deviation (C,) of its features."""

    gram: Tensor
    mean: Tensor
    deviation: Tensor


class _FeatureMoments(torch.autograd.Function):
    """Gram matrix and mean of features, with the gradient of both in one product of half the usual cost."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, group: int) -> tuple[Tensor, Tensor]:
        batch, channels, height, width = features.shape
        places = features.permute(0, 2, 3, 1).reshape(batch // group, group * height * width, channels)
        exact = places.float()
        ctx.save_for_backward(places)
        ctx.shape = features.shape
        return exact.transpose(1, 2) @ exact / places.shape[1], exact.mean(1)

    @staticmethod
    def backward(ctx: Any, gram: Tensor, mean: Tensor) -> tuple[Tensor, None]:
        (places,) = ctx.saved_tensors
        both = ((gram + gram.transpose(1, 2)) / places.shape[1]).to(places.dtype)
        one = (mean[:, None] / places.shape[1]).to(places.dtype)
        gradient = torch.baddbmm(one, places, both)
        batch, channels, height, width = ctx.shape
        return gradient.view(batch, height, width, channels).permute(0, 3, 1, 2), None


def feature_moments(features: Tensor, group: int = 1) -> tuple[Tensor, Tensor]:
    """Gram matrices (S, C, C; Gatys et al. 2016) and means (S, C) of features (B, C, H, W), float32.

    Each is averaged over the places of `group` consecutive pictures; S = B / group.
    """
    gram, mean = _FeatureMoments.apply(features, group)  # type: ignore[no-untyped-call]
    return gram, mean


def style_target(features: Tensor) -> StyleTarget:
    """The target that one style picture's features (B, C, H, W) set, of the whole or of B windows of it."""
    gram, mean = feature_moments(features, features.shape[0])
    return StyleTarget(gram[0], mean[0], _deviation(gram, mean)[0])


def style_loss(features: Tensor, targets: list[StyleTarget], group: int = 1) -> Tensor:
    """Relative style loss (S,) of S = B / group groups of pictures, each group against its own target.

    Gram matrices (Gatys et al. 2016) and mean and deviation (Huang and Belongie 2017) are averaged over a
    group before they are compared: the group as a whole takes on the style, so a calm part may stay calm.
    """
    gram, mean = feature_moments(features, group)
    deviation = _deviation(gram, mean)
    losses = []
    for index, target in enumerate(targets):
        by_gram = _relative(gram[index], target.gram)
        by_moments = _relative(mean[index], target.mean) + _relative(deviation[index], target.deviation)
        losses.append(by_gram + by_moments)
    return torch.stack(losses)


def content_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """How far features (B, C, H, W) are from the wanted ones, each channel's mean and contrast set aside: (B,).

    What is where counts, not how bright or colourful it is, so content and palette do not fight. 0 is equal,
    2 unrelated.
    """
    return torch.square(_standardised(features.float()) - _standardised(wanted.float())).mean((1, 2, 3))


def total_variation(pictures: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels of pictures (B, 3, H, W)."""
    return (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean() + (
        pictures[..., :, 1:] - pictures[..., :, :-1]
    ).abs().mean()


def contour_loss(painted: Tensor, frames: Tensor) -> Tensor:
    """How far paintings (B, 3, H, W) are from being cut where their frames are, along strong contours: 0 … 1.

    Along a contour a painting may be any two colours, but with a rim or a glow between them no function of the frame's
    brightness gives it. So in each small window the painting is fitted by a line in that brightness (the local affine
    model of He et al. 2013); what is left over is the loss, as a share of the painting's variance, and a window counts
    the more the stronger the frame's contrast in it is. Styles love rims: they are contrast that no content forbids.
    At full and half size it sees thin rims, at a quarter wide glows; it is the mean of the three.
    """
    grey = frames.mean(1, keepdim=True)
    return torch.stack(
        [_rims(functional.avg_pool2d(painted, size), functional.avg_pool2d(grey, size)) for size in _CONTOUR_SIZES]
    ).mean()


def temporal_loss(painted_cur: Tensor, carried_prev: Tensor, visible: Tensor) -> Tensor:
    """Mean squared difference, where `visible` (B, 1, H, W) is 1, of a painting and the one before carried to it.

    Ruder et al. 2016, with motion that is known exactly; without motion it is the noise loss.
    """
    squared = torch.square(painted_cur - carried_prev) * visible
    return squared.sum() / (visible.sum() * painted_cur.shape[1]).clamp_min(1)


def _deviation(gram: Tensor, mean: Tensor) -> Tensor:
    """Standard deviation (S, C): the diagonal of a Gram matrix is the mean of the squares."""
    return torch.sqrt((gram.diagonal(dim1=1, dim2=2) - torch.square(mean)).clamp_min(0) + 1e-4)


def _relative(value: Tensor, target: Tensor) -> Tensor:
    return torch.square(value - target).sum() / torch.square(target).sum()


def _standardised(features: Tensor) -> Tensor:
    deviation, mean = torch.std_mean(features, (2, 3), keepdim=True)
    floor = 0.2 * deviation.mean(1, keepdim=True)
    return (features - mean) / (deviation + floor + 1e-6)


def _windows(values: Tensor) -> Tensor:
    """Means over all windows of the contour loss; along one side after the other, which is the same and quicker."""
    across = functional.avg_pool2d(values, (1, _CONTOUR_WINDOW), 1)
    return functional.avg_pool2d(across, (_CONTOUR_WINDOW, 1), 1)


def _rims(paint: Tensor, grey: Tensor) -> Tensor:
    """What no line in `grey` (B, 1, H, W) explains of `paint` in windows with a contour, as a share of its variance."""
    mean_grey, mean_paint = _windows(grey), _windows(paint)
    contrast = (_windows(torch.square(grey)) - torch.square(mean_grey)).clamp_min(0)
    spread = (_windows(torch.square(paint)) - torch.square(mean_paint)).clamp_min(0)
    common = _windows(grey * paint) - mean_grey * mean_paint
    left_over = (spread - torch.square(common) / (contrast + 1e-4)).clamp_min(0)
    weight = (contrast - _TEXTURE_CONTRAST).clamp_min(0) / (contrast + _CONTOUR_CONTRAST)
    return (weight * left_over).sum() / (weight * spread).sum().clamp_min(1e-6)
