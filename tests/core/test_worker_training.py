# SPDX-License-Identifier: GPL-3.0-or-later
"""A style is learnt through the worker: told as it goes, stopped, gone on with, used, and refused with a sentence."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_clips import panning, write_clip
from real_worker import RealWorker

from core.storage.frames import Frame, read_frame, write_frame
from core.training.practice import dead_leaves
from core.worker import protocol
from core.worker.protocol import (
    Cancel,
    CancelledByRequest,
    Done,
    Failed,
    PreviewReady,
    Stylize,
    TrainingProgress,
    TrainStyle,
)

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="training needs torch")


@pytest.fixture
def worker(repository: Path, tmp_path: Path) -> Iterator[RealWorker]:
    real = RealWorker(repository, BRUSHFLOW_STYLES=str(tmp_path / "styles"))
    yield real
    real.process.kill()
    real.process.wait()


def order(folder: Path, **changes: Any) -> TrainStyle:
    """Learn a made picture for three seconds."""
    picture = folder / "leaves.png"
    if not picture.exists():
        write_frame(picture, Frame(dead_leaves(1, 96, 128)))
    request = TrainStyle("learn", str(picture), "My leaves", str(folder / "styles"), minutes=0.05, device="cpu")
    return dataclasses.replace(request, **changes)


def first_step(worker: RealWorker) -> TrainingProgress:
    """What the training tells next of how far it is."""
    told = worker.until(lambda message: isinstance(message, TrainingProgress | Done | Failed))
    assert isinstance(told, TrainingProgress), told
    return told


@needs_torch
def test_a_style_is_learnt_told_and_used(worker: RealWorker, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip", panning(3))
    worker.send(order(tmp_path, footage=str(tmp_path / "clip")))
    end = worker.end_of("learn")
    assert isinstance(end, Done) and (end.style, end.painted, end.reused) == ("my-leaves", 0, 0)
    assert end.seconds > 3
    assert worker.said[0] == protocol.Accepted("learn", 0)
    steps = [message for message in worker.said if isinstance(message, TrainingProgress)]
    assert [step.step for step in steps] == sorted({step.step for step in steps})
    assert steps[-1].share == 1 and all(0 < step.share <= 1 and step.seconds_left >= 0 for step in steps)
    assert all(step.style_loss > 0 and step.content_loss > 0 for step in steps)
    previews = [message for message in worker.said if isinstance(message, PreviewReady)]
    assert len(previews) >= 2, "one before the first step, one after the last"
    style = tmp_path / "styles" / "my-leaves"
    assert read_frame(style / "preview.png").size == (64, 192), "the frame and its painting"

    names = tuple(path.name for path in clip.paths)
    (tmp_path / "out").mkdir()
    folders = (str(tmp_path / "clip"), names, str(tmp_path / "out"), names, str(tmp_path / "cache"))
    worker.send(Stylize("paint", *folders, settings={"style": end.style}))
    painted = worker.end_of("paint")
    assert isinstance(painted, Done) and (painted.painted, painted.style) == (3, "")

    before = (style / "modulation.safetensors").read_bytes()
    worker.send(order(tmp_path, job_id="again"))
    refused = worker.end_of("again")
    assert isinstance(refused, Failed) and "already" in refused.message and "Start Anew" in refused.hint
    assert (style / "modulation.safetensors").read_bytes() == before


@needs_torch
def test_a_stopped_training_goes_on_and_a_fresh_one_begins_anew(worker: RealWorker, tmp_path: Path) -> None:
    learning = order(tmp_path, minutes=30.0)
    worker.send(learning)
    first = first_step(worker)
    assert first.step == 1
    started = time.monotonic()
    worker.send(Cancel("learn"))
    assert worker.end_of("learn") == CancelledByRequest("learn", 0)
    assert time.monotonic() - started < 1.0, "in the middle of a step, too"
    assert (tmp_path / "styles" / "my-leaves.training" / "checkpoint.safetensors").is_file()
    last = max(message.step for message in worker.said if isinstance(message, TrainingProgress))

    worker.send(dataclasses.replace(learning, job_id="on"))
    assert first_step(worker).step == last + 1
    worker.send(Cancel("on"))
    assert isinstance(worker.end_of("on"), CancelledByRequest)

    other = tmp_path / "other.png"
    write_frame(other, Frame(dead_leaves(2, 96, 128)))
    worker.send(dataclasses.replace(learning, job_id="other", picture=str(other)))
    refused = worker.end_of("other")
    assert isinstance(refused, Failed) and "another picture" in refused.message

    worker.send(dataclasses.replace(learning, job_id="anew", fresh=True))
    assert first_step(worker).step == 1
    assert worker.process.stdin is not None
    started = time.monotonic()
    worker.process.stdin.close()
    assert worker.wait() == 0, "the end of stdin ends a training, too"
    assert time.monotonic() - started < 5.0
    assert not (tmp_path / "styles" / "my-leaves").exists()


@needs_torch
def test_what_cannot_be_learnt_is_refused_with_a_sentence(worker: RealWorker, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    write_frame(tmp_path / "small.png", Frame(dead_leaves(1, 20, 30)))
    cases: list[tuple[dict[str, Any], str]] = [
        ({"picture": str(tmp_path / "gone.png")}, "gone.png"),
        ({"picture": str(tmp_path / "text.png")}, "text.png"),
        ({"picture": str(tmp_path / "small.png")}, "30x20 pixels"),
        ({"footage": str(tmp_path / "gone.mp4")}, "gone.mp4 does not exist"),
        ({"footage": str(tmp_path / "text.png")}, "shows nothing that can be painted"),
        ({"title": "!?"}, "'!?'"),
        ({"title": "Starry night"}, "'starry-night' is the name of a preset"),
        ({"minutes": 0.0}, "minutes is 0; a number from 0.05 to 600 was expected"),
        ({"minutes": -1e9}, "minutes is -1e+09"),
        ({"device": "abacus"}, "device is 'abacus'; one of auto, cpu, cuda, mps was expected"),
        ({"styles_dir": ""}, "styles_dir is ''"),
        ({"styles_dir": "styles"}, "styles_dir is 'styles'; the whole path of a folder was expected"),
        ({"styles_dir": str(tmp_path / "text.png" / "styles")}, "Cannot write"),
    ]
    for number, (changes, words) in enumerate(cases):
        worker.send(order(tmp_path, job_id=str(number), **changes))
        end = worker.end_of(str(number))
        assert isinstance(end, Failed), changes
        assert words in end.message, (changes, end)
        assert end.hint or "expected" in end.message, "what to do stands somewhere"
        assert "Traceback" not in end.message and "--" not in end.message + end.hint
    assert not (tmp_path / "styles").exists() or not list((tmp_path / "styles").glob("*/style.json"))


@pytest.mark.parametrize("lacking", ["torch", "safetensors"])
def test_a_python_that_lacks_a_package_says_which(repository: Path, tmp_path: Path, lacking: str) -> None:
    """A Python of its own packages: links to some of this one's, and nothing else."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in {"numpy", "cv2", "torch", "safetensors"} - {lacking, "torch" if lacking == "torch" else ""}:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            pytest.skip(f"there is no {name} here to be linked to")
        where = Path(spec.origin).parent
        for folder in (where, *where.parent.glob(f"*{name}*.libs")):
            (packages / folder.name).symlink_to(folder)
    real = RealWorker(repository, "-S", "-m", "core", "worker", PYTHONPATH=os.fspath(packages))
    try:
        real.send(order(tmp_path))
        end = real.end_of("learn")
        assert isinstance(end, Failed)
        assert lacking in end.message and "does not have" in end.message
        assert ("Python with Torch" if lacking == "torch" else "pip install safetensors") in end.hint
        assert not (tmp_path / "styles").exists()
    finally:
        real.process.kill()
        real.process.wait()
