# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's facts become the request that the worker understands (free of bpy)."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from blender_addon.core_link import protocol, settings
from blender_addon.jobs.job_request import Places, StripFacts, build, frame_names

FACTS = StripFacts(
    scene="Scene",
    name="clip",
    first_frame=11,
    length=4,
    width=64,
    height=48,
    playhead=13,
    strengths=(0.0, 0.5, 1.0, 0.0),
)
PLACES = Places(frames=Path("/temporary/a"), run=Path("/results/r"), cache=Path("/cache"), cache_limit_bytes=5)


def test_frames_of_strength_0_are_not_wanted() -> None:
    assert FACTS.wanted == (1, 2)
    request = build("a", FACTS, PLACES, settings.StylizeSettings().to_json())
    assert request.wanted == (1, 2)
    assert request.source_names == request.output_names == ("000001.png", "000002.png", "000003.png", "000004.png")
    assert (request.source_dir, request.output_dir) == ("/temporary/a", "/results/r")
    assert (request.cache_dir, request.cache_limit_bytes) == ("/cache", 5)


def test_all_wanted_is_said_by_an_empty_list() -> None:
    facts = dataclasses.replace(FACTS, strengths=(1.0,) * 4)
    assert build("a", facts, PLACES, {}).wanted == ()


def test_exact_motion_lies_with_the_frames_and_is_named_where_it_is_there() -> None:
    assert build("a", FACTS, PLACES, {}).motion_dir == ""
    request = build("a", FACTS, PLACES, {}, has_motion=True)
    assert Path(request.motion_dir) == Path("/temporary/a/motion")


def test_nothing_wanted_is_never_sent_as_all() -> None:
    facts = dataclasses.replace(FACTS, strengths=(0.0,) * 4)
    with pytest.raises(ValueError, match="No frame of 'clip' is wanted"):
        build("a", facts, PLACES, {})


def test_the_request_crosses_the_pipe_unchanged() -> None:
    request = build("a", FACTS, PLACES, settings.StylizeSettings(style="great-wave").to_json())
    assert protocol.decode_request(request.encode()) == request


@pytest.mark.parametrize(("playhead", "focus"), [(-100, 0), (11, 0), (13, 2), (14, 3), (900, 3)])
def test_painting_starts_at_the_playhead(playhead: int, focus: int) -> None:
    assert dataclasses.replace(FACTS, playhead=playhead).focus == focus


def test_facts_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="3 strengths for 4 frames"):
        dataclasses.replace(FACTS, strengths=(1.0,) * 3)
    with pytest.raises(ValueError, match="length is 0"):
        dataclasses.replace(FACTS, length=0, strengths=())


def test_names_sort_as_they_count() -> None:
    names = frame_names(1200)
    assert list(names) == sorted(names)
    assert len(set(names)) == 1200
