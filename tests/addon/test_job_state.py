# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's state goes one way and ends once (free of bpy)."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core_link import protocol
from blender_addon.jobs.job_state import ENDED, JobState, Stage, clock

NEW = JobState(total=4, wanted=3)
PAINTING = NEW.extracting().painting()


def test_the_way_of_a_job_that_goes_well() -> None:
    state = NEW.extracting()
    assert (state.stage, state.progress_text) == (Stage.EXTRACTING, "Extracting 0 / 4")
    state = state.extracted(4)
    assert (state.progress_text, state.fraction) == ("Extracting 4 / 4", 0.12)
    state = state.painting().after(protocol.Accepted("a", 3))
    state = state.after(protocol.Progress("a", "Painting", 1, 3, 65.0))
    assert (state.progress_text, round(state.fraction, 2)) == ("Painting 1 / 3 · 1:05 left", 0.47)
    state = state.after(protocol.FrameDone("a", 2, "/3.png", False)).after(protocol.FrameDone("a", 0, "/1.png", True))
    state = state.after(protocol.Warned("a", "Little memory is left."))
    state = state.after(protocol.Done("a", 1, 1, 2.0))
    assert state.stage is Stage.DONE
    assert state.finished == frozenset({0, 2})
    assert (state.reused, state.warnings) == (1, ("Little memory is left.",))
    assert state.fraction == 1.0


def test_exact_motion_is_told_between_extracting_and_painting() -> None:
    state = NEW.extracting().extracted(4).telling_motion(1, 3)
    assert (state.progress_text, state.fraction) == ("Motion 1 / 3", 0.12)
    assert state.cancelled().telling_motion(2, 3).progress_text == "Motion 1 / 3"
    assert state.painting().stage is Stage.PAINTING


def test_the_way_of_a_training_that_goes_well() -> None:
    state = JobState(total=0, wanted=0).training()
    assert (state.stage, state.progress_text) == (Stage.TRAINING, "Starting")
    state = state.after(protocol.Accepted("a", 0)).after(protocol.Progress("a", "Getting ready", 0, 0, -1.0))
    assert (state.progress_text, state.fraction) == ("Getting ready", 0.0)
    state = state.after(protocol.TrainingProgress("a", 1, 0.004, 900.0, 0.75, 0.5))
    assert (state.progress_text, state.fraction) == ("Training 0 % · 15:00 left", 0.0)
    state = state.after(protocol.TrainingProgress("a", 210, 0.348, 432.0, 0.5, 0.25))
    assert (state.progress_text, state.fraction) == ("Training 34 % · 7:12 left", 0.34)
    assert state.losses == (0.5, 0.25)
    assert state.after(protocol.CancelledByRequest("a", 0)).style == ""
    state = state.after(protocol.Done("a", 0, 0, 900.0, "mine"))
    assert (state.stage, state.style, state.fraction) == (Stage.DONE, "mine", 1.0)


def test_a_failure_keeps_its_sentences_and_its_frames() -> None:
    state = PAINTING.after(protocol.FrameDone("a", 1, "/2.png", False))
    state = state.after(protocol.Failed("a", "It broke.", "Mend it.", "/log"))
    assert (state.stage, state.sentence, state.hint, state.log) == (Stage.FAILED, "It broke.", "Mend it.", "/log")
    assert state.finished == {1}


def test_a_job_cannot_skip_a_stage() -> None:
    with pytest.raises(ValueError, match="The job is waiting; extracting was expected"):
        NEW.painting()
    with pytest.raises(ValueError, match="The job is painting; waiting was expected"):
        PAINTING.extracting()


messages = st.one_of(
    st.builds(protocol.Progress, st.just("a"), st.text(), st.integers(0, 9), st.integers(0, 9), st.floats(-1, 9)),
    st.builds(protocol.FrameDone, st.just("a"), st.integers(0, 3), st.text(), st.booleans()),
    st.builds(protocol.Warned, st.just("a"), st.text()),
    st.builds(protocol.Done, st.just("a"), st.integers(0, 3), st.integers(0, 3), st.floats(0, 9)),
    st.builds(protocol.CancelledByRequest, st.just("a"), st.integers(0, 3)),
    st.builds(protocol.Failed, st.just("a"), st.text(), st.text(), st.text()),
)


@given(st.lists(messages, max_size=30))
def test_a_job_ends_once_whatever_arrives(said: list[protocol.Message]) -> None:
    state = PAINTING
    for message in said:
        after = state.after(message)
        if state.has_ended:
            late = {"finished": after.finished, "reused": after.reused}  # frames that were under way
            assert after == dataclasses.replace(state, **late)
        assert 0.0 <= after.fraction <= 1.0
        assert after.finished >= state.finished
        state = after
    ends = (protocol.Done, protocol.CancelledByRequest, protocol.Failed)
    assert (state.stage in ENDED) == any(isinstance(message, ends) for message in said)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (3725, "1:02:05"), (-3, "0:00")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
