# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker, really running: every job ends with exactly one last message, whatever happens (free of bpy)."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from blender_addon import core_link
from blender_addon.core_link import protocol, settings
from blender_addon.jobs import job_request
from blender_addon.processes import worker_client
from blender_addon.processes.worker_client import WorkerClient

COUNT = 12
LAST = (protocol.Done, protocol.CancelledByRequest, protocol.Failed)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Twelve pictures with a moving box."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for index, name in enumerate(job_request.frame_names(COUNT)):
        picture = np.full((120, 160, 4), (60, 120, 180, 255), np.uint8)
        picture[40:80, 10 + 8 * index : 50 + 8 * index, :3] = (30, 200, 240)
        cv2.imwrite(str(folder / name), picture)
    return folder


def request(clip: Path, job_id: str, style: str = "starry-night", cache: str = "cache") -> protocol.Stylize:
    """Paint all of it into a folder of its own."""
    run = clip.parent / f"run-{job_id}"
    run.mkdir()
    names = job_request.frame_names(COUNT)
    chosen = settings.StylizeSettings(style=style).to_json()
    return protocol.Stylize(job_id, str(clip), names, str(run), names, str(clip.parent / cache), chosen)


def make_client(folder: Path, command: list[str] | None = None) -> WorkerClient:
    """The worker of this checkout, with this Python."""
    return WorkerClient(
        command or core_link.worker_command(Path(sys.executable)),
        core_link.worker_environment(is_own_python=True),
        core_link.ENGINE_FOLDER,
        folder / "worker.log",
    )


@pytest.fixture
def client(tmp_path: Path) -> Iterator[WorkerClient]:
    """A client whose worker is gone afterwards."""
    made = make_client(tmp_path)
    yield made
    made.stop()


def until(
    client: WorkerClient, condition: Callable[[list[protocol.Message]], bool], seconds: float = 60.0
) -> list[protocol.Message]:
    """Everything said until the condition holds."""
    said: list[protocol.Message] = []
    end = time.monotonic() + seconds
    while not condition(said):
        assert time.monotonic() < end, said
        said += client.messages()
        time.sleep(0.002)
    return said


def has_ended(said: list[protocol.Message]) -> bool:
    return any(isinstance(message, LAST) for message in said)


def last_messages(said: list[protocol.Message], job_id: str) -> list[protocol.Message]:
    return [message for message in said if isinstance(message, LAST) and message.job_id == job_id]


def frames_done(said: list[protocol.Message]) -> list[int]:
    return [message.frame_index for message in said if isinstance(message, protocol.FrameDone)]


def test_a_job_from_start_to_end(client: WorkerClient, clip: Path) -> None:
    client.paint(request(clip, "a"))
    said = until(client, has_ended)
    said += client.messages()
    assert isinstance(said[-1], protocol.Done)
    assert len(last_messages(said, "a")) == 1
    assert sorted(frames_done(said)) == list(range(COUNT))
    assert client.ready is not None
    assert client.ready.process_id == client.process_id
    for name in job_request.frame_names(COUNT):
        assert cv2.imread(str(clip.parent / "run-a" / name)) is not None


def test_two_jobs_at_once_both_end(client: WorkerClient, clip: Path) -> None:
    client.paint(request(clip, "a"))
    client.paint(request(clip, "b", "great-wave"))
    said = until(client, lambda said: bool(last_messages(said, "a") and last_messages(said, "b")))
    assert [type(message) for message in (*last_messages(said, "a"), *last_messages(said, "b"))] == [protocol.Done] * 2


def test_cancel_stops_within_a_second_and_the_next_job_runs(client: WorkerClient, clip: Path) -> None:
    client.paint(request(clip, "a"))
    until(client, lambda said: len(frames_done(said)) >= 1)
    client.cancel("a")
    asked = time.monotonic()
    said = until(client, has_ended)
    assert time.monotonic() - asked < 1.0
    assert isinstance(said[-1], protocol.CancelledByRequest)
    client.paint(request(clip, "b"))
    assert isinstance(until(client, has_ended)[-1], protocol.Done)


