# SPDX-License-Identifier: GPL-3.0-or-later
"""Where source and painting lie in the preview region."""

from __future__ import annotations

import itertools

import pytest

from blender_addon.preview.wipe import Box, Way, is_near_line, line_under, picture_box, pieces

BOX = Box(100.0, 50.0, 740.0, 410.0)


def test_the_picture_lies_about_the_origin_of_the_view_however_that_is_panned_and_zoomed() -> None:
    whole = picture_box((640, 360), (-320, -180, 320, 180), (640, 360))
    assert whole == Box(0, 0, 640, 360)
    half = picture_box((640, 360), (-640, -360, 640, 360), (640, 360))
    assert half == Box(160, 90, 480, 270)
    panned = picture_box((640, 360), (-220, -200, 420, 160), (640, 360))
    assert panned == Box(-100, 20, 540, 380)
    dense = picture_box((1280, 720), (-320, -180, 320, 180), (640, 360))
    assert dense == Box(0, 0, 1280, 720)


@pytest.mark.parametrize("line", [0.0, 0.25, 0.5, 0.999, 1.0])
def test_under_the_wipe_the_two_parts_make_one_picture(line: float) -> None:
    found = pieces(Way.WIPE, BOX, line)
    assert [piece.is_painted for piece in found] == [False, True][line == 0.0 :][: 1 if line in (0.0, 1.0) else 2]
    assert found[0].left == 0.0 and found[-1].right == 1.0
    assert found[0].place.left == BOX.left and found[-1].place.right == BOX.right
    for one, other in itertools.pairwise(found):
        assert one.right == other.left == line and one.place.right == other.place.left
    for piece in found:  # nothing is moved or stretched
        assert piece.place.width == pytest.approx((piece.right - piece.left) * BOX.width)
        assert (piece.place.low, piece.place.high) == (BOX.low, BOX.high)


def test_side_by_side_both_are_whole_and_keep_their_shape() -> None:
    source, painting = pieces(Way.SIDE, BOX, 0.1)
    assert (source.is_painted, painting.is_painted) == (False, True)
    for piece in (source, painting):
        assert (piece.left, piece.right) == (0.0, 1.0)
        assert piece.place.width / piece.place.height == pytest.approx(BOX.width / BOX.height)
    assert source.place.right == painting.place.left


def test_while_the_key_is_held_only_the_source_is_seen() -> None:
    (piece,) = pieces(Way.SOURCE, BOX, 0.3)
    assert not piece.is_painted and piece.place == BOX


@pytest.mark.parametrize(("x", "line"), [(100, 0.0), (420, 0.5), (740, 1.0), (-50, 0.0), (9000, 1.0)])
def test_the_line_follows_the_mouse_and_stays_in_the_picture(x: float, line: float) -> None:
    assert line_under(BOX, x) == line


def test_the_line_is_taken_hold_of_near_it_only() -> None:
    assert is_near_line(BOX, 0.5, 427, 200, 8) and is_near_line(BOX, 0.5, 413, 60, 8)
    assert not is_near_line(BOX, 0.5, 429, 200, 8)
    assert not is_near_line(BOX, 0.5, 420, 20, 8) and not is_near_line(BOX, 0.5, 420, 430, 8)
