# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker as Blender meets it: a process of its own, spoken to over its pipes."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_clips import panning, texture, write_clip
from real_worker import ENDS, PATIENCE, RealWorker

from core.colour_lock import lock_colours
from core.storage.frames import Frame, read_frame, write_frame
from core.worker import protocol
from core.worker.protocol import VERSION, Cancel, Done, Failed, FrameDone, Hello, Preview, Ready, Shutdown, Stylize


@pytest.fixture
def worker(repository: Path) -> Iterator[RealWorker]:
    real = RealWorker(repository)
    yield real
    real.process.kill()
    real.process.wait()


def job(folder: Path, style: str, frames: list[np.ndarray], job_id: str = "job", **changes: Any) -> Stylize:
    """A request to paint these frames."""
    clip = write_clip(folder / "source", frames)
    (folder / "out").mkdir(exist_ok=True)
    names = tuple(path.name for path in clip.paths)
    request = Stylize(
        job_id=job_id,
        source_dir=str(folder / "source"),
        source_names=names,
        output_dir=str(folder / "out"),
        output_names=names,
        cache_dir=str(folder / "cache"),
        settings={"style": style, "engine": "opencv"},
    )
    return dataclasses.replace(request, **changes)


def test_a_greeting_is_answered(worker: RealWorker) -> None:
    worker.send(Hello(VERSION))
    ready = worker.hear()
    assert isinstance(ready, Ready)
    assert (ready.protocol, ready.process_id) == (VERSION, worker.process.pid)
    assert "opencv" in ready.engines and ready.device in ("cpu", "cuda", "mps")


def test_a_wrong_version_is_refused_naming_both(worker: RealWorker) -> None:
    worker.send(Hello(VERSION + 41))
    answer = worker.hear()
    assert isinstance(answer, Failed)
    assert str(VERSION + 41) in answer.message and str(VERSION) in answer.message and "Reinstall" in answer.hint


def test_a_line_that_is_no_request_is_answered_and_the_worker_lives_on(worker: RealWorker) -> None:
    for line in (
        b'{"kind": "dance", "job_id": "j7"}',
        b'{"kind": "cancel", "job_id": "j7", "extra": 1}',
        b'{"kind": "stylize", "job_id": "j7"}',
        b"hello",
        b"[3]",
        b'{"kind": ["hello"]}',
        b"[" * 100_000,
        b"\xff\xfe\x00 no text at all",
        b'{"kind": "hello", "protocol": 1' + b"0" * 5000 + b"}",
    ):
        worker.send(line + b"\n\n   \n")  # empty lines are nobody's mistake
        answer = worker.hear()
        assert isinstance(answer, Failed), line[:40]
        assert answer.job_id == ("j7" if b"j7" in line else "") and answer.hint
    worker.send(Hello(VERSION))
    assert isinstance(worker.hear(), Ready)


def test_a_job_is_accepted_painted_and_ended_once(worker: RealWorker, style: str, tmp_path: Path) -> None:
    worker.send(job(tmp_path, style, panning(12), focus=9))
    assert worker.end_of("job") == worker.said[-1]
    accepted = worker.said[0]
    assert isinstance(accepted, protocol.Accepted) and accepted.total == 12
    frames = [message for message in worker.said if isinstance(message, FrameDone)]
    assert sorted(frame.frame_index for frame in frames) == list(range(12))
    assert frames[0].frame_index >= 8, "around the playhead first"
    for frame in frames:
        assert Path(frame.path) == tmp_path / "out" / f"{frame.frame_index:06d}.png"
        assert read_frame(Path(frame.path)).size == (64, 96)
    progress = [message for message in worker.said if isinstance(message, protocol.Progress)]
    assert {message.stage for message in progress} == {"Reading", "Painting"}
    assert progress[-1].done == progress[-1].total == 12
    end = worker.said[-1]
    assert isinstance(end, Done) and (end.painted, end.reused) == (12, 0) and end.seconds > 0
    worker.send(Shutdown())
    assert worker.wait() == 0
    assert len(worker.ends("job")) == 1


