# SPDX-License-Identifier: GPL-3.0-or-later
"""The house network in PyTorch (free of bpy, needs torch): one small painter for all styles.

Residual layout of Johnson et al. 2016 with the trunk at an eighth of the resolution, styles as one scale
and one shift per normalised channel (conditional instance normalisation, Dumoulin et al. 2017), and no
transposed convolution or pixel shuffle on the way up, so that no pixel grid can appear (Odena et al. 2016).

Departure: besides the frame it sees a canvas, a fixed random grain (see ``core.paint.canvas``). A convolution of a
flat part is flat, so without it strokes in a clear sky can only grow out of the frame's own noise, which changes from
frame to frame; from the canvas they grow the same in each (Ulyanov et al. 2016 make textures from such noise).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from .canvas import CHANNELS as GRAINS
from .normalised import BLOCKS, EIGHTH, HALF, NORMALISED, QUARTER

STRIDE = 8
"""Height and width of a frame given to the network are multiples of this, in pixels."""

BORDER = 8
"""Pixels by which a frame is reflected at its borders before painting, and which are cropped afterwards: with the
network's own padding, which repeats the edge, no halo is left. A multiple of STRIDE."""

EPSILON = 1e-5
"""Added to a variance before its square root is taken."""

HEAD = 8
"""Channels at the full resolution."""

NORMALISED_CHANNELS: tuple[int, ...] = tuple(channels for channels, _ in NORMALISED)
"""Channels of each normalised layer, in the order in which `scale` and `shift` list them."""

CHANNELS = sum(NORMALISED_CHANNELS)
"""N: the length of `scale`, `shift`, `gamma` and `beta`."""

Normaliser = Callable[[int, Tensor], Tensor]