def test_a_worker_that_does_not_stop_is_killed(client: WorkerClient, clip: Path) -> None:
    """The worker is halted as a whole, as if it hung in one endless frame."""
    client.paint(request(clip, "a"))
    client.paint(request(clip, "b"))
    until(client, lambda said: len(frames_done(said)) >= 1)
    hung = client.process_id
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    client.cancel("a")
    asked = time.monotonic()
    said = until(client, lambda said: bool(last_messages(said, "a")))
    assert worker_client.GRACE_SECONDS <= time.monotonic() - asked < 1.0
    assert isinstance(last_messages(said, "a")[0], protocol.CancelledByRequest)
    said += until(client, lambda later: bool(last_messages(later, "b")))
    assert isinstance(last_messages(said, "b")[0], protocol.Done), "the job that waited goes to a new worker"
    assert client.process_id != hung


def test_a_killed_worker_fails_the_job_and_the_next_one_starts_anew(client: WorkerClient, clip: Path) -> None:
    client.paint(request(clip, "a"))
    said = until(client, lambda said: len(frames_done(said)) >= 2)
    done = len(frames_done(said))
    assert client.process_id is not None
    os.kill(client.process_id, signal.SIGKILL)
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "signal 9" in failed.message
    assert str(client.log) in failed.hint
    assert Path(failed.log) == client.log
    client.paint(request(clip, "b"))
    said = until(client, has_ended)
    end = said[-1]
    assert isinstance(end, protocol.Done)
    assert end.reused >= done


def test_an_unknown_style_is_told_and_the_worker_lives(client: WorkerClient, clip: Path) -> None:
    client.paint(request(clip, "a", "no-such-style"))
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "no-such-style" in failed.message
    client.paint(request(clip, "b"))
    assert isinstance(until(client, has_ended)[-1], protocol.Done)


def test_a_training_ends_once_and_the_next_job_works(client: WorkerClient, clip: Path, tmp_path: Path) -> None:
    client.train(protocol.TrainStyle("a", str(tmp_path / "a.png"), "Mine", str(tmp_path / "styles"), minutes=0.0))
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "minutes is 0" in failed.message and failed.log
    client.paint(request(clip, "b"))
    assert isinstance(until(client, has_ended)[-1], protocol.Done)


def test_another_protocol_version_is_told(client: WorkerClient, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "VERSION", 99)
    client.paint(request(clip, "a"))
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "99" in failed.message
    assert "restart Blender" in failed.hint
    assert not client.is_running


def test_a_program_that_is_no_worker_is_told(tmp_path: Path, clip: Path) -> None:
    client = make_client(tmp_path, [sys.executable, "-c", "print('hello there', flush=True); input()"])
    client.paint(request(clip, "a"))
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "hello there" in failed.message
    assert not client.is_running


def test_a_program_that_is_not_there_is_told(tmp_path: Path, clip: Path) -> None:
    client = make_client(tmp_path, [str(tmp_path / "no python")])
    client.paint(request(clip, "a"))
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "no python" in failed.message


def test_a_worker_that_says_nothing_is_given_up(tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_client, "START_SECONDS", 0.5)
    client = make_client(tmp_path, [sys.executable, "-c", "import time; time.sleep(60)"])
    client.paint(request(clip, "a"))
    (failed,) = last_messages(until(client, has_ended, 10), "a")
    assert isinstance(failed, protocol.Failed)
    assert "no sign of life" in failed.message
    assert not client.is_running


def test_the_last_line_of_the_log_is_in_the_sentence(tmp_path: Path, clip: Path) -> None:
    program = "import sys; print('The moon is in the wrong house.', file=sys.stderr); sys.exit(3)"
    client = make_client(tmp_path, [sys.executable, "-c", program])
    client.paint(request(clip, "a"))
    (failed,) = last_messages(until(client, has_ended), "a")
    assert isinstance(failed, protocol.Failed)
    assert "code 3" in failed.message
    assert "The moon is in the wrong house." in failed.message


def test_stopping_leaves_no_process(client: WorkerClient, clip: Path) -> None:
    client.paint(request(clip, "a"))
    until(client, lambda said: len(frames_done(said)) >= 1)
    process = client.process_id
    assert process is not None
    client.stop()
    assert not Path(f"/proc/{process}").exists()
    assert client.messages() == []
    assert client.process_id is None


def test_warmed_up_it_is_ready_before_its_first_job(client: WorkerClient, clip: Path) -> None:
    client.warm_up()
    assert client.is_running and not client.has_jobs
    until(client, lambda _: client.ready is not None)
    process = client.process_id
    client.warm_up()
    client.paint(request(clip, "a"))
    said = until(client, lambda said: any(isinstance(message, LAST) for message in said))
    assert isinstance(said[-1], protocol.Done) and client.process_id == process
