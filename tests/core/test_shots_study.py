# SPDX-License-Identifier: GPL-3.0-or-later
"""The study of shots: the sequences are what they say, and counting tells found, missed and false apart."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="movies on the command line need PyAV")
pytest.importorskip("rich", reason="the commands show progress with rich")

from core.commands.shots_study.sequences import Sample, cut, dissolve, fade, look_alikes, made_shots
from core.commands.shots_study.study import Count, boundaries_of, counted, write_study


def test_joins_show_the_one_shot_before_and_the_other_after() -> None:
    before, after = made_shots()[:2]
    for sample in (cut(before, after), dissolve(before, after, 8), fade(before, after, 8)):
        assert sample is not None
        ((first, last),) = sample.joins
        np.testing.assert_array_equal(sample.frames[:first], before[:first])
        end = after if last > first else np.concatenate([before[:first], after])
        np.testing.assert_array_equal(sample.frames[last:], end[last : len(sample.frames)])
    mixed = dissolve(before, after, 3)
    assert mixed is not None
    np.testing.assert_allclose(mixed.frames[15], before[15] / 2 + after[15] / 2, atol=1)
    black = fade(before, after, 5)
    assert black is not None and not black.frames[16].any() and black.frames[15].any()
    assert dissolve(before[:20], after, 8) is None


def test_what_is_found_missed_and_false_is_counted() -> None:
    before, after = (shot[:1].repeat(10, axis=0) for shot in made_shots()[:2])
    frames = np.concatenate([before, after])
    assert boundaries_of(frames) == [10]
    count = Count()
    count.add(Sample(frames, ((10, 10),)))
    assert (count.recall, count.precision) == (1.0, 1.0)
    count.add(Sample(frames, ((4, 6),)))
    assert (count.sequences, count.joins, count.found, count.false) == (2, 2, 1, 1)
    assert (count.recall, count.precision) == (0.5, 0.5)


def test_the_frames_of_a_dissolve_count_as_one_boundary() -> None:
    before, after = (shot[:1].repeat(60, axis=0) for shot in made_shots()[:2])
    sample = dissolve(before, after, 12)
    assert sample is not None
    (boundary,) = boundaries_of(sample.frames)
    assert abs(boundary - (14 + 6)) <= 2


def test_dissolves_of_a_dozen_frames_between_moving_shots_are_found() -> None:
    pairs = itertools.permutations(made_shots(), 2)
    samples = [sample for before, after in pairs if (sample := dissolve(before, after, 12)) is not None]
    count = counted(("dissolve", sample) for sample in samples)["dissolve"]
    assert count.joins == 56 and count.recall == 1.0 == count.precision


def test_what_only_looks_like_a_join_is_told_from_joins() -> None:
    counts = counted(look_alikes())
    assert len(counts) >= 15 and not [name for name, count in counts.items() if count.false]


def test_the_report_is_written_without_assets_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = made_shots()[:2]
    monkeypatch.setattr("core.commands.shots_study.study.made_shots", lambda: few)
    lines = write_study(tmp_path / "shots.md", None).read_text("utf-8").splitlines()
    assert "| cut | 2 | 2 | 2 | 0 | 1.000 | 1.000 |" in lines
    assert any(line.startswith("| fade through black, 12 | 2 |") for line in lines)
    assert any(line.startswith("| whip pan | 8 | 0 |") for line in lines)
