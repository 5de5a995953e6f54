# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots: a cut is found at exactly its frame, and what only looks like one is none."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clips import moving_square, noisy, panning, texture

from core.shots.cuts import Shot, ShotFinder


def shots_of(frames: list[np.ndarray]) -> list[tuple[int, int]]:
    finder = ShotFinder()
    for frame in frames:
        finder.add(frame)
    return [(shot.start, shot.stop) for shot in finder.shots()]


def scene(seed: int, count: int) -> list[np.ndarray]:
    """A shot of its own colours, with a moving camera."""
    tint = np.random.default_rng(seed + 100).uniform(0.3, 1.0, 3)
    return [np.asarray(frame * tint, np.uint8) for frame in panning(count, seed=seed)]


def solid(value: int, count: int) -> list[np.ndarray]:
    return [np.full((64, 96, 3), value, np.uint8)] * count


@pytest.mark.parametrize("lengths", [(8, 8), (1, 9), (9, 1), (2, 7), (5, 4, 6), (1, 1, 8), (3, 3, 3, 3), (12, 1, 12)])
def test_cuts_are_found_at_exactly_their_frames(lengths: tuple[int, ...]) -> None:
    frames = [frame for seed, count in enumerate(lengths) for frame in scene(seed, count)]
    edges = [0, *np.cumsum(lengths).tolist()]
    assert shots_of(frames) == list(itertools.pairwise(edges))


def test_a_cut_between_noisy_shots_is_found() -> None:
    assert shots_of(noisy([*scene(0, 7), *scene(1, 7)], 12.0)) == [(0, 7), (7, 14)]


def test_a_cut_between_still_pictures_is_found() -> None:
    assert shots_of([texture(64, 96, 0)] * 5 + [texture(64, 96, 1) // 2] * 5) == [(0, 5), (5, 10)]


@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_no_cut(length: int) -> None:
    frames = scene(0, 16)
    for flash in (solid(255, 1)[0], solid(0, 1)[0], texture(64, 96, 9)):
        flashed = frames[:6] + [flash] * length + frames[6 + length :]
        assert shots_of(flashed) == [(0, 16)]


def test_a_fast_pan_is_no_cut() -> None:
    assert shots_of(panning(14, step=(12, 0))) == [(0, 14)]  # an eighth of the picture a frame


def test_a_fast_object_is_no_cut() -> None:
    assert shots_of(moving_square(8, side=32, step=8)[0]) == [(0, 8)]


def test_a_zoom_is_no_cut() -> None:
    picture = texture(192, 288, 2)
    frames = []
    for i in range(12):
        height, width = 192 - 8 * i, 288 - 12 * i
        top, left = (192 - height) // 2, (288 - width) // 2
        frames.append(cv2.resize(picture[top : top + height, left : left + width], (96, 64)))
    assert shots_of(frames) == [(0, 12)]


def test_a_slow_fade_is_no_cut() -> None:
    faded = [np.asarray(frame * (i / 19), np.uint8) for i, frame in enumerate(scene(0, 20))]
    assert shots_of(faded) == [(0, 20)]
    assert shots_of(faded[::-1]) == [(0, 20)]


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 14, 24])
def test_every_frame_of_a_dissolve_is_a_shot_by_itself(length: int) -> None:
    before, after = texture(64, 96, 0), texture(64, 96, 1) // 2
    shares = [0.0] * 9 + [(i + 1) / (length + 1) for i in range(length)] + [1.0] * 9
    mixed = range(9, 9 + length)
    shots = shots_of([cv2.addWeighted(before, 1 - share, after, share, 0) for share in shares])
    # A dissolve is looked for in a few lengths only, so it may seem a little shorter or longer.
    assert {(i, i + 1) for i in (mixed[1:-1] or mixed)} <= set(shots)
    assert shots[0][0] == 0 and shots[0][1] > 9 - 0.5 * length - 1
    assert shots[-1][1] == len(shares) and shots[-1][0] < 9 + 1.5 * length + 1


def test_a_cut_between_shots_that_slowly_near_each_other_stays_a_cut() -> None:
    before, after = texture(64, 96, 0), texture(64, 96, 1)
    shares = [0.0] * 6 + [0.02 * i for i in range(10)] + [0.72 + 0.035 * i for i in range(8)] + [1.0] * 6
    assert shots_of([cv2.addWeighted(before, 1 - t, after, t, 0) for t in shares]) == [(0, 16), (16, len(shares))]


