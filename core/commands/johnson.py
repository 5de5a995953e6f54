# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of Johnson et al. 2016, as the yardstick of speed. Free of bpy, needs torch."""

from __future__ import annotations

from torch import Tensor, nn

_WIDTHS = (32, 64, 128)
_BLOCKS = 5


def johnson_network() -> nn.Sequential:
    """A network of Johnson's layout, 1.68 M parameters, with random weights: speed does not depend on them.

    Takes and gives (1, 3, H, W) float32; H and W multiples of 4. Instance normalisation as in Ulyanov et al. 2016,
    which every later implementation uses in place of the paper's batch normalisation.
    """
    small, middle, large = _WIDTHS
    return nn.Sequential(
        *_layer(nn.Conv2d(3, small, 9, 1, 4)),
        *_layer(nn.Conv2d(small, middle, 3, 2, 1)),
        *_layer(nn.Conv2d(middle, large, 3, 2, 1)),
        *(_Block(large) for _ in range(_BLOCKS)),
        *_layer(nn.ConvTranspose2d(large, middle, 3, 2, 1, output_padding=1)),
        *_layer(nn.ConvTranspose2d(middle, small, 3, 2, 1, output_padding=1)),
        nn.Conv2d(small, 3, 9, 1, 4),
        nn.Tanh(),
    ).eval()


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            *_layer(nn.Conv2d(width, width, 3, 1, 1)),
            nn.Conv2d(width, width, 3, 1, 1),
            nn.InstanceNorm2d(width, affine=True),
        )

    def forward(self, values: Tensor) -> Tensor:
        result: Tensor = values + self.inner(values)
        return result


def _layer(convolution: nn.Module) -> list[nn.Module]:
    width = convolution.out_channels
    assert isinstance(width, int)
    return [convolution, nn.InstanceNorm2d(width, affine=True), nn.ReLU()]
