# SPDX-License-Identifier: GPL-3.0-or-later
"""What clarity brings out, and what it leaves alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.paint.choice import make_painter
from core.paint.clarity import clearer
from core.paint.feedforward import FeedForwardPainter
from core.paint.opencv_engine import OpenCVEngine
from core.settings import StylizeSettings
from core.styles.weights import ModelLibrary

SIZE = 180, 240


def halves(left: float, right: float, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A frame of two greys that meet in the middle."""
    frame = np.full((*size, 3), left, np.uint8)
    frame[:, size[1] // 2 :] = right
    return frame


def contrast(frame: np.ndarray) -> float:
    """By how much brightness differs to both sides of the middle, a few pixels away."""
    middle = frame.shape[1] // 2
    near = [frame[:, place : place + 4].mean() for place in (middle - 8, middle + 4)]
    return abs(near[1] - near[0])


def test_at_0_it_is_the_frame_itself() -> None:
    frame = halves(100, 104)
    assert clearer(frame, 0.0) is frame


@pytest.mark.parametrize("step", [6, 12, 24])
def test_a_faint_contour_gets_at_least_half_as_strong_again_and_the_more_the_higher(step: int) -> None:
    frame = halves(190 - step, 190)
    found = [contrast(clearer(frame, clarity)) for clarity in (0.0, 0.3, 0.6, 1.0)]
    assert found == sorted(found) and found[0] == step
    assert found[-1] > 1.5 * step


def test_beside_a_strong_contour_no_rim_appears() -> None:
    frame = halves(50, 190)
    clear = clearer(frame, 1.0).astype(int)
    assert np.abs(clear - frame)[:, abs(np.arange(SIZE[1]) - SIZE[1] // 2) > 3].max() <= 8


def test_grain_on_plain_ground_stays_what_it_was() -> None:
    grain = np.random.default_rng(3).normal(0.0, 3.0, SIZE)[..., None]
    frame = np.clip(128 + np.repeat(grain, 3, 2), 0, 255).astype(np.uint8)
    assert clearer(frame, 1.0).std() < 1.1 * frame.std()


def test_colours_stay_apart_as_they_were() -> None:
    frame = halves(120, 130)
    frame[..., 0] += 40
    clear = clearer(frame, 1.0).astype(int)
    np.testing.assert_array_equal(clear[..., 0] - clear[..., 1], 40)
    assert contrast(clear) > contrast(frame)


def test_it_is_the_same_in_a_picture_twice_as_large() -> None:
    small, large = (clearer(halves(170, 180, (side, side)), 1.0).astype(float) for side in (180, 360))
    assert np.abs(large[::2, ::2] - small).mean() < 1.0


def test_what_is_far_away_does_not_change() -> None:
    frame = halves(170, 180)
    lit = frame.copy()
    lit[:20, :20] = 0
    changed = (clearer(frame, 1.0) != clearer(lit, 1.0)).any(2)
    assert changed[:20, :20].any() and not changed[90:, 90:].any()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 2), (7, 7)])
def test_frames_of_any_size_are_taken(size: tuple[int, int]) -> None:
    assert clearer(halves(10, 200, size), 1.0).shape == (*size, 3)


def test_clarity_adds_to_what_suits_the_style(library: ModelLibrary, style: str) -> None:
    preset = library.style(style)
    engine = OpenCVEngine(preset.network)
    plain, chosen, own, both = (
        FeedForwardPainter(engine, dataclasses.replace(preset, clarity=suits), clarity=wanted)
        for suits, wanted in ((0.0, 0.0), (0.0, 0.5), (0.5, 0.0), (0.5, 0.5))
    )
    assert plain.key != chosen.key == own.key != both.key
    assert plain.key in chosen.key, "what was painted before there was clarity is still found"
    frame = halves(170, 200)
    statistics = plain.measure([frame])
    np.testing.assert_array_equal(chosen.paint(frame, statistics), own.paint(frame, statistics))
    assert (plain.paint(frame, statistics) != own.paint(frame, statistics)).any()


def test_the_setting_reaches_the_painter(library: ModelLibrary, style: str) -> None:
    keys = {make_painter(StylizeSettings(style=style, engine="opencv", clarity=c), library).key for c in (0, 0.25, 1)}
    assert len(keys) == 3


def test_plain_ground_is_painted_more_calmly(library: ModelLibrary, style: str) -> None:
    """By neighbouring pixels. Half of the frame is rich in contours, so that the shot's statistics are a picture's."""
    frame = np.full((180, 240, 3), 150, np.uint8)
    frame[:, 120:] = np.random.default_rng(5).integers(0, 256, (12, 8, 3)).repeat(15, 0).repeat(15, 1)
    plain = []
    for clarity in (0.0, 0.5, 1.0):
        painter = make_painter(StylizeSettings(style=style, engine="opencv", clarity=clarity), library)
        ground = painter.paint(frame, painter.measure([frame]))[30:-30, 30:70]
        plain.append(np.abs(np.diff(ground.astype(float), axis=1)).mean())
    assert plain[2] < plain[1] < plain[0] and plain[2] < 0.8 * plain[0]
