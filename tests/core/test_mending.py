# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow is mended: what jumps further than its own size is found, rims lie where they are seen, and the rest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from made_clips import moving_square, noisy, panning, texture

from core.flow.choice import make_estimator
from core.flow.dis import DisFlow, DisQuality, DisSearch
from core.flow.far import found_again
from core.flow.match import as_grey, as_quick, unexplained
from core.flow.rims import drawn_to_rims
from core.warp import resize_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float32]

HEIGHT, WIDTH = 128, 192
SEARCH = DisSearch(DisQuality(finest_scale=1, descents=8, stride=5, refinements=3)).flow


def searched(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> Field:
    """What a search alone finds, (h, w, 2), between two quick pictures."""
    return np.ascontiguousarray(SEARCH(as_grey(here), as_grey(there)).transpose(1, 2, 0))


def off(field: Field, expected: tuple[float, float], where: NDArray[np.bool_]) -> float:
    """Median end-point error in pixels."""
    return float(np.median(np.hypot(*(field[where] - np.array(expected)).T)))


@pytest.mark.parametrize("sigma", [0.0, 6.0])
@pytest.mark.parametrize("step", [40, -40])
def test_what_jumps_further_than_its_own_size_is_found(step: int, sigma: float) -> None:
    frames, masks = moving_square(3, HEIGHT, WIDTH, side=26, step=40)
    order = (1, 2) if step > 0 else (2, 1)
    prev, cur = (as_quick(noisy(frames, sigma)[i]) for i in order)
    square = masks[order[1]]
    lost = searched(cur, prev)
    assert off(lost, (-step, 0), square) > 10.0, "else there is nothing to mend"
    found = found_again(lost, cur, prev, SEARCH)
    assert off(found, (-step, 0), square) < 0.5
    kept = ~(square | masks[order[0]])
    assert (found != lost).any(axis=2)[kept].mean() < 0.02


@pytest.mark.parametrize("name", ["dis", "dis-fast", "dis-fine"])
def test_every_estimator_of_the_kind_finds_it_and_marks_what_it_uncovers(name: str) -> None:
    frames, masks = moving_square(2, 2 * HEIGHT, 2 * WIDTH, side=60, step=90)
    motion = make_estimator(name).estimate(*frames)
    flow = resize_flow(motion.flow_cur_to_prev, 2 * HEIGHT, 2 * WIDTH).transpose(1, 2, 0)
    inner = cv2.erode(masks[1].astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert off(flow, (-90, 0), inner) < 1.0
    hidden = cv2.resize(motion.occlusion_mask().astype(np.uint8), (2 * WIDTH, 2 * HEIGHT)) > 0
    assert hidden[masks[0] & ~masks[1]].mean() > 0.8 and hidden[inner].mean() < 0.1


def test_what_is_nowhere_to_be_found_is_left_as_it_was() -> None:
    """A patch that comes from nothing: looked for, not found, or found in two places and not led back from there."""
    there = texture(HEIGHT, WIDTH, 1)
    here = there.copy()
    here[40:80, 60:110] = texture(40, 50, 9)
    still = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    pictures = as_quick(here), as_quick(there)
    assert unexplained(still, *pictures, 5)[50:70, 70:100].mean() > 20.0
    found = found_again(still, *pictures, SEARCH)
    assert float(np.mean(found != 0.0)) < 0.02


def test_small_and_flat_pictures_are_left_alone() -> None:
    for size in ((8, 8), (1, 40), (48, 64)):
        still = np.zeros((*size, 2), np.float32)
        black, white = (np.full((*size, 4), value, np.uint8) for value in (0, 255))
        assert not found_again(still, black, white, SEARCH).any()
        assert drawn_to_rims(still, black, white) is still


def test_a_flow_that_bleeds_is_drawn_back_to_the_rim() -> None:
    frames, masks = moving_square(2, HEIGHT, WIDTH, side=48, step=10)
    prev, cur = map(as_quick, frames)
    truth = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    truth[masks[1], 0] = -10.0
    bleeding = truth.copy()
    bleeding[cv2.dilate(masks[1].astype(np.uint8), np.ones((7, 7), np.uint8)) > 0, 0] = -10.0
    shown = ~(masks[0] & ~masks[1])  # what was hidden before has no motion that explains it
    wrong = (bleeding != truth).any(axis=2) & shown
    mended = drawn_to_rims(bleeding, cur, prev)
    assert wrong.sum() > 400
    assert (mended != truth).any(axis=2)[wrong].mean() < 0.15
    assert (mended != truth).any(axis=2)[~wrong & shown].mean() < 0.01


def test_where_nothing_moves_otherwise_nothing_is_touched() -> None:
    prev, cur = map(as_quick, panning(2, HEIGHT, WIDTH, (3, 0)))
    even = np.full((HEIGHT, WIDTH, 2), (3.0, 0.0), np.float32)
    assert drawn_to_rims(even, cur, prev) is even
    assert found_again(even, cur, prev, SEARCH) is even


def test_motion_is_the_same_from_thread_to_thread_and_run_to_run() -> None:
    frames, _ = moving_square(2, HEIGHT, WIDTH, side=26, step=40)
    assert DisFlow().estimate(*frames).to_bytes() == DisFlow().estimate(*frames).to_bytes()
