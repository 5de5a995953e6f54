# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints single frames by optimisation, with what is fixed for a clip: network, targets, weights (needs torch)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..errors import SettingsError
from ..paint.resolution import working_size
from ..settling import settle
from ..storage.cache import cache_key
from ..training.critics.choice import open_loss_network
from ..training.critics.precision import fast_precision
from .carried import Carried
from .descent import RATES, descend, steps_cost
from .objective import SMALLEST_SIDE, CarriedPaint, LossWeights, Objective
from .targets import Targets, key_of_targets, moved

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 1

ITERATIONS_RANGE = (1, 1000)
PASSES_RANGE = (1, 8)

# Steps at each level, as shares of those at full size: a step costs a fourth at half the size, so that the coarse
# levels, where a painting takes shape, cost about as much as the finest.
_FRESH = {4: 4.0, 2: 2.0, 1: 1.0}
# Paint that was carried has its shapes already; what is left is to join old and new.
_CARRIED = {4: 1.0, 2: 1.0, 1: 0.5}
_CARE = 0.4
_MULTIPLE = 4  # of both sides: then a picture at a quarter of its size lies exactly under the whole


@dataclass(frozen=True)
class MasterPlan:
    """How a painting is optimised.

    Attributes:
        loss_network: one of ``core.training.critics.choice.LOSS_NETWORKS``, with its file where it needs one.
        assets: the folder below which such files lie.
        iterations: steps at full size for a frame that begins anew.
        passes: how often the frames of a shot are gone through, forward and backward in turn (Ruder et al. 2016).
    """

    loss_network: str = "distilled-pictures"
    assets: Path = Path()
    iterations: int = 16
    passes: int = 1

    def __post_init__(self) -> None:
        for name, (low, high) in (("iterations", ITERATIONS_RANGE), ("passes", PASSES_RANGE)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} is {value}; a whole number from {low} to {high} was expected.")


class MasterBrush:
    """Paints frames towards a style's targets.

    Args:
        device: "cpu", "cuda" or "mps".
        stability: how much carried paint counts, 0 … 1; at 0 every frame is painted by itself.

    Attributes:
        key: names all that changes pixels, for cache keys; not the device.

    Raises:
        BrushflowError: there is no such loss network, or its weights are missing or damaged.
    """

    def __init__(
        self,
        plan: MasterPlan,
        targets: Targets,
        device: str = "cpu",
        stability: float = 1.0,
        weights: LossWeights | None = None,
    ) -> None:
        self._device = torch.device(device)
        self._weights = weights or LossWeights()
        self.plan, self.stability = plan, stability
        network = open_loss_network(plan.loss_network, plan.assets, fast_precision(self._device))
        self._network = network.to(self._device)
        self._targets = moved(targets, self._device)
        self.key = cache_key(
            *(
                "master",
                VERSION,
                settle.VERSION,
                plan.loss_network,
                plan.iterations,
                _FRESH,
                _CARRIED,
                _CARE,
                RATES,
                self._weights,
                stability,
            ),
            key_of_targets(targets),
        )

    def cost(self, is_carried: bool) -> float:
        """What a frame costs, in steps at full size."""
        return steps_cost(self._steps(is_carried))

    def paint(
        self,
        source: NDArray[np.uint8],
        start: NDArray[np.float32],
        carried: Sequence[Carried],
        told: Callable[[float], None],
    ) -> NDArray[np.uint8]:
        """The painted frame, (h, w, 3) uint8, at its working size.

        Args:
            source: (h, w, 3) uint8 RGB, the frame at its working size.
            start: (h, w, 3) float32 0 … 1, what to begin with.
            carried: paint of other frames, carried to this one.
            told: called after each step with its cost in steps at full size; may raise ``Cancelled``.
        """
        paints = [CarriedPaint(self._picture(one.paint), self._picture(one.confidence[..., None])) for one in carried]
        frame = self._picture(source.astype(np.float32) / 255.0)
        objective = Objective(self._network, self._targets, frame, self._weights_for_now(), paints)
        steps = self._steps(bool(carried))
        care = _CARE if carried else 1.0
        painting = descend(self._picture(start), objective, steps, lambda level, _: told(1 / level**2), care)
        pixels = painting[0].permute(1, 2, 0).clamp(0, 1).mul(255).round().byte().cpu().numpy()
        return np.ascontiguousarray(pixels, np.uint8)

    def _weights_for_now(self) -> LossWeights:
        plain = self._weights
        return LossWeights(plain.style, plain.content, plain.total_variation, plain.temporal * self.stability)

    def _steps(self, is_carried: bool) -> Mapping[int, int]:
        shares = _CARRIED if is_carried else _FRESH
        return {level: max(1, round(share * self.plan.iterations)) for level, share in shares.items()}

    def _picture(self, values: NDArray[np.float32]) -> Tensor:
        planes = np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis])
        return torch.from_numpy(planes).to(self._device)


def master_size(height: int, width: int, brush_size: float) -> tuple[int, int]:
    """Height and width in pixels at which a frame is optimised: as the house network's, in whole fours."""
    sides = working_size(height, width, brush_size)
    down, across = (max(SMALLEST_SIDE, _MULTIPLE * round(side / _MULTIPLE)) for side in sides)
    return down, across