def test_motion_that_cannot_be_read_is_estimated_and_said(worker: RealWorker, style: str, tmp_path: Path) -> None:
    worker.send(job(tmp_path, style, panning(4), motion_dir=str(tmp_path / "nowhere")))
    assert isinstance(worker.end_of("job"), Done)
    (warned,) = [message for message in worker.said if isinstance(message, protocol.Warned)]
    assert "nowhere" in warned.message and warned.message.endswith("It is estimated from the pictures instead.")


def test_only_wanted_frames_are_painted_and_again_is_free(worker: RealWorker, style: str, tmp_path: Path) -> None:
    request = job(tmp_path, style, panning(10), wanted=(2, 7))
    for job_id, counts in (("one", (2, 0)), ("two", (0, 2))):
        worker.send(dataclasses.replace(request, job_id=job_id))
        end = worker.end_of(job_id)
        assert isinstance(end, Done) and (end.painted, end.reused) == counts
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000002.png", "000007.png", "quality.jsonl"]


def test_a_cancel_acts_within_a_second_and_keeps_what_is_painted(
    worker: RealWorker, style: str, tmp_path: Path
) -> None:
    worker.send(job(tmp_path, style, panning(120, 180, 320, (1, 0))))
    worker.until(lambda message: isinstance(message, FrameDone))
    started = time.monotonic()
    worker.send(Cancel("job"))
    end = worker.end_of("job")
    assert time.monotonic() - started < 1.0
    assert isinstance(end, protocol.CancelledByRequest)
    frames = [message for message in worker.said if isinstance(message, FrameDone)]
    assert 0 < end.finished == len(frames) < 120
    assert all(read_frame(Path(frame.path)).size == (180, 320) for frame in frames)
    assert len(list((tmp_path / "out").glob("*.png"))) == len(frames)
    worker.send(Hello(VERSION))
    assert isinstance(worker.hear(), Ready), "the worker lives on, and the job says nothing more"


def test_two_jobs_wait_for_each_other_and_a_waiting_one_can_be_cancelled(
    worker: RealWorker, style: str, tmp_path: Path
) -> None:
    requests = [job(tmp_path / name, style, panning(16), name) for name in ("one", "two", "three")]
    for request in requests:
        worker.send(request)
    worker.send(Preview("four", str(tmp_path / "one" / "source" / "000000.png"), str(tmp_path / "four.png"), {}))
    worker.send(Cancel("two"))
    worker.send(Cancel("four"))
    worker.end_of("four")
    assert [message.job_id for message in worker.said if isinstance(message, ENDS)] == ["one", "two", "three", "four"]
    kinds = [type(message) for message in worker.said if isinstance(message, ENDS)]
    assert kinds == [Done, protocol.CancelledByRequest, Done, protocol.CancelledByRequest]
    assert not list((tmp_path / "two" / "out").iterdir()) and not (tmp_path / "four.png").exists()
    order = [message.job_id for message in worker.said if isinstance(message, FrameDone)]
    assert order == ["one"] * 16 + ["three"] * 16


def test_a_preview_paints_one_picture(worker: RealWorker, style: str, tmp_path: Path) -> None:
    alpha = texture(40, 60, 2)[..., 0]
    write_frame(tmp_path / "in.png", Frame(texture(40, 60), alpha))
    worker.send(Preview("look", str(tmp_path / "in.png"), str(tmp_path / "out.png"), {"style": style}))
    assert isinstance(worker.end_of("look"), Done)
    painted = read_frame(tmp_path / "out.png")
    assert painted.size == (40, 60) and painted.alpha is not None
    np.testing.assert_array_equal(painted.alpha, alpha)
    settings = {"style": style, "colour_lock": 1.0, "brush_size": 0.5}
    worker.send(Preview("locked", str(tmp_path / "in.png"), str(tmp_path / "locked.png"), settings))
    assert isinstance(worker.end_of("locked"), Done)
    locked = read_frame(tmp_path / "locked.png")
    np.testing.assert_array_equal(locked.rgb, lock_colours(painted.rgb, texture(40, 60), 1.0))
    assert FrameDone("look", 0, str(tmp_path / "out.png"), False) in worker.said


