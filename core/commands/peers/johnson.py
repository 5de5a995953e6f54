# SPDX-License-Identifier: GPL-3.0-or-later
"""Johnson et al. 2016, trained on one style by another project. Free of bpy, needs torch."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from ...training.critics.weights_file import fill, read_weights
from ..johnson import johnson_network
from .peer import Peer

_WEIGHTS = "peers/johnson/mathura.npz"
_EPSILON = 1e-3


class Johnson(Peer):
    """One network for one style, which is in its weights: a style picture changes nothing.

    They were trained in TensorFlow, whose "SAME" padding adds the odd pixel at the end where PyTorch's layers add it
    at the beginning. So the network stands on its head: kernels and pictures are turned by half a turn.

    Args:
        assets: folder with the weights.

    Raises:
        ModelError: the weights are missing, damaged, or another network's.
    """

    multiple = 4

    def __init__(self, assets: Path) -> None:
        path = assets / _WEIGHTS
        tensors = read_weights(path)
        *plain, bound = johnson_network()
        self._network = nn.Sequential(*plain, nn.InstanceNorm2d(3, _EPSILON, affine=True), bound)
        kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.InstanceNorm2d)
        layers = [module for module in self._network.modules() if isinstance(module, kinds)]
        for number, (convolution, norm) in enumerate(zip(layers[::2], layers[1::2], strict=True)):
            names = [f"Variable_{3 * number + i}" if number + i else "Variable" for i in range(3)]
            weight, shift, scale = (tensors.get(name, torch.empty(0)) for name in names)
            turned = weight.permute(3, 2, 0, 1).flip(2, 3).contiguous() if weight.dim() == 4 else weight
            convolution.bias = None  # the norm behind it would take it away
            fill(convolution, {"weight": turned}, path)
            fill(norm, {"weight": scale, "bias": shift}, path)
            norm.eps = _EPSILON
        self._network.requires_grad_(False)

    def paint(self, frame: Tensor) -> Tensor:
        """See ``Peer``."""
        painted: Tensor = self._network(255.0 * frame.flip(2, 3)).flip(2, 3)
        return (150.0 * painted + 127.5) / 255.0
