# SPDX-License-Identifier: GPL-3.0-or-later
"""Time and room of a job, from earlier ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from blender_addon.jobs.estimates import Estimates

HD = 1280 * 720


def test_nothing_is_guessed_without_a_measurement(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "speed.json")
    assert estimates.of("final", HD, 10) is None
    estimates.note("draft", HD, 10, 5.0, 1000)
    assert estimates.of("final", HD, 10) is None, "a draft says nothing about a final"


def test_what_was_measured_last_is_expected_again_also_in_the_next_session(tmp_path: Path) -> None:
    Estimates(tmp_path / "speed.json").note("final", HD, 10, 5.0, 1000)
    Estimates(tmp_path / "speed.json").note("final", HD, 10, 8.0, 2000)
    assert Estimates(tmp_path / "speed.json").of("final", HD, 100) == (80.0, 20000, 0)


def test_another_size_is_scaled_from_the_nearest(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "speed.json")
    estimates.note("final", HD, 10, 10.0, 1000)
    estimates.note("final", HD // 16, 10, 1.0, 100)
    assert estimates.of("final", HD // 4 * 3, 10) == (pytest.approx(7.5), 750, 0)
    assert estimates.of("final", HD // 32, 10) == (pytest.approx(0.5), 50, 0)


def test_memory_grows_with_the_frames_and_stays_what_it_was_where_a_job_tells_none(tmp_path: Path) -> None:
    Estimates(tmp_path / "speed.json").note("final", HD, 10, 5.0, 1000, 900_000_000)
    estimates = Estimates(tmp_path / "speed.json")
    estimates.note("final", HD, 10, 5.0, 1000)
    of = {scale: estimates.of("final", HD * scale, 10) for scale in (1, 4)}
    assert of[1] is not None and of[1].memory == 900_000_000
    assert of[4] is not None and of[4].memory == 400_000_000 + 4 * 500_000_000, "the rest is there at any size"


def test_what_an_earlier_release_noted_counts(tmp_path: Path) -> None:
    (tmp_path / "speed.json").write_text('[{"quality": "final", "pixels": 100, "seconds": 0.5, "size": 10.0}]')
    assert Estimates(tmp_path / "speed.json").of("final", 100, 10) == (5.0, 100, 0)


def test_very_short_jobs_say_nothing(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "speed.json")
    estimates.note("final", HD, 2, 60.0, 1000)
    assert estimates.of("final", HD, 2) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '[{"quality": "final"}]', '[{"quality":"final","pixels":1,"seconds":"x","size":0}]']
)
def test_a_damaged_file_counts_as_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "speed.json").write_text(text)
    assert Estimates(tmp_path / "speed.json").of("final", HD, 1) is None


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "gone" / "speed.json")
    estimates.note("final", HD, 10, 5.0, 1000)
    assert estimates.of("final", HD, 10) == (5.0, 1000, 0)
