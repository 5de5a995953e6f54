# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling: paint goes where the motion goes, is not trusted where the motion is wrong, and never blurs or ghosts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from made_clips import moving_square, panning, texture

from core.flow.motion import Motion
from core.metrics import sharpness
from core.settling import settle
from core.settling.settle import Carried
from core.warp import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH = 64, 96


def moved(x: float, y: float) -> Motion:
    flow = np.empty((2, HEIGHT, WIDTH), np.float32)
    flow[0], flow[1] = x, y
    return Motion(flow, -flow)


def carry(anchor: NDArray[np.uint8], steps: list[tuple[Motion, NDArray[np.uint8]]]) -> list[Carried]:
    """How each of the following frames fetches the anchor's paint."""
    ways = settle.follow(motion for motion, _ in steps)
    return [settle.trusted(back, anchor, source) for (back, _), (_, source) in zip(ways, steps, strict=True)]


def cross(
    before: tuple[NDArray[np.uint8], Carried],
    after: tuple[NDArray[np.uint8], Carried],
    position: float,
    stability: float = 1.0,
) -> settle.CarriedPaint:
    """``settle.cross`` of two pictures."""
    one, other = ((settle.Paint.of(picture, (HEIGHT, WIDTH)), carried) for picture, carried in (before, after))
    return settle.cross(one, other, position, stability)


def still(confidence: float = 1.0) -> Carried:
    return Carried(np.zeros((2, HEIGHT, WIDTH), np.float32), np.full((HEIGHT, WIDTH), confidence, np.float32))


def test_a_chain_of_steps_reaches_the_anchor() -> None:
    frames = panning(9, HEIGHT, WIDTH, (2, 1))
    carried = carry(frames[0], [(moved(2, 1), frame) for frame in frames[1:]])
    assert len(carried) == 8
    for steps, place in enumerate(carried, 1):
        inner = (slice(0, HEIGHT - steps - 4), slice(0, WIDTH - 2 * steps - 4))  # what was in the anchor's picture
        np.testing.assert_array_equal(place.flow[0][inner], 2.0 * steps)
        np.testing.assert_array_equal(place.flow[1][inner], 1.0 * steps)
        assert place.flow_confidence[inner].min() == 1.0
        assert not place.flow_confidence[:, WIDTH - 2 * steps :].any(), "what came into the picture is not trusted"


def test_paint_carried_far_is_as_sharp_as_new() -> None:
    frames, paint = panning(9, HEIGHT, WIDTH, (2, 1)), texture(HEIGHT, WIDTH, 8)
    *_, last = carry(frames[0], [(moved(2, 1), frame) for frame in frames[1:]])
    found = cross((paint, last), (paint, still(0.0)), 0.0).paint
    inner = (slice(8, HEIGHT - 16), slice(8, WIDTH - 24))  # at the very border contrast is measured on fewer pixels
    np.testing.assert_array_equal(found[inner], paint[8:, 16:][inner])
    # Half pixels must be interpolated once; every further time would take as much sharpness again.
    *_, last = carry(frames[0], [(moved(0.5, 0.5), frames[0])] * 8 + [(moved(0.5, 0.5), frames[0])])
    assert sharpness(cross((paint, last), (paint, still(0.0)), 0.0).paint[:50, :80]) > 0.75 * sharpness(paint)


def placed(matrix: list[list[float]]) -> NDArray[np.float32]:
    """The flow that takes every pixel where the matrix does, about the middle of the picture."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    x, y = x - WIDTH / 2, y - HEIGHT / 2
    (a, b), (c, d) = matrix
    return np.stack([a * x + b * y - x, c * x + d * y - y]).astype(np.float32)


def turning(degrees: float, factor: float = 1.0) -> list[list[float]]:
    """A turn with a zoom."""
    cosine, sine = (factor * f(math.radians(degrees)) for f in (math.cos, math.sin))
    return [[cosine, -sine], [sine, cosine]]


def trust_in(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Trust where pictures and occlusion have nothing against it; without the rim, where the way leads out."""
    grey, seen = np.full((HEIGHT, WIDTH, 3), 128, np.uint8), np.ones((HEIGHT, WIDTH), np.float32)
    return settle.trusted(settle.Link.of(flow, seen), grey, grey).flow_confidence[20:-20, 36:-36]


