# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling on surfaces: strokes stay with what they are painted on for seconds. Free of bpy and torch.

Anchors are settled themselves, between *keys*, by the rule by which frames are settled between anchors: some of the
anchors are keys, painted afresh and their paint carried over dozens of frames; the anchors between two keys cross over
from the paint of the one to that of the other, and take their own painting where neither can be trusted. So strokes
live for seconds instead of a third of one, paint is sampled twice however long the shot, nothing accumulates, and a
block between two keys depends on nothing outside it.

The last block of a shot crosses over to nothing: its first key's paint is held to the end, and the last frame's own
painting shows only where that cannot be trusted. Flow that is only estimated drifts over dozens of frames, so the way
from an anchor to a key is aligned; see ``core.settling.align``.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ..crew import Crew
from ..paint.painter import ShotStatistics
from ..plan import Block, Stretch, block_of
from ..stages import Stages
from ..storage.cache import cache_key
from . import align, fill, settle
from .anchors import AnchorSettling
from .links import Links, Ways, link
from .settle import Carried, Link, Paint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 3

KEY_SPACING = 48
"""Frames from one key to the next, as near as anchors allow: two seconds of film."""

# Stretches may be taken in turn on both sides of the playhead.
_BLOCKS_IN_HAND = 2


@dataclasses.dataclass(frozen=True)
class _Chain:
    """A block's stretches, and the way of each of its anchors to the block's keys; all of it being made.

    Attributes:
        stretches: by their first anchor.
        before, after: to the first and the last key, by frame index.
        settled: anchors that are made already, or being made, by frame index and by statistics.
    """

    stretches: dict[int, Links]
    before: dict[int, Future[Link]]
    after: dict[int, Future[Link]]
    settled: dict[tuple[int, str], Future[Paint]]

    def source(self, anchor: int) -> NDArray[np.uint8]:
        """An anchor's source at the flow's resolution. Waits."""
        links = self.stretches.get(anchor) or next(one for one in self.stretches.values() if one.last == anchor)
        return links.small[anchor].result()


class SurfaceSettling(AnchorSettling):
    """Settles frames between anchors, and anchors between keys; see the module. Arguments as of its base."""

    def __init__(self, stages: Stages, stability: float, spacing: int, crew: Crew, *, is_draft: bool = False) -> None:
        super().__init__(stages, stability, spacing, crew, is_draft=is_draft)
        self._chains: collections.OrderedDict[int, _Chain] = collections.OrderedDict()

    def key(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> str:
        """See ``core.settling.method.Settling``."""
        own = self._paintings.key(frame_index, statistics)
        if not self._is_carried(frame_index, stretch):
            return own
        block = self._block(stretch)
        sources = self._stages.keys[block.first : block.last + 1]
        place = frame_index - block.first, stretch.first - block.first, stretch.last - block.first
        versions = VERSION, settle.VERSION, fill.VERSION, align.VERSION
        return cache_key(
            "surfaces", versions, own, place, sources, self._stability, self._stages.motion_key(block.first, block.last)
        )

    def _block(self, stretch: Stretch) -> Block:
        return block_of(stretch, self._spacing, KEY_SPACING)

    def _is_carried(self, frame_index: int, stretch: Stretch) -> bool:
        block = self._block(stretch)
        return self._stability > 0.0 and not _is_key(frame_index, block, stretch)

    def _links(self, stretch: Stretch) -> Links:
        return self._chain(stretch).stretches[stretch.first]

    def _anchor(self, frame_index: int, stretch: Stretch, statistics: ShotStatistics) -> Future[Paint]:
        """An anchor's paint: a key's is its own painting, any other's is settled between the keys."""
        block = self._block(stretch)
        if _is_key(frame_index, block, stretch):
            return self._paintings.paint(frame_index, statistics)
        chain = self._chain(stretch)
        name = frame_index, self._paintings.key(frame_index, statistics)
        if name not in chain.settled:
            keys = [self._paintings.paint(i, statistics) for i in (block.first, block.last)]
            own = self._paintings.paint(frame_index, statistics)
            work = functools.partial(self._settled_anchor, frame_index, block, chain, _ends_shot(block, stretch))
            chain.settled[name] = self._crew.submit(work, keys, own)
        return chain.settled[name]

    def _settled_anchor(
        self,
        frame_index: int,
        block: Block,
        chain: _Chain,
        is_last_block: bool,
        keys: list[Future[Paint]],
        own: Future[Paint],
    ) -> Paint:
        self._crew.check()
        source = chain.source(frame_index)
        before = settle.trusted(chain.before[frame_index].result(), chain.source(block.first), source)
        if frame_index == block.last:
            after = Carried.still(before.flow_confidence.shape)
        else:
            after = settle.trusted(chain.after[frame_index].result(), chain.source(block.last), source)
        position = 0.0 if is_last_block else (frame_index - block.first) / (block.last - block.first)
        first, last = (key.result() for key in keys)
        crossed = settle.cross((first, before), (last, after), position, self._stability)
        return Paint.of(crossed.over(own.result().picture), own.result().spread.shape)

    def _chain(self, stretch: Stretch) -> _Chain:
        block = self._block(stretch)
        if block.first not in self._chains:
            self._chains[block.first] = self._chained(block)
        self._chains.move_to_end(block.first)
        while len(self._chains) > _BLOCKS_IN_HAND:
            self._chains.popitem(last=False)
        return self._chains[block.first]

    def _chained(self, block: Block) -> _Chain:
        """Give the crew all that is followed in a block."""
        pairs = list(itertools.pairwise(block.anchors))
        stretches = {first: link(first, last, self._stages, self._crew) for first, last in pairs}
        before: dict[int, Future[Link]] = {}
        after: dict[int, Future[Link]] = {}
        is_estimated = self._stages.is_estimated(block.first, block.last)
        smalls = {i: links.small[i] for links in stretches.values() for i in (links.first, links.last)}
        for first, last in pairs:
            key = (smalls[block.first], smalls[last]) if is_estimated else None
            before[last] = self._crew.submit(_onward, stretches[first].before, last, before.get(first), key)
        for first, last in reversed(pairs):
            key = (smalls[block.last], smalls[first]) if is_estimated else None
            after[first] = self._crew.submit(_onward, stretches[first].after, first, after.get(last), key)
        return _Chain(stretches, before, after, {})


def _ends_shot(block: Block, stretch: Stretch) -> bool:
    return block.last == stretch.shot.stop - 1


def _is_key(frame_index: int, block: Block, stretch: Stretch) -> bool:
    return frame_index == block.first or (frame_index == block.last and not _ends_shot(block, stretch))


def _onward(
    ways: Future[Ways],
    frame_index: int,
    further: Future[Link] | None,
    sources: tuple[Future[NDArray[np.uint8]], Future[NDArray[np.uint8]]] | None,
) -> Link:
    """From an anchor to its neighbour, and on to the key.

    Args:
        sources: of key and anchor, to align the way by; None where the motion is known exactly.
    """
    near = ways.result().back[frame_index]
    whole = near if further is None else near.onward(further.result())
    return whole if sources is None else align.aligned(whole, *(source.result() for source in sources))
