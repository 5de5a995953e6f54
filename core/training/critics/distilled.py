# SPDX-License-Identifier: GPL-3.0-or-later
"""The critic: a small loss network that learnt from VGG-19 what it says of pictures (free of bpy, needs torch).

Knowledge distillation after Hinton et al. 2015, on features instead of classes (Romero et al. 2015). Its features are
those of VGG-19 in fewer dimensions: turned so that distances between features, Gram matrices and means stay what they
are in VGG's own space.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from ..loss_network import LAYERS
from ..memory_order import in_fast_order
from .weights_file import fill, read_weights

WIDTHS = (24, 48, 96, 160)
"""Channels of the critic's four layers, which stand for relu1_1, relu2_1, relu3_1 and relu4_1 of VGG-19."""

WORK_OF_VGG19 = 241_344
"""Multiplications that VGG-19 to relu4_1 makes for one pixel of the picture."""

_MEAN, _DEVIATION = 0.45, 0.26  # of photographs: RGB 0 … 1


class Critic(nn.Module):
    """Features by layer name of pictures (B, 3, H, W) RGB 0 … 1; see ``core.training.loss_network.LossNetwork``."""

    layers: tuple[str, ...] = LAYERS

    def __init__(self) -> None:
        super().__init__()
        self.precision = torch.float32
        first, second, third, fourth = WIDTHS
        self.stages = nn.ModuleList(
            [
                nn.Sequential(_convolution(3, first, 3, 1), nn.ReLU()),
                _halving(first, second),
                _halving(second, third),
                _halving(third, fourth),
            ]
        )
        # Turns features into VGG's space: as wide as the layer once learnt, as wide as VGG's while learning.
        self.turns = nn.ModuleList(nn.Conv2d(width, width + 1, 1) for width in WIDTHS)

    def forward(self, pictures: Tensor, last: str | None = None) -> dict[str, Tensor]:
        """See ``core.training.loss_network.LossNetwork``."""
        values = ((pictures - _MEAN) / _DEVIATION).to(self.precision)
        values = values.contiguous(memory_format=torch.channels_last)
        features: dict[str, Tensor] = {}
        for name, stage, turn in zip(LAYERS, self.stages, self.turns, strict=True):
            values = stage(values)
            features[name] = turn(values)
            if name == last:
                break
        return features

    @torch.no_grad()
    def widen(self, pictures: Tensor, taught: dict[str, Tensor]) -> None:
        """Give features all the dimensions of VGG's, to learn; begin with what fits ``taught``, VGG's features of
        ``pictures``, best as a linear function of what the stages give already."""
        self.turns = nn.ModuleList(nn.Identity() for _ in WIDTHS)
        wide = []
        for layer, values in self(pictures).items():
            own, wanted = (part.float().movedim(1, -1).flatten(0, 2) for part in (values, taught[layer]))
            with_one = torch.cat([own, torch.ones_like(own[:, :1])], 1)
            ridge = 1e-4 * torch.eye(with_one.shape[1]) * with_one.square().mean(0).sum()
            count = with_one.shape[0]
            fitted = torch.linalg.solve(with_one.T @ with_one / count + ridge, with_one.T @ wanted / count).T
            turn = nn.Conv2d(own.shape[1], wanted.shape[1], 1)
            turn.weight.copy_(fitted[:, :-1, None, None])
            assert turn.bias is not None
            turn.bias.copy_(fitted[:, -1])
            wide.append(turn)
        self.turns = nn.ModuleList(wide)

    @torch.no_grad()
    def narrow(self) -> None:
        """Undo ``widen`` and keep what was learnt.

        W x + b lies in as many dimensions as x has, and one more for what b has outside of them. With W = U S Vᵀ,
        whose U keeps lengths, S Vᵀ x + Uᵀ b and the length of that rest say the same in few dimensions.
        """
        narrow = []
        for turn in self.turns:
            assert isinstance(turn, nn.Conv2d) and turn.bias is not None
            left, sizes, right = torch.linalg.svd(turn.weight[:, :, 0, 0].double(), full_matrices=False)
            inside = left.T @ turn.bias.double()
            outside = torch.linalg.vector_norm(turn.bias.double() - left @ inside)[None]
            smaller = nn.Conv2d(right.shape[1], right.shape[0] + 1, 1)
            smaller.weight.zero_()
            smaller.weight[:-1] = (sizes[:, None] * right)[:, :, None, None]
            assert smaller.bias is not None
            smaller.bias.copy_(torch.cat([inside, outside]))
            narrow.append(smaller)
        self.turns = nn.ModuleList(narrow)

    def work_for_a_pixel(self) -> float:
        """Multiplications for one pixel of the picture."""
        work = 0.0
        for place, (stage, turn) in enumerate(zip(self.stages, self.turns, strict=True)):
            weights = [module.weight for module in (*stage.modules(), turn) if isinstance(module, nn.Conv2d)]
            work += sum(weight.numel() for weight in weights) / 4**place
        return work


def distilled(weights: Path, precision: torch.dtype) -> Critic:
    """The critic from the file that ``core.training.distil_critic`` wrote; frozen.

    Raises:
        ModelError: the file is missing, damaged, or another network's.
    """
    with torch.device("meta"):
        critic = Critic()
    fill(critic, {name: value.float() for name, value in read_weights(weights).items()}, weights)
    critic.precision = precision
    return in_fast_order(critic).to(precision).eval().requires_grad_(False)


def _convolution(inputs: int, outputs: int, kernel: int, step: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, step, 1, padding_mode="replicate")


def _halving(inputs: int, outputs: int) -> nn.Sequential:
    """Half the size, as VGG's pooling gives it, and one convolution more."""
    return nn.Sequential(
        _convolution(inputs, outputs, 4, 2), nn.ReLU(), _convolution(outputs, outputs, 3, 1), nn.ReLU()
    )
