# SPDX-License-Identifier: GPL-3.0-or-later
"""What every way of settling is to the pipeline. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ..paint.painter import ShotStatistics
from ..plan import Stretch
from ..shots.cuts import Shot
from .settle import Link

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Settled:
    """A settled frame, and what was in hand when it was made.

    Attributes:
        picture: (H, W, 3) uint8.
        carried: share of carried paint, 0 … 1; None where nothing was carried.
        steps: the way of frames, by index, to the frame before each.
    """

    picture: NDArray[np.uint8]
    carried: float | None = None
    steps: Mapping[int, Link] = dataclasses.field(default_factory=dict)


class Settling(Protocol):
    """Turns the paintings of single frames into a clip that holds its strokes.

    A frame's bytes depend on its shot alone: not on what else is wanted, on the order, or on a stop in between.
    """

    def plan(self, shots: Iterable[Shot], wanted: Collection[int], focus: int) -> list[Stretch]:
        """The pieces in which the wanted frames are made, nearest to ``focus`` first."""
        ...

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """Names a settled frame by everything it depends on."""
        ...

    def begin(self, stretch: Stretch, statistics: ShotStatistics, missing: Sequence[int]) -> Callable[[int], Settled]:
        """Give the crew what the missing frames of a stretch have in common.

        Returns:
            Makes one of these frames. A piece of work for the crew, too.
        """
        ...
