# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of frames whose motion is known exactly because we make it (free of bpy, needs torch).

The frame before has a background and, sometimes, a disc-like object on it; both move by their own smooth motion.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor


@dataclass(frozen=True)
class MovingPair:
    """`previous` and `current` (B, 3, H, W); `flow_cur_to_prev` (B, 2, H, W) pixels, x then y; `visible` (B, 1, H, W)
    is 1 where the current pixel was seen in the previous frame, else 0."""

    previous: Tensor
    current: Tensor
    flow_cur_to_prev: Tensor
    visible: Tensor


def warp(pictures: Tensor, flow: Tensor) -> Tensor:
    """Sample pictures (B, C, H, W) backward: the result at p is the picture at p + flow(p), bilinear."""
    height, width = pictures.shape[-2:]
    x, y = _places(flow)
    grid = torch.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], -1)
    return functional.grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)


def smooth_flow(
    batch: int, height: int, width: int, generator: torch.Generator, reach: float = 10.0, wobble: float = 3.0
) -> Tensor:
    """Random smooth motion (B, 2, H, W) in pixels: a shift of up to `reach`, some turn and zoom, a wobble."""
    device = generator.device

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=device) * 2 - 1

    x = torch.linspace(-width / 2, width / 2, width, device=device).view(1, 1, 1, width)
    y = torch.linspace(-height / 2, height / 2, height, device=device).view(1, 1, height, 1)
    linear = uniform(batch, 4, 1, 1) * 0.05
    across = linear[:, 0:1] * x + linear[:, 1:2] * y
    along = linear[:, 2:3] * x + linear[:, 3:4] * y
    shift = uniform(batch, 2, 1, 1) * reach
    bend = functional.interpolate(uniform(batch, 2, 4, 4) * wobble, size=(height, width), mode="bicubic")
    return torch.cat([across.expand(-1, -1, height, width), along.expand(-1, -1, height, width)], 1) + shift + bend


def moving_pair(background: Tensor, object_picture: Tensor, generator: torch.Generator) -> MovingPair:
    """Let pictures (B, 3, H, W) move, with a round piece of `object_picture` moving its own way in front."""
    batch, _, height, width = background.shape
    back_flow = smooth_flow(batch, height, width, generator)
    object_flow = smooth_flow(batch, height, width, generator)
    mask = _disc(batch, height, width, generator)
    previous = torch.where(mask > 0.5, object_picture, background)
    object_now = warp(mask, object_flow) > 0.5
    current = torch.where(object_now, warp(object_picture, object_flow), warp(background, back_flow))
    flow = torch.where(object_now, object_flow, back_flow)
    covered = (warp(mask, flow) > 1e-3) & ~object_now
    uncovered = (warp(mask, flow) < 1 - 1e-3) & object_now
    visible = (_inside(flow) & ~covered & ~uncovered).to(background.dtype)
    return MovingPair(previous, current, flow, visible)


def _disc(batch: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """1 inside a random ellipse of each picture, else 0; about half of the pictures have none."""
    device = generator.device
    centre = torch.rand(batch, 2, 1, 1, generator=generator, device=device)
    radius = 0.12 + 0.2 * torch.rand(batch, 2, 1, 1, generator=generator, device=device)
    present = torch.rand(batch, 1, 1, 1, generator=generator, device=device) < 0.5
    x = (torch.arange(width, device=device).view(1, 1, 1, width) / width - centre[:, :1]) / radius[:, :1]
    y = (torch.arange(height, device=device).view(1, 1, height, 1) / height - centre[:, 1:]) / radius[:, 1:]
    return ((x * x + y * y < 1) & present).float()


def _places(flow: Tensor) -> tuple[Tensor, Tensor]:
    height, width = flow.shape[-2:]
    x = torch.arange(width, device=flow.device) + flow[:, 0]
    y = torch.arange(height, device=flow.device).view(-1, 1) + flow[:, 1]
    return x, y


def _inside(flow: Tensor) -> Tensor:
    x, y = _places(flow)
    height, width = flow.shape[-2:]
    return ((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)).unsqueeze(1)
