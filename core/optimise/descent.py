# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimises the pixels of one picture, the coarse before the fine (free of bpy, needs torch).

At a quarter of the size large shapes form within seconds, for a step costs a sixteenth; each larger size then only adds
what is finer. What a size has changed is added to the picture as it was, so that detail which is there already (a
source, or paint carried from a neighbouring frame) is kept until something finer changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ..training.looks import reduced
from .objective import Objective, enlarged
from .spectrum import Spectrum

RATES = {4: 0.04, 2: 0.03, 1: 0.015}
"""Of Adam (Kingma and Ba 2015) at first, in steps of the full range, at each level. Coarse shapes need large steps to
form at all, and grain is what large steps leave; so it falls to a tenth along a level, and from level to level."""

_MOMENTS = (0.9, 0.99)


def descend(
    start: Tensor,
    objective: Objective,
    steps: Mapping[int, int],
    told: Callable[[int, dict[str, float]], None],
    care: float = 1.0,
) -> Tensor:
    """The painting (1, 3, H, W) RGB 0 … 1 that begins as ``start`` and is optimised for an objective.

    Args:
        steps: how many at each level; a level that the objective lacks is passed over.
        told: called after each step with its level and all losses; may raise ``Cancelled``.
        care: factor of RATES: Adam's first steps are large whatever there is to gain, and would spoil carried paint.
    """
    painting = start.detach()
    for level in objective.levels:
        if not steps.get(level):
            continue
        coarse = reduced(painting, level)
        changed = _optimised(coarse, objective, level, steps[level], told, care)
        change = changed - coarse
        painting = changed if level == 1 else (painting + enlarged(change, painting.shape[2:])).clamp(0, 1)
    return painting


def steps_cost(steps: Mapping[int, int]) -> float:
    """What these steps cost, in steps at full size."""
    return sum(count / level**2 for level, count in steps.items())


def _optimised(
    start: Tensor,
    objective: Objective,
    level: int,
    steps: int,
    told: Callable[[int, dict[str, float]], None],
    care: float,
) -> Tensor:
    rate = care * RATES[level]
    spectrum = Spectrum(start.shape[2:], start.device)
    numbers = spectrum.of(start).requires_grad_()
    optimiser = torch.optim.Adam([numbers], rate, _MOMENTS)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - 0.9 * step / steps)
        losses = objective.at(level, spectrum.picture(numbers), step)
        optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        with torch.no_grad():  # back into what a screen can show
            numbers.copy_(spectrum.of(spectrum.picture(numbers).clamp(0, 1)))
        told(level, {name: float(value.detach()) for name, value in losses.items()})
    return spectrum.picture(numbers.detach()).clamp(0, 1)  # rounding leaves it a hair outside
