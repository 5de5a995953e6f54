# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow of the settings in the worker: it carries the paint, and nothing is fetched for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from made_clips import panning, write_clip
from painting_jobs import Recorder
from real_worker import RealWorker

from core.estimators import estimator_of
from core.flow.dis import DisFlow
from core.paint.feedforward import FeedForwardPainter
from core.pipeline import ClipJob, stylize
from core.settings import FLOWS, StylizeSettings
from core.storage.cache import Cache
from core.storage.frames import read_frame
from core.worker.protocol import Done, Failed, Stylize

COUNT = 5
needs_torchvision = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "torchvision", "safetensors")),
    reason="RAFT needs torch, torchvision and safetensors",
)


def order(folder: Path, style: str, flow: str) -> Stylize:
    """A request to paint a moving clip with this flow."""
    names = tuple(path.name for path in write_clip(folder / "source", panning(COUNT, step=(3, 2))).paths)
    (folder / flow).mkdir()
    return Stylize(
        job_id=flow,
        source_dir=str(folder / "source"),
        source_names=names,
        output_dir=str(folder / flow),
        output_names=names,
        cache_dir=str(folder / "cache"),
        settings={"style": style, "engine": "opencv", "flow": flow},
    )


def test_the_worker_paints_along_the_flow_of_the_settings(
    repository: Path, style: str, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    worker = RealWorker(repository)
    painted = {}
    try:
        for flow in ("dis", "dis-fast", "dis-fine"):
            request = order(tmp_path, style, flow)
            worker.send(request)
            assert isinstance(worker.end_of(flow), Done)
            painted[flow] = [read_frame(tmp_path / flow / name).rgb.tobytes() for name in request.source_names]
    finally:
        worker.process.kill()
        worker.process.wait()
    assert len({frames[COUNT // 2] for frames in painted.values()}) == 3
    assert len({frames[0] for frames in painted.values()}) == 1, "anchors need no motion"
    targets = tuple(tmp_path / "here" / name for name in request.source_names)
    clip = write_clip(tmp_path / "again", panning(COUNT, step=(3, 2)))
    job = ClipJob.of(StylizeSettings(style=style), clip, targets, frozenset(range(COUNT)))
    stylize(job, painter, DisFlow("fine"), Cache(tmp_path / "other cache"), Recorder())
    assert [read_frame(target).rgb.tobytes() for target in targets] == painted["dis-fine"]


def test_every_flow_that_needs_no_torch_has_a_key_of_its_own() -> None:
    keys = {estimator_of(StylizeSettings(flow=flow)).key for flow in FLOWS if not flow.startswith("raft")}
    assert len(keys) == 3


@needs_torchvision
def test_the_worker_fetches_no_weights(repository: Path, style: str, tmp_path: Path) -> None:
    worker = RealWorker(repository, TORCH_HOME=str(tmp_path / "torch"))
    try:
        worker.send(order(tmp_path, style, "raft-small"))
        end = worker.end_of("raft-small")
    finally:
        worker.process.kill()
        worker.process.wait()
    assert isinstance(end, Failed) and "not on this machine" in end.message and str(tmp_path / "torch") in end.message
    assert "--flow raft-small" in end.hint and "dis-fine" in end.hint
    assert not (tmp_path / "torch").exists() and not list((tmp_path / "raft-small").iterdir())
