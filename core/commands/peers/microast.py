# SPDX-License-Identifier: GPL-3.0-or-later
"""MicroAST, Wang et al. 2023: super-fast style transfer at high resolution. Free of bpy, needs torch."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ...training.critics.weights_file import fill, read_weights
from .peer import Peer, match_moments

_FOLDER = "peers/microast"
_FILE = "{}_iter_160000.pth.tar"


class MicroAst(Peer):
    """Two micro encoders, a modulator that turns the style's features into filters' scales and shifts, a decoder.

    Args:
        assets: folder with the weights.
        style: style picture, (1, 3, H, W) RGB 0 … 1.

    Raises:
        ModelError: weights are missing, damaged, or another network's.
    """

    multiple = 4

    def __init__(self, assets: Path, style: Tensor) -> None:
        folder = assets / _FOLDER
        style_encoder, modulator = _Encoder(), _Modulator()
        self._encoder, self._decoder = _Encoder(), _Decoder()
        for name, module in {
            "style_encoder": style_encoder,
            "modulator": modulator,
            "content_encoder": self._encoder,
            "decoder": self._decoder,
        }.items():
            path = folder / _FILE.format(name)
            fill(module, read_weights(path), path)
            module.requires_grad_(False)
        with torch.inference_mode():
            self._style = style_encoder(style)
            self._filters = modulator(self._style)

    def paint(self, frame: Tensor) -> Tensor:
        """See ``Peer``."""
        _, deep = self._encoder(frame)
        painted: Tensor = self._decoder(deep, self._style, self._filters)
        return painted


class _Layer(nn.Module):
    """A convolution on a reflected border."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv_layer = nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2, groups=groups, padding_mode="reflect", device="meta"
        )

    def forward(self, values: Tensor) -> Tensor:
        result: Tensor = self.conv_layer(values)
        return result


def _twice() -> nn.Module:
    """Twice the size. Of the ways to do it this one fits the weights: the nearest pixel leaves a weave everywhere."""
    return nn.Upsample(scale_factor=2, mode="bilinear")


class _Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = _Layer(64, 64, 3), _Layer(64, 64, 3)

    def forward(self, values: Tensor) -> Tensor:
        result: Tensor = values + self.conv2(torch.relu(self.conv1(values)))
        return result

    def modulated(self, values: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """With each filter's result scaled, and its input added as far as the shift says."""
        inner = torch.relu(scale * self.conv1(values) + shift * values)
        result: Tensor = values + scale * self.conv2(inner) + shift * inner
        return result


class _Encoder(nn.Module):
    """Features at a quarter of the size, after one and after two residual blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.enc1 = nn.Sequential(
            *(_Layer(3, 16, 9), nn.ReLU()),
            *(_Layer(16, 32, 3, 2, groups=16), nn.ReLU(), _Layer(32, 32, 1), nn.ReLU()),
            *(_Layer(32, 64, 3, 2, groups=32), nn.ReLU(), _Layer(64, 64, 1), nn.ReLU()),
            _Residual(),
        )
        self.enc2 = nn.Sequential(_Residual())

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        shallow = self.enc1(picture)
        return shallow, self.enc2(shallow)


class _Modulator(nn.Module):
    """A scale and a shift for each filter, at both depths."""

    def __init__(self) -> None:
        super().__init__()
        self.weight1, self.bias1, self.weight2, self.bias2 = (
            nn.Sequential(_Layer(64, 64, 3, groups=64)) for _ in range(4)
        )

    def forward(self, features: tuple[Tensor, Tensor]) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        shallow, deep = features

        def pooled(layer: nn.Module, values: Tensor) -> Tensor:
            return functional.adaptive_avg_pool2d(layer(values), 1)

        return (
            (pooled(self.weight1, shallow), pooled(self.bias1, shallow)),
            (pooled(self.weight2, deep), pooled(self.bias2, deep)),
        )


class _Decoder(nn.Module):
    """The deep features take on the style at both depths, the deeper first, and become a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.dec1, self.dec2 = _Residual(), _Residual()
        self.dec3 = nn.Sequential(
            *(_twice(), _Layer(64, 32, 3, groups=32), nn.ReLU(), _Layer(32, 32, 1), nn.ReLU()),
            *(_twice(), _Layer(32, 16, 3, groups=16), nn.ReLU(), _Layer(16, 16, 1), nn.ReLU()),
            _Layer(16, 3, 9),
        )

    def forward(
        self, deep: Tensor, style: tuple[Tensor, Tensor], filters: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]
    ) -> Tensor:
        values = self.dec1.modulated(match_moments(deep, style[1]), *filters[1])
        values = self.dec2.modulated(match_moments(values, style[0]), *filters[0])
        painted: Tensor = self.dec3(values)
        return painted
