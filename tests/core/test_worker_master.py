# SPDX-License-Identifier: GPL-3.0-or-later
"""The quality Master through the worker: painted, stopped in the middle of a frame, and refused without torch."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_clips import panning, write_clip
from real_worker import RealWorker

from core.storage.frames import read_frame
from core.worker import protocol
from core.worker.protocol import Cancel, CancelledByRequest, Done, Failed, FrameDone, Progress, Stylize

needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "safetensors")), reason="Master needs torch"
)


@pytest.fixture
def worker(repository: Path) -> Iterator[RealWorker]:
    real = RealWorker(repository)
    yield real
    real.process.kill()
    real.process.wait()


def order(folder: Path, count: int, job_id: str = "master") -> Stylize:
    clip = write_clip(folder / "in", panning(count, 24, 32, (1, 0)))
    names = tuple(path.name for path in clip.paths)
    (folder / "out").mkdir(exist_ok=True)
    folders = (str(folder / "in"), names, str(folder / "out"), names, str(folder / "cache"))
    return Stylize(job_id, *folders, settings={"quality": "master", "device": "cpu"})


@needs_torch
def test_a_strip_is_painted_and_a_cancelled_job_goes_on(worker: RealWorker, tmp_path: Path) -> None:
    worker.send(order(tmp_path, 3))
    worker.until(lambda message: isinstance(message, FrameDone))
    worker.send(Cancel("master"))
    asked = time.monotonic()
    end = worker.end_of("master")
    assert isinstance(end, CancelledByRequest) and 1 <= end.finished < 3
    assert time.monotonic() - asked < 5.0, "about a second on a machine that has nothing else to do"
    worker.send(order(tmp_path, 3, "again"))
    end = worker.end_of("again")
    assert isinstance(end, Done) and end.painted + end.reused == 3 and end.reused >= 1
    told = [message for message in worker.said if isinstance(message, Progress) and message.stage == "Painting"]
    assert any(message.seconds_left > 0 for message in told), "the time that is left is told within a frame"
    assert [read_frame(path).size for path in sorted((tmp_path / "out").glob("*.png"))] == [(24, 32)] * 3
    assert worker.said[0] == protocol.Accepted("master", 3)


def test_a_python_without_torch_says_what_to_name(repository: Path, tmp_path: Path) -> None:
    """A Python of its own packages: links to those that Blender's own has, and nothing else."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in ("numpy", "cv2"):
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None
        where = Path(spec.origin).parent
        for folder in (where, *where.parent.glob(f"*{name}*.libs")):
            (packages / folder.name).symlink_to(folder)
    real = RealWorker(repository, "-S", "-m", "core", "worker", PYTHONPATH=os.fspath(packages))
    try:
        real.send(order(tmp_path, 1))
        end = real.end_of("master")
        assert isinstance(end, Failed)
        assert "The quality Master needs torch" in end.message and "Python with Torch" in end.hint
        assert not list((tmp_path / "out").iterdir())
    finally:
        real.process.kill()
        real.process.wait()
