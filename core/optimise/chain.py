# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order the frames of a shot are optimised, on what each depends, and the keys that follow from it. Free of
bpy and torch.

Ruder et al. 2016: the frames are gone through one after the other, each begun with the paint of the one before; in
further passes to and fro. So a frame depends on its shot alone, and in the first pass on what lies before it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..shots.cuts import Shot
from ..storage.cache import cache_key
from .carried import DISTANCES


@dataclass(frozen=True)
class Step:
    """One frame in one pass.

    Attributes:
        number: of the pass, from 1.
        key: names the painting that this step gives.
        begun: key of the frame's painting in the pass before; empty in the first, which begins with the house
            network's.
        neighbours: frames painted before in this pass, the nearest first, with the keys of their paintings.
    """

    number: int
    frame_index: int
    key: str
    begun: str
    neighbours: tuple[tuple[int, str], ...]


def steps_of(shot: Shot, own_keys: Mapping[int, str], brush_key: str, passes: int, is_carried: bool) -> list[Step]:
    """All steps of a shot, in order.

    Args:
        own_keys: for each frame, everything that its painting by itself depends on.
        brush_key: everything else.
        is_carried: whether paint is carried; else each frame is painted by itself, in one pass.
    """
    steps: list[Step] = []
    last: dict[int, str] = {}
    for number in range(1, (passes if is_carried else 1) + 1):
        now: dict[int, str] = {}
        order = list(shot) if number % 2 else list(reversed(list(shot)))
        chain = ""
        for place, i in enumerate(order):
            begun = last.get(i, "")
            chain = cache_key(brush_key, number, own_keys[i], begun, chain if is_carried else "")
            near = [order[place - distance] for distance in DISTANCES if is_carried and distance <= place]
            steps.append(Step(number, i, chain, begun, tuple((j, now[j]) for j in near)))
            now[i] = chain
        last = now
    return steps


def needed(steps: Sequence[Step], missing: set[int]) -> Iterator[Step]:
    """The steps that lead to the missing frames, in order."""
    passes = max((step.number for step in steps), default=1)
    if not missing:
        return
    last = max(place for place, step in enumerate(steps) if step.number == passes and step.frame_index in missing)
    is_carried = any(step.neighbours for step in steps)  # else no frame depends on another
    for step in steps[: last + 1]:
        if is_carried or step.frame_index in missing:
            yield step
