# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the figures of frames, and when their file is read."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blender_addon.storage import coherence
from blender_addon.storage.coherence import Coherence, Figures, Place, height, line_of, next_worst, read, sure_frame
from blender_addon.storage.coherence_state import CoherenceState
from core.quality import FILE_NAME


def calm(error: float | None = 0.0004, flicker: float | None = 0.001, confidence: float | None = 0.97) -> Figures:
    return Figures(error, flicker, confidence)


def clip(cut: int = 10, length: int = 20, **worse: Figures) -> Coherence:
    """Calm frames with a cut; nothing is measured across it."""
    figures = {i: calm() for i in range(length)}
    for start in (0, cut):
        figures[start] = calm(None, None, None)
    figures[cut - 1] = calm(flicker=None)
    figures[length - 1] = calm(flicker=None)
    return Coherence(figures | {int(name.removeprefix("at_")): one for name, one in worse.items()})


def test_the_file_is_the_one_that_the_worker_writes(tmp_path: Path) -> None:
    assert coherence.FILE_NAME == FILE_NAME
    record = {"frame": 3, "warp_error": 0.002, "flicker": None, "confidence": 0.5}
    (tmp_path / FILE_NAME).write_text(json.dumps(record) + "\n", "utf-8")
    assert read(tmp_path / FILE_NAME).figures == {3: Figures(0.002, None, 0.5)}


@pytest.mark.parametrize("text", ["not json\n", "[1]\n", '{"frame": 1}\n', '{"frame": "x", "warp_error": 1}\n', "\0"])
def test_of_a_damaged_file_nothing_is_known(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    assert read(tmp_path / FILE_NAME).figures == {} == read(tmp_path / "none").figures


def test_shots_are_told_by_what_was_not_measured() -> None:
    assert clip().starts == {0, 10}
    on_twos = Coherence({i: calm(None if i % 2 == 0 else 0.0004) for i in range(8)})
    assert on_twos.starts == {0}


def test_what_is_poor_depends_on_what_is_usual_within_limits() -> None:
    usual = clip(at_5=calm(0.00109), at_6=calm(0.00111))
    assert usual.limit == pytest.approx(0.001)
    assert [i for i in range(20) if usual.is_poor(i)] == [5, 6]
    assert Coherence({0: calm(0.00001), 1: calm(0.0007)}).is_poor(1) is False, "nobody sees so little"
    assert all(map(Coherence({i: calm(0.004) for i in range(9)}).is_poor, range(9))), "all of it boils"
    assert clip(at_5=calm(flicker=0.02)).is_poor(5)


def test_the_sentence_names_what_is_wrong_and_nothing_else() -> None:
    found = clip(at_12=calm(0.0016, 0.03, 0.4))
    said = found.reason(12)
    assert "4.0 times the usual" in said and "0.00160" in said
    assert "jumps by 3.0 %" in said and "only 40 %" in said and "cut" in said
    assert found.reason(5) == "the paint changes as usual along the motion (warp error 0.00040)"
    assert found.reason(10) == "a shot begins here, across which nothing is carried"


def test_each_press_goes_to_another_place_until_none_is_left() -> None:
    bad = {30: 3.0, 31: 2.9, 37: 2.5, 38: 1.5, 60: 2.0, 61: 0.1}
    places = [Place(frame, badness) for frame, badness in bad.items()]
    visited: list[int] = []
    while (place := next_worst(places, visited)) is not None:
        visited.append(place.timeline_frame)
    assert visited == [30, 60, 38]


def test_the_curve_has_gaps_where_nothing_is_known_and_is_red_around_what_is_poor() -> None:
    found = clip(at_5=calm(0.004))
    pieces = line_of(found, {100 + i: i for i in range(20)})
    steps = [one[0] - 0.5 for one, _, _ in pieces]
    assert steps == [frame for frame in range(101, 119) if frame not in (109, 110)]
    assert [one[0] - 0.5 for one, _, is_poor in pieces if is_poor] == [104, 105]
    assert all(0.0 < end[1] <= 1.0 for piece in pieces for end in piece[:2])
    assert height(1.0) == 0.5 and height(4.0) == height(40.0) == 1.0


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not until():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_file_is_read_once_and_anew_only_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state, calls, told = tmp_path / FILE_NAME, CoherenceState(), [], []

    def counted(path: Path) -> Coherence:
        calls.append(path)
        return read(path)

    monkeypatch.setattr(coherence, "read", counted)
    path.write_text('{"frame": 0, "warp_error": 0.1, "flicker": null, "confidence": null}\n', "utf-8")
    assert state.of(tmp_path, when_known=lambda: told.append(1)) is None
    wait(lambda: bool(told))
    for _ in range(50):
        found = state.of(tmp_path)
    assert found is not None and found.figures.keys() == {0} and len(calls) == 1
    state.look(tmp_path)
    assert len(calls) == 1, "its time and size are the same"
    with path.open("a") as file:
        file.write('{"frame": 1, "warp_error": 0.2, "flicker": null, "confidence": null}\n')
    os.utime(path, ns=(1, 1))
    assert state.of(tmp_path) is found, "without a job nobody looks again"
    assert state.look(tmp_path).figures.keys() == {0, 1} and len(calls) == 2


def test_while_a_job_paints_it_looks_now_and_then_and_once_more_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, told = CoherenceState(), []
    assert state.of(tmp_path, 0, lambda: told.append("first")) is None
    wait(lambda: told == ["first"])
    (tmp_path / FILE_NAME).write_text('{"frame": 0, "warp_error": 1, "flicker": null, "confidence": null}\n', "utf-8")
    found = state.of(tmp_path, 1, lambda: told.append("too soon"))
    assert found is not None and not found.figures
    state.of(tmp_path, -1, lambda: told.append("end"))
    wait(lambda: told == ["first", "end"])
    assert state.look(tmp_path).figures.keys() == {0}


@pytest.mark.parametrize("speed", [0.05, 0.25, 0.4, 0.5, 1.0])
@pytest.mark.parametrize("way", [1, -1])
def test_of_a_slowed_strip_the_frame_is_chosen_that_is_rendered_so(speed: float, way: int) -> None:
    """Blender 5's rule, found by rendering: it rounds to find a picture, and keeps it under the number cut off."""
    length = 24
    places = [
        round(min(length - 1.0, number * speed if way > 0 else length - speed - number * speed), 6)
        for number in range(round(length / speed))
    ]
    kept: dict[int, int] = {}
    rendered = [kept.setdefault(math.floor(place), min(length - 1, math.floor(place + 0.5))) for place in places]
    named: dict[int, list[int]] = {}
    for frame, place in enumerate(places):
        named.setdefault(min(length - 1, math.floor(place + 0.5)), []).append(frame)
    found = {index: rendered[sure_frame(frames)] for index, frames in named.items() if index in rendered}
    assert len(found) >= length - 1 and found == {index: index for index in found}
