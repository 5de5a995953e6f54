# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan gives each wanted frame exactly once, from a stretch of its own shot, nearest to the playhead first."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.plan import Stretch, block_of, plan_exposures, plan_stretches
from core.shots.cuts import Shot

SHOTS = st.lists(st.integers(1, 40), min_size=1, max_size=6).map(
    lambda lengths: [Shot(stop - n, stop) for n, stop in zip(lengths, itertools.accumulate(lengths), strict=True)]
)


@given(SHOTS, st.integers(1, 24), st.integers(-5, 250), st.data())
def test_each_wanted_frame_is_given_exactly_once(
    shots: list[Shot], spacing: int, focus: int, data: st.DataObject
) -> None:
    count = shots[-1].stop
    wanted = data.draw(st.frozensets(st.integers(0, count - 1)))
    stretches = plan_stretches(shots, spacing, wanted, focus)
    given_frames = [i for stretch in stretches for i in stretch.wanted]
    assert sorted(given_frames) == sorted(wanted)
    for stretch in stretches:
        assert stretch.wanted and stretch.shot in shots
        assert stretch.shot.start <= stretch.first <= stretch.last < stretch.shot.stop
        assert stretch.last - stretch.first <= spacing
        assert all(stretch.first <= i <= stretch.last for i in stretch.wanted)
        assert all(0.0 <= stretch.position(i) <= 1.0 for i in stretch.wanted)


@given(SHOTS, st.integers(1, 24), st.integers(0, 250))
def test_anchors_do_not_hang_on_what_is_wanted_or_on_the_playhead(shots: list[Shot], spacing: int, focus: int) -> None:
    everything = range(shots[-1].stop)

    def anchors_of(stretches: list[Stretch]) -> dict[int, tuple[int, int]]:
        return {i: (stretch.first, stretch.last) for stretch in stretches for i in stretch.wanted}

    whole = anchors_of(plan_stretches(shots, spacing, everything, 0))
    single = [anchors_of(plan_stretches(shots, spacing, [i], focus)) for i in everything]
    assert {i: anchors[i] for i, anchors in enumerate(single)} == whole


@given(SHOTS, st.integers(1, 24), st.integers(0, 100))
def test_what_is_nearest_to_the_playhead_comes_first(shots: list[Shot], spacing: int, focus: int) -> None:
    stretches = plan_stretches(shots, spacing, range(shots[-1].stop), focus)
    away = [min(abs(focus - edge) for edge in range(stretch.first, stretch.last + 1)) for stretch in stretches]
    assert away == sorted(away)
    if focus < shots[-1].stop:
        assert stretches[0].first <= focus <= stretches[0].last


def test_what_follows_the_playhead_comes_before_what_lies_as_far_behind() -> None:
    stretches = plan_stretches([Shot(0, 25)], 8, range(25), 12)
    assert [stretch.first for stretch in stretches] == [8, 16, 0]


def test_the_last_anchor_of_a_shot_is_its_last_frame() -> None:
    stretches = plan_stretches([Shot(0, 12), Shot(12, 13)], 8, range(13), 0)
    found = [(stretch.first, stretch.last, stretch.wanted) for stretch in stretches]
    assert found == [(0, 8, tuple(range(8))), (8, 11, (8, 9, 10, 11)), (12, 12, (12,))]


@given(SHOTS, st.integers(1, 24), st.integers(1, 60))
def test_blocks_join_at_keys_and_are_never_short(shots: list[Shot], spacing: int, key_spacing: int) -> None:
    for shot in shots:
        stretches = sorted(plan_stretches([shot], spacing, range(shot.start, shot.stop), 0), key=lambda s: s.first)
        blocks = list(dict.fromkeys(block_of(stretch, spacing, key_spacing) for stretch in stretches))
        assert (blocks[0].first, blocks[-1].last) == (shot.start, shot.stop - 1)
        assert all(one.last == other.first for one, other in itertools.pairwise(blocks))
        step = max(1, round(key_spacing / spacing))
        assert all(step / 2 <= len(block.anchors) - 1 < 1.5 * step for block in blocks[1:])
        assert len(blocks[0].anchors) - 1 < 1.5 * step or step == 1
        for stretch in stretches:
            assert {stretch.first, stretch.last} <= set(block_of(stretch, spacing, key_spacing).anchors)


@given(SHOTS, st.one_of(st.none(), st.integers(1, 3)), st.integers(-5, 250), st.data())
def test_exposures_give_each_wanted_frame_once_and_begin_with_the_shot(
    shots: list[Shot], exposure: int | None, focus: int, data: st.DataObject
) -> None:
    wanted = data.draw(st.frozensets(st.integers(0, shots[-1].stop - 1)))
    stretches = plan_exposures(shots, exposure, wanted, focus)
    assert sorted(i for stretch in stretches for i in stretch.wanted) == sorted(wanted)
    for stretch in stretches:
        length = exposure or len(stretch.shot)
        assert stretch.first - stretch.shot.start in range(0, len(stretch.shot), length)
        assert stretch.last == min(stretch.first + length, stretch.shot.stop) - 1
