# SPDX-License-Identifier: GPL-3.0-or-later
"""What a loss network costs (free of bpy, needs torch)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from ..loss_network import LossNetwork

SIDE = 256
"""Of the picture that is counted and timed, in pixels."""

_REPEATS = 5


@dataclass(frozen=True)
class Cost:
    """Cost of one loss network.

    Attributes:
        multiply_adds: of one picture of 256x256 pixels, there alone.
        seconds: of the same picture there and back to its gradient, as in training; the median of five, on one core,
            so that what else the machine does disturbs the least.
    """

    multiply_adds: int
    seconds: float


def cost_of(network: LossNetwork) -> Cost:
    """Counts and times the network to its last layer, on the processor."""
    picture = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    products = multiply_adds(lambda: network(picture))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        times = [_there_and_back(network, picture) for _ in range(_REPEATS + 1)]
    finally:
        torch.set_num_threads(threads)
    return Cost(products, statistics.median(times[1:]))


def multiply_adds(work: Callable[[], object]) -> int:
    """How many multiplications PyTorch's convolutions and products make while some work is done in this thread."""
    counter: Any = FlopCounterMode(display=False)
    with counter:
        work()
    return int(counter.get_total_flops()) // 2


def _there_and_back(network: LossNetwork, picture: Tensor) -> float:
    learnt = picture.clone().requires_grad_()
    started = time.perf_counter()
    loss = torch.stack([values.float().square().mean() for values in network(learnt).values()]).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    return time.perf_counter() - started