def test_paint_turns_with_its_surface_as_far_as_it_turns() -> None:
    """A camera that rolls by exactly four degrees a frame, up to sixty."""
    side = 128
    wide = texture(side, side, 5)
    turns = [cv2.getRotationMatrix2D((side / 2, side / 2), 4.0 * i, 1.0) for i in range(16)]
    frames = [cv2.warpAffine(wide, turn, (side, side), flags=cv2.INTER_CUBIC) for turn in turns]
    inner = (slice((side - HEIGHT) // 2, (side + HEIGHT) // 2), slice((side - WIDTH) // 2, (side + WIDTH) // 2))
    seen = [np.ascontiguousarray(frame[inner], np.uint8) for frame in frames]
    step = Motion(placed(turning(4.0)), placed(turning(-4.0)))
    carried = carry(seen[0], [(step, frame) for frame in seen[1:]])
    middle = (slice(20, -20), slice(36, -36))
    for place in carried:
        assert place.flow_confidence[middle].min() > 0.95
    fetched = warp(seen[0], carried[-1].flow)[middle].astype(int)
    assert (
        np.abs(fetched - seen[-1][middle]).mean() < 6.0 < np.abs(seen[0][middle].astype(int) - seen[-1][middle]).mean()
    )


@pytest.mark.parametrize("degrees", [0.0, 40.0, 100.0, 180.0])
def test_a_turn_is_trusted_with_a_zoom_that_strokes_bear_and_not_with_more(degrees: float) -> None:
    for factor in (1 / 1.5, 1.0, 1.5):
        assert trust_in(placed(turning(degrees, factor))).min() > 0.99
    for factor in (1 / 3.5, 3.5):
        assert trust_in(placed(turning(degrees, factor))).max() < 0.1


@pytest.mark.parametrize("degrees", [0.0, 40.0, 100.0])
@pytest.mark.parametrize("along", [0.0, 0.5, 1.0, 2.0, 2.6])
def test_a_tear_is_refused_however_it_is_turned(degrees: float, along: float) -> None:
    """To the right of the middle everything goes four pixels in some direction, whatever turns with it."""
    torn = np.zeros((2, HEIGHT, WIDTH), np.float32)
    torn[0, :, WIDTH // 2 :], torn[1, :, WIDTH // 2 :] = 4.0 * math.cos(along), 4.0 * math.sin(along)
    trust = trust_in(placed(turning(degrees)) + torn)
    seam = trust.shape[1] // 2
    # Two columns see the tear; softened, so that no edge shows, they leave this much at the most.
    assert trust[:, seam - 1 : seam + 1].max() < 0.25 and trust[:, seam - 2 : seam + 2].max() < 0.45
    assert trust[:, : seam - 6].min() > 0.99 < trust[:, seam + 6 :].min()
    np.testing.assert_allclose(trust, trust_in(torn), atol=0.02)


def test_sheared_and_squeezed_paint_is_not_trusted() -> None:
    assert trust_in(placed([[1.0, 0.4], [0.0, 1.0]])).min() > 0.99
    for matrix in (
        [[1.0, 1.2], [0.0, 1.0]],
        [[1.6, 0.0], [0.0, 0.4]],
        [[0.05, 0.0], [0.0, 1.15]],
        [[-1.0, 0.0], [0.0, 1.0]],
    ):
        assert trust_in(placed(matrix)).max() < 0.05


def test_wrong_motion_is_not_trusted() -> None:
    frames = panning(4, HEIGHT, WIDTH, (6, 3))
    (wrong,) = carry(frames[0], [(moved(-6, -3), frames[1])])
    (right,) = carry(frames[0], [(moved(6, 3), frames[1])])
    inner = (slice(8, -8), slice(12, -12))
    assert right.flow_confidence[inner].min() == 1.0
    assert wrong.flow_confidence[inner].mean() < 0.25


def test_motion_that_does_not_come_back_is_not_trusted() -> None:
    picture = texture(HEIGHT, WIDTH)
    there = np.full((2, HEIGHT, WIDTH), 3.0, np.float32)
    (carried,) = carry(picture, [(Motion(there, there), picture)])
    assert not carried.flow_confidence.any()


def test_lost_trust_does_not_come_back_along_the_chain() -> None:
    picture = texture(HEIGHT, WIDTH)
    there = np.full((2, HEIGHT, WIDTH), 3.0, np.float32)
    first, second = carry(picture, [(Motion(there, there), picture), (moved(0, 0), picture)])
    assert not first.flow_confidence.any() and not second.flow_confidence.any()


def test_what_slowly_came_into_the_picture_is_not_trusted() -> None:
    """Each step ends inside, by the half pixel that is allowed; the way back to the anchor does not."""
    stripes = np.repeat(texture(1, WIDTH), HEIGHT, axis=0)
    *_, last = carry(stripes, [(moved(0, 0.4), stripes)] * 20)
    assert last.flow_confidence[: HEIGHT - 14].min() > 0.95
    assert not last.flow_confidence[HEIGHT - 8 :].any()


def test_what_a_square_uncovers_is_painted_anew_and_leaves_no_ghost() -> None:
    """With the true motion and occlusion: nothing of the square's paint stays where the square was."""
    frames, masks = moving_square(2, HEIGHT, WIDTH, side=24, step=10)
    there, back = np.zeros((2, 2, HEIGHT, WIDTH), np.float32)
    there[0][masks[1]], back[0][masks[0]] = -10.0, 10.0
    (carried,) = carry(frames[0], [(Motion(there, back), frames[1])])
    uncovered = masks[0] & ~masks[1]
    assert carried.flow_confidence[uncovered].max() == 0.0
    red, blue = np.zeros((2, HEIGHT, WIDTH, 3), np.uint8)
    red[masks[0]], blue[...] = (255, 0, 0), (0, 0, 255)
    crossed = cross((red, carried), (red, still(0.0)), 0.0)
    assert not crossed.covers_all()
    np.testing.assert_array_equal(crossed.over(blue)[uncovered], blue[uncovered])
    core_of_square = np.zeros_like(masks[1])
    core_of_square[26:38, 24:36] = True
    assert masks[1][core_of_square].all()
    np.testing.assert_allclose(crossed.over(blue)[core_of_square], np.tile([255, 0, 0], (144, 1)), atol=1)


@pytest.mark.parametrize("position", [0.0, 0.125, 0.5, 0.8, 1.0])
def test_a_still_picture_keeps_its_paint_exactly(position: float) -> None:
    paint = texture(HEIGHT, WIDTH)
    crossed = cross((paint, still()), (paint, still()), position)
    assert crossed.covers_all()
    np.testing.assert_array_equal(crossed.paint, paint)
    np.testing.assert_array_equal(crossed.over(texture(HEIGHT, WIDTH, 9)), paint)


def test_the_crossing_goes_smoothly_from_one_anchor_to_the_other() -> None:
    black, white = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    values = [float(cross((black, still()), (white, still()), i / 16).paint.mean()) for i in range(17)]
    assert values[0] == 0.0 and values[-1] == 255.0 and values[8] == pytest.approx(127.5, abs=0.5)
    steps = np.diff(values)
    assert (steps > 0).all() and steps.max() < 2 * 255 / 16
    np.testing.assert_allclose(steps, steps[::-1], atol=1.0)


def test_an_anchor_that_is_not_trusted_does_not_show() -> None:
    one, other, own = (texture(HEIGHT, WIDTH, seed) for seed in range(3))
    crossed = cross((one, still(1.0)), (other, still(0.0)), 0.5)
    np.testing.assert_array_equal(crossed.paint, one)
    nothing = cross((one, still(0.0)), (other, still(0.0)), 0.5)
    np.testing.assert_array_equal(nothing.over(own), own)


def test_a_distrusted_anchor_does_not_darken_the_other_however_small_its_share() -> None:
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for position in np.linspace(0.0, 1.0, 25):
        crossed = cross((white, still(1.0)), (white, still(0.0)), float(position))
        assert int(crossed.over(white).min()) >= 254, f"at {position}"


@pytest.mark.parametrize("position", [0.0, 0.1, 0.5])
def test_little_trust_is_outweighed_by_much_even_at_its_own_anchor(position: float) -> None:
    white, black = np.full((HEIGHT, WIDTH, 3), 255, np.uint8), np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    crossed = cross((white, still(0.2)), (black, still(1.0)), position)
    assert crossed.covers_all() and float(crossed.paint.mean()) <= 255 * 0.21


def test_stability_says_how_much_of_the_carried_paint_shows() -> None:
    black, own = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    for stability, expected in ((0.0, 200), (0.5, 100), (1.0, 0)):
        shown = cross((black, still()), (black, still()), 0.5, stability).over(own)
        assert np.abs(shown.astype(int) - expected).max() <= 1


def test_flow_of_another_size_fetches_the_same_paint() -> None:
    paint = texture(2 * HEIGHT, 2 * WIDTH)
    shift = Carried(moved(4, 2).flow_cur_to_prev, np.ones((HEIGHT, WIDTH), np.float32))
    found = cross((paint, shift), (paint, still(0.0)), 0.0).paint
    # At the very border the contrast is measured on fewer pixels.
    np.testing.assert_array_equal(found[8:-16, 8:-20], paint[12:-12, 16:-12])


def test_links_lead_on_from_anchor_to_anchor() -> None:
    frames = panning(9, HEIGHT, WIDTH, (2, 1))
    *_, (whole, _) = settle.follow(moved(2, 1) for _ in range(8))
    *_, (half, step) = settle.follow(moved(2, 1) for _ in range(4))
    assert (step.flow[0] == 2).all() and (step.flow[1] == 1).all()
    chained = half.onward(half)
    inner = (slice(0, HEIGHT - 12), slice(0, WIDTH - 20))
    np.testing.assert_array_equal(chained.flow[:, *inner], whole.flow[:, *inner])
    np.testing.assert_array_equal(chained.visible, whole.visible)
    assert not chained.visible[:, WIDTH - 15 :].any(), "what came into the picture on the way was not in the anchor"
    assert settle.trusted(chained, frames[0], frames[8]).flow_confidence[inner].min() == 1.0
    far = Motion(np.full((2, HEIGHT, WIDTH), 3.0, np.float32), np.full((2, HEIGHT, WIDTH), 3.0, np.float32))
    ((lost, _),) = settle.follow([far])
    assert not lost.visible.any() and not half.onward(lost).visible.any() and not lost.onward(half).visible.any()


def test_held_paint_travels_and_is_not_held_where_the_motion_is_wrong() -> None:
    frames, paint, own = panning(2, HEIGHT, WIDTH, (6, 3)), texture(HEIGHT, WIDTH, 8), texture(HEIGHT, WIDTH, 9)
    (right,) = carry(frames[0], [(moved(6, 3), frames[1])])
    held = settle.hold(paint, right)
    inner = (slice(8, -8), slice(12, -12))
    np.testing.assert_array_equal(held.over(own)[inner], np.roll(paint, (-3, -6), (0, 1))[inner])
    (wrong,) = carry(frames[0], [(moved(-6, -3), frames[1])])
    shown = settle.hold(paint, wrong).over(own)[inner].astype(int)
    assert np.abs(shown - own[inner]).mean() < 0.5 * np.abs(shown - settle.hold(paint, wrong).paint[inner]).mean()
    assert settle.hold(paint, right, 0.0).over(own).tolist() == own.tolist()


def test_contrast_that_sampling_took_is_given_back() -> None:
    paint, place = texture(HEIGHT, WIDTH), still()
    half = Carried(np.full((2, HEIGHT, WIDTH), 0.5, np.float32), place.flow_confidence)
    plain, kept = settle.hold(paint, half).paint, cross((paint, half), (paint, half), 0.5).paint
    assert sharpness(plain) < sharpness(kept) <= 1.02 * sharpness(paint)
