# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a network's weights in memory (free of bpy, needs torch)."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def in_fast_order(network: Network) -> Network:
    """The network itself, its kernels ordered as processors and tensor cores run them fastest: channels last."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network