def test_what_cannot_be_done_fails_with_a_sentence_and_the_next_job_works(
    worker: RealWorker, style: str, tmp_path: Path
) -> None:
    good = job(tmp_path, style, panning(3))
    (tmp_path / "file").write_text("in the way")
    failing: list[tuple[dict[str, Any], str]] = [
        ({"settings": {"style": "mona-lisa"}}, "Unknown style 'mona-lisa'"),
        ({"settings": {"colour": 1}}, "Unknown setting 'colour'"),
        ({"settings": {"brush_size": 99}}, "brush_size is 99"),
        ({"source_names": ("000000.png", "gone.png", "000002.png")}, "gone.png"),
        ({"source_dir": str(tmp_path / "nowhere")}, "nowhere"),
        ({"output_names": ("a.png",)}, "3 sources, 1 targets"),
        ({"wanted": (0, 3)}, "from 0 to 3"),
        ({"wanted": (-1,)}, "from -1 to -1"),
        ({"source_names": (), "output_names": ()}, "no pictures"),
        ({"source_names": (), "output_names": ("a.png",)}, "0 sources, 1 targets"),
        ({"cache_dir": str(tmp_path / "file" / "cache")}, "Cannot write"),
        ({"output_dir": str(tmp_path / "file" / "out")}, "Cannot write"),
        ({"source_dir": "a\0b"}, "does not exist"),
    ]
    for number, (changes, words) in enumerate(failing):
        worker.send(dataclasses.replace(good, job_id=str(number), **changes))
        end = worker.end_of(str(number))
        assert isinstance(end, Failed), changes
        assert words in end.message + end.hint, changes
        assert end.hint or "expected" in end.message, "what to do stands somewhere"
        assert "Traceback" not in end.message
    worker.send(good)
    assert isinstance(worker.end_of("job"), Done)
    worker.send(Shutdown())
    assert worker.wait() == 0
    assert all(len(worker.ends(str(number))) == 1 for number in range(len(failing)))


def test_the_end_of_stdin_ends_the_worker_in_the_middle_of_a_job(
    worker: RealWorker, style: str, tmp_path: Path
) -> None:
    worker.send(job(tmp_path, style, panning(120, 180, 320, (1, 0))))
    worker.until(lambda message: isinstance(message, FrameDone))
    assert worker.process.stdin is not None
    started = time.monotonic()
    worker.process.stdin.close()
    assert worker.wait() == 0
    assert time.monotonic() - started < 5.0
    assert 0 < len(list((tmp_path / "out").glob("*.png"))) < 120


def test_the_end_of_stdin_ends_an_idle_worker(worker: RealWorker) -> None:
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.wait() == 0


def test_a_worker_whose_messages_nobody_reads_ends(repository: Path, style: str, tmp_path: Path) -> None:
    request = job(tmp_path, style, panning(120, 180, 320, (1, 0)))
    command = [sys.executable, "-m", "core", "worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=repository, **pipes)  # type: ignore[call-overload]
    process.stdin.write(request.encode().encode() + b"\n")
    process.stdin.flush()
    assert b"accepted" in process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE) == 0
    process.stdin.close()
    assert len(list((tmp_path / "out").glob("*.png"))) < 120


def test_stray_prints_do_not_break_the_protocol(repository: Path, style: str, tmp_path: Path) -> None:
    """Printing from Python, from C and from a child, all the time, in the worker's own process."""
    program = (
        "import os, subprocess, sys, threading, time\n"
        "def chatter():\n"
        "    while sys.stdout is not sys.stderr: time.sleep(0.001)\n"
        "    subprocess.run(['echo', 'stray child'])\n"
        "    while True:\n"
        "        print('stray print'); os.write(1, b'stray write\\n'); time.sleep(0.001)\n"
        "threading.Thread(target=chatter, daemon=True).start()\n"
        "from core.worker.serve import main\n"
        "sys.exit(main())\n"
    )
    real = RealWorker(repository, "-c", program)
    try:
        real.send(job(tmp_path, style, panning(8)))
        assert isinstance(real.end_of("job"), Done)
        real.send(Shutdown())
        assert real.wait() == 0
        assert b"stray print" in real.log and b"stray write" in real.log and b"stray child" in real.log
    finally:
        real.process.kill()