def receptive_radius() -> int:
    """How far, in pixels, a pixel of the frame can reach in the painting, rounded up to STRIDE.

    Each layer adds its kernel's reach times the pixel step it works at; a bilinear doubling reaches one coarse
    pixel further (its other tap). Going down, a 4x4 kernel with stride 2 reaches 2 of its input pixels.
    """
    down = 2 * 1 + 2 * 2 + 2 * 4
    trunk = 2 * BLOCKS * 8
    up = 8 + 2 * 4 + 4 + 2 + 2 + 2 * 1
    return -(-(down + trunk + up) // STRIDE) * STRIDE


class HouseNetwork(nn.Module):
    """Paints frames (B, 3, H, W), RGB 0…1, H and W multiples of STRIDE, into the same shape and range."""

    def __init__(self) -> None:
        super().__init__()
        self.down_half = _convolution(3, HALF, 4, 2)
        self.down_quarter = _convolution(HALF, QUARTER, 4, 2)
        self.canvas_quarter = _grain(QUARTER, 3, 1)
        self.down_eighth = _convolution(QUARTER, EIGHTH, 4, 2)
        self.canvas_eighth = _grain(EIGHTH, 4, 2)
        self.trunk = nn.ModuleList(_convolution(EIGHTH, EIGHTH, 3, 1) for _ in range(2 * BLOCKS))
        self.rise = nn.Conv2d(EIGHTH, QUARTER, 1)
        self.rise_skip = nn.Conv2d(QUARTER, QUARTER, 1)
        self.at_quarter = _convolution(QUARTER, QUARTER, 3, 1)
        self.to_half = _convolution(QUARTER, HALF, 3, 1)
        self.at_half = _convolution(HALF, HALF, 3, 1)
        self.to_full = nn.Conv2d(HALF, HEAD, 1)
        self.at_full = _convolution(HEAD + 3, HEAD, 3, 1)
        self.colour = _convolution(HEAD, 3, 3, 1)

    def forward(self, frame: Tensor, canvas: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Paint with fixed normalisation: `scale` and `shift` (B or 1, N) multiply and add to channels.

        `canvas` is (B or 1, 2, H/4, W/4).
        """
        return self._run(frame, canvas, _fixed(scale, shift))

    def begin(self, frame: Tensor, canvas: Tensor, scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The first half of ``forward``: features at a half, a quarter and an eighth of the resolution, the last of
        them (B, EIGHTH, H/8, W/8) as the trunk leaves them."""
        return self._down(frame, canvas, _fixed(scale, shift))

    def finish(
        self, frame: Tensor, half: Tensor, quarter: Tensor, eighth: Tensor, scale: Tensor, shift: Tensor
    ) -> Tensor:
        """The second half: the painting from what ``begin`` gave."""
        return torch.sigmoid(self._up(frame, half, quarter, eighth, _fixed(scale, shift)))

    def statistics(self, frame: Tensor, canvas: Tensor, gamma: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance (B, N) of every normalised layer's input under true instance normalisation."""
        _, mean, variance = self.paint(frame, canvas, gamma, beta)
        return mean, variance

    def paint(
        self, frame: Tensor, canvas: Tensor, gamma: Tensor, beta: Tensor, group: int = 1
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Paint with the frames' own statistics, pooled over each `group` consecutive frames (training).

        Returns the painting (B, 3, H, W) and the mean and variance (B, N) it was painted with.
        """
        means: list[Tensor] = []
        variances: list[Tensor] = []

        def normalise(layer: int, values: Tensor) -> Tensor:
            mean, variance = _pooled_statistics(values, group)
            means.append(mean)
            variances.append(variance)
            start = sum(NORMALISED_CHANNELS[:layer])
            part = slice(start, start + NORMALISED_CHANNELS[layer])
            scale = gamma[:, part] / torch.sqrt(variance + EPSILON)
            shift = beta[:, part] - mean * scale
            return values * scale[:, :, None, None] + shift[:, :, None, None]

        painted = self._run(frame, canvas, normalise)
        return painted, torch.cat(means, 1), torch.cat(variances, 1)

    def unbounded(self, frame: Tensor, canvas: Tensor, normalise: Normaliser) -> Tensor:
        """The painting before a sigmoid brings it to 0 … 1; ``normalise`` is what becomes of each layer's values."""
        return self._up(frame, *self._down(frame, canvas, normalise), normalise)

    def _run(self, frame: Tensor, canvas: Tensor, normalise: Normaliser) -> Tensor:
        return torch.sigmoid(self.unbounded(frame, canvas, normalise))

    def _down(self, frame: Tensor, canvas: Tensor, normalise: Normaliser) -> tuple[Tensor, Tensor, Tensor]:
        half = torch.relu(normalise(0, self.down_half(frame)))
        quarter = torch.relu(normalise(1, self.down_quarter(half) + self.canvas_quarter(canvas)))
        strokes = torch.relu(normalise(2, self.down_eighth(quarter) + self.canvas_eighth(canvas)))
        for first in range(0, 2 * BLOCKS, 2):
            inner = torch.relu(normalise(3 + first, self.trunk[first](strokes)))
            strokes = strokes + normalise(4 + first, self.trunk[first + 1](inner))
        return half, quarter, strokes

    def _up(self, frame: Tensor, half: Tensor, quarter: Tensor, strokes: Tensor, normalise: Normaliser) -> Tensor:
        layer = 3 + 2 * BLOCKS
        paint = _double(self.rise(strokes)) + self.rise_skip(quarter)
        paint = torch.relu(normalise(layer, self.at_quarter(paint)))
        paint = torch.relu(normalise(layer + 1, self.to_half(paint)))
        paint = torch.relu(normalise(layer + 2, self.at_half(_double(paint) + half)))
        paint = torch.cat([_double(self.to_full(paint)), frame], 1)
        colour: Tensor = self.colour(torch.relu(self.at_full(paint)))
        return colour


def affine(gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """`scale` and `shift` (B, N) that normalise with these statistics and then apply a style's gamma and beta."""
    scale = gamma / torch.sqrt(variance + EPSILON)
    return scale, beta - mean * scale


def _convolution(inputs: int, outputs: int, kernel: int, step: int) -> nn.Conv2d:
    """A convolution that repeats the edge around its input: with zeros a frame's border would show in the painting."""
    return nn.Conv2d(inputs, outputs, kernel, step, 1, padding_mode="replicate")


def _grain(outputs: int, kernel: int, step: int) -> nn.Conv2d:
    """Lets the canvas into a layer. It begins without a say: what to do with it is learnt."""
    convolution = nn.Conv2d(GRAINS, outputs, kernel, step, 1, bias=False, padding_mode="replicate")
    nn.init.normal_(convolution.weight, 0, 0.02)
    return convolution


def _fixed(scale: Tensor, shift: Tensor) -> Normaliser:
    def normalise(layer: int, values: Tensor) -> Tensor:
        start = sum(NORMALISED_CHANNELS[:layer])
        part = slice(start, start + NORMALISED_CHANNELS[layer])
        return values * scale[:, part, None, None] + shift[:, part, None, None]

    return normalise


def _pooled_statistics(values: Tensor, group: int) -> tuple[Tensor, Tensor]:
    """Per-channel mean and variance (B, C) over the pictures of each group, the same for all of its members."""
    mean = functional.adaptive_avg_pool2d(values, 1)
    variance = functional.adaptive_avg_pool2d(torch.square(values - mean), 1)
    mean, variance = mean.flatten(1), variance.flatten(1)
    if group == 1:
        return mean, variance
    means = mean.reshape(-1, group, mean.shape[1])
    pooled_mean = means.mean(1)
    spread = torch.square(means - pooled_mean[:, None]).mean(1)
    pooled_variance = variance.reshape(means.shape).mean(1) + spread
    return pooled_mean.repeat_interleave(group, 0), pooled_variance.repeat_interleave(group, 0)


def _double(values: Tensor) -> Tensor:
    return functional.interpolate(values, scale_factor=2.0, mode="bilinear", align_corners=False)
