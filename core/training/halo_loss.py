# SPDX-License-Identifier: GPL-3.0-or-later
"""The halo loss: what ``core.contours`` measures, as something to minimise (free of bpy, needs torch)."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

from ..contours import PLATEAU, REACH, STEP

SIZES = (1, 2)
"""Pictures are reduced by these factors before they are looked at."""

_STRONG = 0.08  # of 0…1 a pixel, smoothed
_MOST, _FEWEST = 600, 50  # places on contours, of one picture


def halo_loss(painted: Tensor, frames: Tensor) -> Tensor:
    """How far paintings (B, 3, H, W) swing beyond both sides of their frames' strong contours: 0 is clean.

    Style losses love rims: they are contrast that no content loss forbids. Only the mean over all places on a picture's
    contours counts, so strokes may cross contours as they like, and only a rim that is everywhere is a loss. At full
    size it sees thin rims, at half size glows of twice the width; it is the mean of both.
    """
    return torch.stack(
        [_at(functional.avg_pool2d(painted, size), functional.avg_pool2d(frames, size)) for size in SIZES]
    ).mean()


def _at(painted: Tensor, frames: Tensor) -> Tensor:
    grey = frames.mean(1, keepdim=True)
    smooth = functional.avg_pool2d(functional.avg_pool2d(grey, 3, 1, 1), 3, 1, 1)
    dx = functional.pad((smooth[..., 2:] - smooth[..., :-2]) / 2, (1, 1, 0, 0))
    dy = functional.pad((smooth[..., 2:, :] - smooth[..., :-2, :]) / 2, (0, 0, 1, 1))
    losses = [_of_picture(*one) for one in zip(painted, dx[:, 0], dy[:, 0], strict=True)]
    return torch.stack(losses).mean()


def _of_picture(painted: Tensor, dx: Tensor, dy: Tensor) -> Tensor:
    """The loss of one painting (3, H, W) across the slopes (H, W) of its frame."""
    places = _contours(dx, dy)
    if len(places) < _FEWEST:
        return painted.sum() * 0
    lines = _across(painted, places, dx, dy)
    low, high = lines[..., : REACH - PLATEAU + 1].mean(-1), lines[..., REACH + PLATEAU :].mean(-1)
    step = high - low
    seen = (step.abs() > STEP).float()
    upwards = (lines - low[..., None]) * (torch.sign(step) * seen)[..., None]
    profile = upwards.sum((0, 1)) / (step.abs() * seen).sum().clamp_min(1.0)
    return (torch.square((profile - 1).clamp_min(0)) + torch.square((-profile).clamp_min(0))).sum()


def _contours(dx: Tensor, dy: Tensor) -> Tensor:
    """Rows and columns (K, 2) of places where the slope is strong and steepest on its way across."""
    slope = torch.hypot(dx, dy)
    steepest = functional.max_pool2d(slope[None, None], 3, 1, 1)[0, 0]
    strong = (slope > _STRONG) & (slope >= 0.98 * steepest)
    strong[:REACH], strong[-REACH:], strong[:, :REACH], strong[:, -REACH:] = False, False, False, False
    places = strong.nonzero()
    return places[:: -(-len(places) // _MOST)] if len(places) > _MOST else places


def _across(painted: Tensor, places: Tensor, dx: Tensor, dy: Tensor) -> Tensor:
    """Every channel along a line through each place, up the slope: (3, K, 2 * REACH + 1)."""
    height, width = dx.shape
    rows, columns = places.unbind(1)
    x, y = dx[rows, columns], dy[rows, columns]
    size = torch.hypot(x, y).clamp_min(1e-6)
    along = torch.arange(-REACH, REACH + 1, device=painted.device)
    at_x = columns[:, None] + along * (x / size)[:, None]
    at_y = rows[:, None] + along * (y / size)[:, None]
    grid = torch.stack([(2 * at_x + 1) / width - 1, (2 * at_y + 1) / height - 1], -1)
    return functional.grid_sample(painted[None], grid[None], align_corners=False, padding_mode="border")[0]