def test_after_a_kill_every_file_is_whole_and_the_next_worker_goes_on(
    repository: Path, style: str, tmp_path: Path
) -> None:
    request = job(tmp_path, style, panning(60))
    finished = 0
    for frames_seen in (5, 20):
        real = RealWorker(repository)
        real.send(request)
        for _ in range(frames_seen):
            real.until(lambda message: isinstance(message, FrameDone) and not message.reused)
        real.process.kill()
        real.process.wait()
        names = [path.name for path in (tmp_path / "out").iterdir() if path.suffix == ".png"]
        assert frames_seen <= len(names) < 60
        for name in names:
            assert read_frame(tmp_path / "out" / name).size == (64, 96)
        assert len(names) >= finished
        finished = len(names)
    last = RealWorker(repository)
    last.send(request)
    end = last.end_of("job")
    last.send(Shutdown())
    last.wait()
    assert isinstance(end, Done)
    assert end.painted + end.reused == 60 and end.reused >= finished
    fresh_folder = tmp_path / "fresh"
    fresh = RealWorker(repository)
    fresh.send(job(fresh_folder, style, panning(60)))
    assert isinstance(fresh.end_of("job"), Done)
    fresh.send(Shutdown())
    fresh.wait()
    for path in (fresh_folder / "out").glob("*.png"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_two_workers_on_one_cache(repository: Path, style: str, tmp_path: Path) -> None:
    frames = panning(24)
    cache = str(tmp_path / "cache")
    requests = [job(tmp_path / name, style, frames, name, cache_dir=cache) for name in ("one", "two")]
    workers = [RealWorker(repository) for _ in requests]
    for real, request in zip(workers, requests, strict=True):
        real.send(request)
    for real, request in zip(workers, requests, strict=True):
        assert isinstance(real.end_of(request.job_id), Done)
        real.send(Shutdown())
        assert real.wait() == 0
    for path in (tmp_path / "one" / "out").glob("*.png"):
        assert (tmp_path / "two" / "out" / path.name).read_bytes() == path.read_bytes()


def test_odd_paths(worker: RealWorker, style: str, tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "odd" Ünï 絵 \udcff'
    worker.send(job(folder, style, panning(3)))
    assert isinstance(worker.end_of("job"), Done)
    assert len(list((folder / "out").glob("*.png"))) == 3


def test_messages_are_ascii_lines_of_json(worker: RealWorker) -> None:
    worker.send(Hello(VERSION))
    worker.send(b'{"kind": "\xc3\xa4", "job_id": "\xc3\xb6"}\n')
    lines = [worker.next_line().decode("ascii") for _ in range(2)]
    assert all(line.endswith("\n") for line in lines)
    assert {json.loads(line)["kind"] for line in lines} == {"ready", "failed"}


def test_a_line_may_come_in_pieces_and_be_long(worker: RealWorker, style: str, tmp_path: Path) -> None:
    request = job(tmp_path, style, panning(2))
    names = tuple(f"{'x' * 100}{i}.png" for i in range(20_000))  # 2 MB, of which nothing exists
    line = dataclasses.replace(request, job_id="long", source_names=names, output_names=names).encode().encode()
    for start in range(0, len(line), 500_000):
        worker.send(line[start : start + 500_000])
        time.sleep(0.01)
    worker.send(b"\n" + request.encode().encode() + b"\n")
    end = worker.end_of("long")
    assert isinstance(end, Failed) and "xxx0.png" in end.message
    assert isinstance(worker.end_of("job"), Done)
