# SPDX-License-Identifier: GPL-3.0-or-later
"""Arbitrary style transfer by adaptive instance normalisation, Huang and Belongie 2017. Free of bpy, needs torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from ...training.critics.vgg19 import vgg19
from ...training.critics.weights_file import fill, read_weights
from .peer import Peer, match_moments

_ENCODER = "weights/vgg19_normalised_to_relu4_1.pth"
_WEIGHTS = "peers/adain/decoder_fp16.npz"
# The encoder's mirror: name in the file, channels in and out, and whether it is enlarged twice after.
_DECODER: tuple[tuple[str, int, int, bool], ...] = (
    ("block4_conv1", 512, 256, True),
    ("block3_conv1", 256, 256, False),
    ("block3_conv2", 256, 256, False),
    ("block3_conv3", 256, 256, False),
    ("block3_conv4", 256, 128, True),
    ("block2_conv1", 128, 128, False),
    ("block2_conv2", 128, 64, True),
    ("block1_conv1", 64, 64, False),
    ("block1_conv2", 64, 3, False),
)


class AdaIn(Peer):
    """VGG-19 to relu4_1 as encoder, its features given the moments of the style's, and a decoder.

    Args:
        assets: folder with the weights.
        style: style picture, (1, 3, H, W) RGB 0 … 1.

    Raises:
        ModelError: weights are missing, damaged, or another network's.
    """

    multiple = 8

    def __init__(self, assets: Path, style: Tensor) -> None:
        # Reflected borders, as the decoder learnt them: with zeros the painting is a quarter further off there.
        self._encoder = vgg19(assets / _ENCODER, torch.float32, "reflect")
        self._decoder = nn.Sequential(*_layers(assets / _WEIGHTS)).requires_grad_(False)
        with torch.inference_mode():
            self._style = self._encode(style)

    def paint(self, frame: Tensor) -> Tensor:
        """See ``Peer``."""
        painted: Tensor = self._decoder(match_moments(self._encode(frame), self._style))
        return painted

    def _encode(self, pictures: Tensor) -> Tensor:
        features: Tensor = self._encoder(pictures)["relu4_1"]
        return features


def _layers(path: Path) -> Iterator[nn.Module]:
    tensors = {name: value.float() for name, value in read_weights(path).items()}
    for name, inputs, outputs, is_enlarged in _DECODER:
        convolution = nn.Conv2d(inputs, outputs, 3, 1, 1, padding_mode="reflect", device="meta")
        fill(convolution, tensors, path, {part: f"{name}_decode.{part}" for part in ("weight", "bias")})
        yield convolution
        if outputs != 3:
            yield nn.ReLU()
        if is_enlarged:
            yield nn.Upsample(scale_factor=2, mode="nearest")
