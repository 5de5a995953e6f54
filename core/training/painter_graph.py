# SPDX-License-Identifier: GPL-3.0-or-later
"""The house network as OpenCV reads and paints it fastest (free of bpy, needs torch).

``core.paint.folding`` puts each shot's scales and shifts into the convolutions before they paint, so the painter's
graph has no normalisation, and ``core.paint.opencv_engine`` takes the sigmoid itself.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ..paint.house_network import HouseNetwork

BORDER_HIDES = ("at_half", "at_full", "colour")
"""Convolutions that may see zeros beyond the frame: what they spoil, five pixels, lies in the border that is cropped
(``core.paint.house_network.BORDER``), and padding a large layer takes as long as a convolution of a small one."""


class PainterGraph(nn.Module):
    """What models/house/painter.onnx computes: ``HouseNetwork.unbounded`` without normalisation."""

    def __init__(self, network: HouseNetwork) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval()
        for name, layer in network.named_modules():
            if isinstance(layer, nn.Conv2d) and layer.padding_mode == "replicate":
                self.network.set_submodule(name, _of_same_weights(layer, name in BORDER_HIDES))

    def forward(self, frame: Tensor, canvas: Tensor) -> Tensor:
        """See ``HouseNetwork.unbounded``."""
        return self.network.unbounded(frame, canvas, lambda layer, values: values)


class _Edge(torch.autograd.Function):
    """Repeats the edge once around a layer. PyTorch's own export of it computes the widths from the layer's shape, with
    operators that OpenCV's classic engine cannot read."""

    @staticmethod
    def forward(context: Any, values: Tensor) -> Tensor:
        return functional.pad(values, (1, 1, 1, 1), mode="replicate")

    @staticmethod
    def symbolic(graph: Any, values: Any) -> Any:
        widths = graph.op("Constant", value_t=torch.tensor([0, 0, 1, 1, 0, 0, 1, 1]))
        return graph.op("Pad", values, widths, mode_s="edge")


class _Edged(nn.Conv2d):
    """A convolution that repeats the edge around its input."""

    def forward(self, values: Tensor) -> Tensor:
        return functional.conv2d(_Edge.apply(values), self.weight, self.bias, self.stride)  # type: ignore[no-untyped-call]


def _of_same_weights(layer: nn.Conv2d, zeros: bool) -> nn.Conv2d:
    kind, padding = (nn.Conv2d, 1) if zeros else (_Edged, 0)
    size, step = layer.kernel_size[0], layer.stride[0]
    other = kind(layer.in_channels, layer.out_channels, size, step, padding, bias=layer.bias is not None)
    other.load_state_dict(layer.state_dict())
    return other.requires_grad_(False)