@pytest.mark.parametrize("step", [2, 3, 5])
def test_bright_posts_that_pass_evenly_are_no_dissolve(step: int) -> None:
    """Posts thinner than what a signature tells apart fade from one of its pixels into the next."""
    frames = []
    for i in range(30):
        frame = texture(144, 256, 4) // 3
        for post in range(0, 256 + 30 * step, 30):
            left = max(0, post - step * i)
            frame[:, left : max(0, post + 13 - step * i)] = (250, 240, 220)
        frames.append(frame)
    assert shots_of(frames) == [(0, 30)]


@pytest.mark.parametrize("lowest", [0.1, 0.2, 0.5])
def test_changing_light_under_a_moving_camera_parts_nothing(lowest: float) -> None:
    lights = [(1.0 + lowest + (1.0 - lowest) * np.cos(i / 5.0)) / 2.0 for i in range(48)]
    frames = panning(48, step=(2, 1), seed=3)
    assert shots_of([np.asarray(frame * light, np.uint8) for frame, light in zip(frames, lights, strict=True)]) == [
        (0, 48)
    ]


def test_a_fade_in_under_a_moving_camera_parts_nothing() -> None:
    frames = [np.asarray(frame * min(i / 16, 1.0), np.uint8) for i, frame in enumerate(panning(40, step=(2, 1)))]
    assert shots_of(frames) == [(0, 40)]
    assert shots_of(frames[::-1]) == [(0, 40)]


def test_a_dissolve_between_moving_noisy_shots_parts_them() -> None:
    moving = [panning(26, step=(1, 0), seed=seed) for seed in (0, 1)]
    shares = [min(max((i - 8) / 9, 0.0), 1.0) for i in range(26)]
    frames = [cv2.addWeighted(a, 1 - t, b // 2, t, 0) for a, b, t in zip(*moving, shares, strict=True)]
    shots = shots_of(noisy(frames, 3.0))
    assert (12, 13) in shots and shots[0][1] in range(7, 11) and shots[-1][0] in range(16, 20)


@pytest.mark.parametrize("length", [5, 9, 16])
def test_a_fade_through_black_is_parted_where_it_is_black(length: int) -> None:
    middle = 10 + (length - 1) / 2
    frames = [texture(64, 96, 0) if i < middle else texture(64, 96, 1) for i in range(20 + length)]
    lights = [min(abs(i - middle) / ((length + 1) / 2), 1.0) for i in range(len(frames))]
    shots = shots_of([np.asarray(frame * light, np.uint8) for frame, light in zip(frames, lights, strict=True)])
    assert len(shots) == 2 and abs(shots[1][0] - middle) <= 1


def test_a_dip_to_black_and_back_to_the_same_picture_parts_nothing() -> None:
    lights = [min(abs(i - 12) / 6, 1.0) for i in range(25)]
    assert shots_of([np.asarray(texture(64, 96) * light, np.uint8) for light in lights]) == [(0, 25)]


def test_black_frames_are_a_shot_of_their_own() -> None:
    assert shots_of(solid(0, 9)) == [(0, 9)]
    assert shots_of(scene(0, 6) + solid(0, 5) + scene(1, 6)) == [(0, 6), (6, 11), (11, 17)]


def test_short_clips() -> None:
    assert shots_of([]) == []
    assert shots_of(scene(0, 1)) == [(0, 1)]
    assert shots_of([*scene(0, 1), *scene(1, 1)]) == [(0, 1), (1, 2)]


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2)])
def test_tiny_frames(size: tuple[int, int]) -> None:
    dark, light = np.zeros((*size, 3), np.uint8), np.full((*size, 3), 255, np.uint8)
    assert shots_of([dark] * 4 + [light] * 4) == [(0, 4), (4, 8)]


@settings(deadline=None)  # a busy machine may take its time
@given(st.lists(st.integers(0, 5), max_size=14))
def test_shots_cover_every_frame_once_whatever_comes(seeds: list[int]) -> None:
    covered = [i for start, stop in shots_of([texture(36, 64, seed) for seed in seeds]) for i in range(start, stop)]
    assert covered == list(range(len(seeds)))


def test_a_shot_counts_its_frames() -> None:
    assert list(Shot(3, 6)) == [3, 4, 5] and len(Shot(3, 6)) == 3
