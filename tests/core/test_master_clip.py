# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips in the quality Master: coherent, the same each time, stopped and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_clips import panning, texture, write_clip
from painting_jobs import Recorder, results

torch = pytest.importorskip("torch", reason="optimising needs torch")
pytest.importorskip("safetensors", reason="the critic's weights are in that format")

from core.cli import main  # noqa: E402
from core.errors import Cancelled  # noqa: E402
from core.flow.dis import DisFlow  # noqa: E402
from core.master import stylize_master  # noqa: E402
from core.metrics import warp_error  # noqa: E402
from core.optimise.brush import MasterPlan  # noqa: E402
from core.pipeline import ClipJob  # noqa: E402
from core.settings import StylizeSettings  # noqa: E402
from core.storage.cache import Cache  # noqa: E402
from core.storage.frames import Clip, Frame, read_frame, write_frame  # noqa: E402

if TYPE_CHECKING:
    from core.desk import Summary, Watch
    from core.styles.weights import ModelLibrary

COUNT = 6  # writing lags behind painting by a frame or two: enough are left when a stop is asked for
PLAN = MasterPlan(iterations=2)


@pytest.fixture(scope="module")
def pan(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return write_clip(tmp_path_factory.mktemp("pan"), panning(COUNT, 32, 48, (2, 1)))


def run(
    clip: Clip,
    library: ModelLibrary,
    folder: Path,
    *,
    cache: Path | None = None,
    plan: MasterPlan = PLAN,
    watch: Watch | None = None,
    wanted: tuple[int, ...] | None = None,
    stability: float = 1.0,
) -> Summary:
    targets = tuple(folder / "out" / f"{i:06d}.png" for i in range(len(clip)))
    job = ClipJob(clip, targets, frozenset(range(len(clip)) if wanted is None else wanted))
    settings = StylizeSettings(stability=stability, device="cpu", quality="master")
    return stylize_master(job, settings, library, Cache(cache or folder / "cache"), watch or Recorder(), plan)


@pytest.fixture(scope="module")
def in_one_go(pan: Clip, library: ModelLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    summary = run(pan, library, folder)
    assert (summary.painted, summary.reused) == (COUNT, 0)
    return folder


def error_of(folder: Path, clip: Clip) -> float:
    """Mean warp error of the painted clip along its source's flow."""
    painted = [read_frame(folder / "out" / f"{i:06d}.png").rgb for i in range(len(clip))]
    pairs = [(i - 1, i) for i in range(1, len(clip))]
    motions = [DisFlow().estimate(clip.read(i).rgb, clip.read(j).rgb) for i, j in pairs]
    return sum(warp_error(painted[i], painted[j], m) for (i, j), m in zip(pairs, motions, strict=True)) / len(pairs)


def test_carried_paint_lowers_the_warp_error(pan: Clip, in_one_go: Path, library: ModelLibrary, tmp_path: Path) -> None:
    run(pan, library, tmp_path, stability=0.0)
    assert error_of(in_one_go, pan) < 0.5 * error_of(tmp_path, pan)
    assert results(tmp_path / "out") != results(in_one_go / "out")


def test_a_stopped_job_goes_on_to_the_same_bytes(
    pan: Clip, in_one_go: Path, library: ModelLibrary, tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        run(pan, library, tmp_path, watch=Recorder(stop_after=2))
    begun = results(tmp_path / "out")
    assert 2 <= len(begun) < COUNT
    summary = run(pan, library, tmp_path)
    assert (summary.painted, summary.reused) == (COUNT - len(begun), len(begun))
    assert results(tmp_path / "out") == results(in_one_go / "out")


def test_what_else_is_wanted_does_not_matter_and_more_passes_are_others(
    pan: Clip, in_one_go: Path, library: ModelLibrary, tmp_path: Path
) -> None:
    run(pan, library, tmp_path / "one", cache=tmp_path / "cache", wanted=(1,))
    whole = results(in_one_go / "out")
    assert results(tmp_path / "one" / "out") == {"000001.png": whole["000001.png"]}
    quick = MasterPlan(iterations=1, passes=2)
    watch = Recorder()
    run(pan, library, tmp_path / "two", cache=tmp_path / "cache", plan=quick, watch=watch)
    assert sorted(results(tmp_path / "two" / "out")) == sorted(whole)
    left = [seconds for stage, _, _, seconds in watch.stages if stage == "Painting" and seconds >= 0]
    assert left and left[-1] < 1.0
    assert sum(seconds == 0 for seconds in left) <= 3, "nobody says that nothing is left before it is so"
    counts = [(done, total) for stage, done, total, _ in watch.stages if stage == "Painting" and total]
    assert all(done <= total for done, total in counts)


class StopsInTheMiddle(Recorder):
    """Asks to stop once the first frame is under way."""

    asked_at = 0.0

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        super().progress(stage, done, total, seconds_left)
        if stage == "Painting" and seconds_left > 0 and not self.asked_at:
            self.asked_at = time.monotonic()

    def should_stop(self) -> bool:
        return self.asked_at > 0


def test_a_stop_acts_in_the_middle_of_a_frame(pan: Clip, library: ModelLibrary, tmp_path: Path) -> None:
    watch = StopsInTheMiddle()
    with pytest.raises(Cancelled):
        run(pan, library, tmp_path, watch=watch, plan=MasterPlan(iterations=1000))
    assert time.monotonic() - watch.asked_at < 5.0, "a thousand steps would take minutes on any machine"


def test_the_command_line_paints_pictures_in_any_picture_s_style(tmp_path: Path) -> None:
    write_clip(tmp_path / "in", panning(2, 32, 48))
    write_frame(tmp_path / "style.png", Frame(texture(80, 100, seed=9)))
    words = ["stylize", str(tmp_path / "in"), str(tmp_path / "out"), "--style", str(tmp_path / "style.png")]
    words += ["--quality", "master", "--iterations", "1", "--device", "cpu", "--cache", str(tmp_path / "cache")]
    assert main(words) == 0
    painted = [read_frame(path) for path in sorted((tmp_path / "out").glob("*.png"))]
    assert [frame.size for frame in painted] == [(32, 48)] * 2
    assert abs(painted[0].rgb.astype(int) - read_frame(tmp_path / "in" / "000000.png").rgb).mean() > 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--quality", "best"], "quality is 'best'; one of draft, final, master was expected"),
        (["--quality", "master", "--iterations", "0"], "iterations is 0"),
        (["--quality", "master", "--loss-network", "vgg19:/nowhere.pth"], "Name the picture itself as the style"),
        (["--quality", "master", "--style", "gone.png"], "gone.png"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    write_clip(tmp_path / "in", panning(1, 32, 48))
    call = ["stylize", str(tmp_path / "in"), str(tmp_path / "out"), "--cache", str(tmp_path / "cache"), *words]
    assert main(call) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_ctrl_c_keeps_what_is_painted(repository: Path, tmp_path: Path) -> None:
    write_clip(tmp_path / "in", panning(3, 32, 48))
    words = ["stylize", str(tmp_path / "in"), str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    words += ["--quality", "master", "--iterations", "400", "--device", "cpu"]
    process = subprocess.Popen([sys.executable, "-m", "core", *words], cwd=repository, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 200
        while not (tmp_path / "cache" / "stages" / "painted").is_dir() and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130 and b"run the same command to go on" in told
