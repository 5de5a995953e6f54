# SPDX-License-Identifier: GPL-3.0-or-later
"""The style encoder: turns any picture into the house network's scales and shifts (free of bpy, needs torch).

After Ghiasi et al. 2017, who predict the parameters of conditional instance normalisation from a style picture.
Departure: what the picture is described by are the mean and deviation of each channel of the critic's features, as in
Huang and Belongie 2017, so that only three small layers are learnt, and hundreds of paintings are enough. It is the
critic that learnt from pictures alone: a style picture is one.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from ..paint.house_network import CHANNELS
from .critics.distilled import WIDTHS, Critic, distilled

EYES = "critic/pictures.safetensors"
"""In the models folder: the critic that the head listens to, and learnt with."""


SHORT_SIDE = 256
"""Pixels: a style picture is brought to this short side before it is encoded; its sides are multiples of STRIDE."""

STRIDE = 8

MOMENTS = 2 * sum(width + 1 for width in WIDTHS)
"""M: how many numbers describe a picture."""

_HIDDEN = 320
_FLOOR = 1e-4
_CONSTANT, _HUGE = 2e-4, 1e6


def open_eyes(models: Path) -> Critic:
    """The critic that the head in a folder of models listens to. Raises ``ModelError``: it is missing or damaged."""
    return distilled(models / EYES, torch.float32)


def picture_moments(critic: Critic, picture: Tensor) -> Tensor:
    """Mean and deviation of every channel of the critic's features of pictures (B, 3, H, W) RGB 0 … 1: (B, M)."""
    found = []
    for values in critic(picture).values():
        mean = values.float().mean((2, 3), keepdim=True)
        deviation = torch.sqrt(torch.square(values.float() - mean).mean((2, 3)) + _FLOOR)
        found += [mean.flatten(1), deviation]
    return torch.cat(found, 1)


class StyleHead(nn.Module):
    """From moments (B, M) to gamma and beta (B, N) each; all of the encoder that is learnt."""

    usual: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("usual", torch.zeros(MOMENTS))
        self.register_buffer("spread", torch.ones(MOMENTS))
        self.layers = nn.Sequential(
            nn.Linear(MOMENTS, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, 2 * CHANNELS),
        )

    @torch.no_grad()
    def begin(self, moments: Tensor, gamma: Tensor, beta: Tensor) -> None:
        """Begin with what is usual: ``moments`` (P, M) of many pictures, and gamma and beta (S, N) of learnt styles,
        whose mean every picture gets at first.

        Moments that are the same for every picture are not listened to: the critic has some, and divided by a spread of
        nearly nothing, rounding errors would speak, which differ between PyTorch and OpenCV.
        """
        self.usual.copy_(moments.mean(0))
        spread = moments.std(0)
        self.spread.copy_(torch.where(spread < _CONSTANT, torch.full_like(spread, _HUGE), spread))
        self.last.weight.zero_()
        self.last.bias.copy_(torch.cat([gamma.mean(0), beta.mean(0)]))

    def forward(self, moments: Tensor) -> tuple[Tensor, Tensor]:
        """Gamma and beta (B, N)."""
        both = self.last(self.before_last(moments))
        return both[:, :CHANNELS], both[:, CHANNELS:]

    @property
    def last(self) -> nn.Linear:
        """The layer that gives gamma and beta."""
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        return last

    def before_last(self, moments: Tensor) -> Tensor:
        """What ``last`` is given."""
        standard = ((moments - self.usual) / self.spread).clamp(-4, 4)
        found: Tensor = self.layers[:-1](standard)
        return found


class StyleEncoder(nn.Module):
    """What models/encoder/encoder.onnx computes: gamma and beta (1, N) of a picture (1, 3, H, W) RGB 0 … 1."""

    def __init__(self, critic: Critic, head: StyleHead) -> None:
        super().__init__()
        self.critic, self.head = critic, head

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        gamma, beta = self.head(picture_moments(self.critic, picture))
        return gamma, beta
