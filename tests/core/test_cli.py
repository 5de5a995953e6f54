# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a person calls it: movies and folders in and out, sound untouched, one sentence when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from made_clips import panning, texture, write_clip

from core.cli import main
from core.storage.frames import Frame, read_frame, write_frame

av = pytest.importorskip("av", reason="movies on the command line need PyAV")

RATE = 25
OPENCV = ("--engine", "opencv")  # the default would load torch first, which takes seconds


def call(repository: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120)


def stylize(repository: Path, folder: Path, style: str, *arguments: object) -> str:
    """What a stylize prints that must go well."""
    done = call(repository, "stylize", *arguments, "--style", style, *OPENCV, "--cache", folder / "cache")
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith(str(arguments[1]))
    return done.stdout


def make_movie(path: Path, frames: list[np.ndarray], sound_seconds: float = 0.0, codec: str = "aac") -> Path:
    """A movie of these frames, lossless, and a tone that rises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=RATE, options={"qp": "0"})
        video.width, video.height, video.pix_fmt = width, height, "yuv444p"
        sound = output.add_stream(codec, rate=48000, layout="stereo") if sound_seconds else None
        for rgb in frames:
            output.mux(video.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        output.mux(video.encode(None))
        if sound is not None:
            time_ = np.arange(round(48000 * sound_seconds)) / 48000
            tone = (0.3 * np.sin(2 * np.pi * (220 + 100 * time_) * time_)).astype(np.float32)
            for start in range(0, len(tone), 1024):
                part = np.stack([tone[start : start + 1024]] * 2)
                piece = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
                piece.sample_rate, piece.pts, piece.time_base = 48000, start, Fraction(1, 48000)
                output.mux(sound.encode(piece))
            output.mux(sound.encode(None))
    return path


def packets(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """Time in seconds and bytes of every packet of a movie's sound or picture."""
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(stream) if p.size and p.pts is not None]


def pictures(path: Path) -> tuple[list[np.ndarray], list[Fraction], Fraction]:
    """Frames, their times from the first in seconds, and the rate."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [(frame.pts - frames[0].pts) * stream.time_base for frame in frames]
        return [frame.to_ndarray(format="rgb24") for frame in frames], times, stream.average_rate


@pytest.mark.parametrize("size", [(64, 96), (65, 97)])
def test_a_movie_keeps_size_length_rate_and_sound(
    repository: Path, style: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    source = make_movie(tmp_path / "in.mp4", panning(12, *size), sound_seconds=12 / RATE)
    stylize(repository, tmp_path, style, source, tmp_path / "out.mp4")
    before, times_before, rate_before = pictures(source)
    after, times_after, rate_after = pictures(tmp_path / "out.mp4")
    assert [frame.shape for frame in after] == [frame.shape for frame in before] == [(*size, 3)] * 12
    assert times_after == times_before and rate_after == rate_before == RATE
    assert np.mean([np.abs(a.astype(int) - b).mean() for a, b in zip(before, after, strict=True)]) > 10, "painted"
    assert packets(tmp_path / "out.mp4", "audio") == packets(source, "audio")
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_sound_shorter_or_longer_than_the_picture_is_copied_whole(
    repository: Path, style: str, tmp_path: Path, suffix: str, seconds: float
) -> None:
    source = make_movie(tmp_path / f"in{suffix}", panning(6), seconds)
    out = tmp_path / f"out{suffix}"
    stylize(repository, tmp_path, style, source, out, "--strength", "0")
    assert packets(out, "audio") == packets(source, "audio")


def test_a_movie_without_sound_stays_without(repository: Path, style: str, tmp_path: Path) -> None:
    source = make_movie(tmp_path / "in.mp4", panning(3))
    stylize(repository, tmp_path, style, source, tmp_path / "out.mp4", "--strength", "0")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_without_strength_the_source_comes_out(repository: Path, style: str, tmp_path: Path) -> None:
    """As PNG bit for bit, as a movie as close as the codec is; nothing is painted."""
    source = make_movie(tmp_path / "in.mp4", panning(8))
    frames = pictures(source)[0]
    stylize(repository, tmp_path, style, source, tmp_path / "out", "--strength", "0")
    stylize(repository, tmp_path, style, source, tmp_path / "out.mp4", "--strength", "0")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{i:06d}.png" for i in range(8)]
    for i, rgb in enumerate(frames):
        np.testing.assert_array_equal(read_frame(tmp_path / "out" / f"{i:06d}.png").rgb, rgb)
    # 4:2:0 and the codec's loss, far from a painting's difference.
    for a, b in zip(frames, pictures(tmp_path / "out.mp4")[0], strict=True):
        assert np.abs(a.astype(int) - b).mean() < 6
    assert not list((tmp_path / "cache" / "stages").rglob("*.png"))


def test_a_folder_of_pictures_with_alpha_and_a_keyed_strength(repository: Path, style: str, tmp_path: Path) -> None:
    frames, alphas = panning(9), [frame[..., 0] for frame in panning(9, seed=4)]
    write_clip(tmp_path / "in", frames, alphas)
    for name, strength in (("full", "1"), ("keyed", "0:0 4:0 8:1")):
        printed = stylize(repository, tmp_path, style, tmp_path / "in", tmp_path / name, "--strength", strength)
        assert "\nWarp error 0.0" in printed and "carried paint.\n" in printed
    for i, (rgb, alpha) in enumerate(zip(frames, alphas, strict=True)):
        full, keyed = (read_frame(tmp_path / name / f"{i:06d}.png") for name in ("full", "keyed"))
        weight = max(0.0, (i - 4) / 4)
        expected = (1 - weight) * rgb.astype(float) + weight * full.rgb
        assert np.abs(keyed.rgb - expected).max() <= 1
        for frame in (full, keyed):
            assert frame.alpha is not None
            np.testing.assert_array_equal(frame.alpha, alpha)


def test_a_range_is_cut_out_of_picture_and_sound(repository: Path, style: str, tmp_path: Path) -> None:
    source = make_movie(tmp_path / "in.mp4", panning(30), sound_seconds=30 / RATE)
    stylize(repository, tmp_path, style, source, tmp_path / "out.mkv", "--range", "10:20", "--strength", "0")
    before, after = pictures(source), pictures(tmp_path / "out.mkv")
    assert len(after[0]) == 10
    for a, b in zip(after[0], before[0][10:20], strict=True):
        assert np.abs(a.astype(int) - b).mean() < 6
    heard = [(time, data) for time, data in packets(source, "audio") if Fraction(10, RATE) <= time < Fraction(20, RATE)]
    copied = packets(tmp_path / "out.mkv", "audio")
    assert [data for _, data in copied] == [data for _, data in heard]
    for (new, _), (old, _) in zip(copied, heard, strict=True):
        assert abs(float(new - (old - Fraction(10, RATE)))) < 0.002  # Matroska counts milliseconds
    stylize(repository, tmp_path, style, source, tmp_path / "out", "--range", "28:", "--strength", "0")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000028.png", "000029.png"]
    np.testing.assert_array_equal(read_frame(tmp_path / "out" / "000028.png").rgb, before[0][28])


def test_the_same_command_again_reuses_everything(repository: Path, style: str, tmp_path: Path) -> None:
    write_clip(tmp_path / "in", panning(9))
    stylize(repository, tmp_path, style, tmp_path / "in", tmp_path / "one")
    stored = {path: path.stat().st_ino for path in (tmp_path / "cache").rglob("*.png")}
    stylize(repository, tmp_path, style, tmp_path / "in", tmp_path / "two")
    assert {path: path.stat().st_ino for path in (tmp_path / "cache").rglob("*.png")} == stored
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes()


def test_a_picture_is_a_style_and_its_content_decides(repository: Path, style: str, tmp_path: Path) -> None:
    write_clip(tmp_path / "in", panning(5))
    pictures_ = {"one": "My Picture/絵 ü.png", "same": "copy.png", "other": "other.png"}
    for seed, name in zip((3, 3, 4), pictures_.values(), strict=True):
        write_frame(tmp_path / name, Frame(texture(120, 160, seed)))
    stored = []
    for out, name in pictures_.items():
        stylize(repository, tmp_path, str(tmp_path / name), tmp_path / "in", tmp_path / out)
        stored.append(len(list((tmp_path / "cache").rglob("*.png"))))
    assert stored[0] == stored[1] < stored[2], "the same picture under another name paints nothing anew"
    stylize(repository, tmp_path, style, tmp_path / "in", tmp_path / "preset")
    frames = [read_frame(tmp_path / out / "000002.png").rgb.astype(int) for out in ("one", "same", "preset")]
    assert np.abs(frames[0] - frames[1]).max() == 0 and np.abs(frames[0] - frames[2]).mean() > 2


def test_ctrl_c_during_an_import_is_met_like_any_other(repository: Path, tmp_path: Path) -> None:
    """Imports make named tuples and dataclasses, and those run texts as code: Python remembers where it came."""
    lines = [
        "import sys",
        "from core import cli",
        "def importing(options):",
        "    exec('raise KeyboardInterrupt')",
        "cli._styles = importing",
        "sys.exit(cli.main(['styles']))",
    ]
    (tmp_path / "stopped.py").write_text("\n".join(lines), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(repository), str(tmp_path)))}
    done = subprocess.run([sys.executable, "-m", "stopped"], env=environment, capture_output=True, text=True)
    assert done.returncode == 130 and "stopped. Finished frames are kept" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process on Windows")
def test_ctrl_c_says_one_sentence_and_the_command_goes_on_where_it_was(
    repository: Path, style: str, tmp_path: Path
) -> None:
    write_clip(tmp_path / "in", panning(100, 120, 160, (1, 0)))
    arguments = ["stylize", tmp_path / "in", tmp_path / "out", "--style", style, *OPENCV]
    arguments += ["--cache", tmp_path / "cache"]
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    settled = tmp_path / "cache" / "stages" / "settled"
    deadline = time.monotonic() + 60
    while len(list(settled.rglob("*.png"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Finished frames are kept" in error and "Traceback" not in error
    kept = {path: path.stat().st_ino for path in settled.rglob("*.png")}
    assert 5 <= len(kept) < 100
    assert all(read_frame(path).size == (120, 160) for path in kept)
    done = call(repository, *arguments)
    assert done.returncode == 0, done.stderr
    assert all(path.stat().st_ino == inode for path, inode in kept.items()), "nothing finished is made again"
    assert len(list((tmp_path / "out").iterdir())) == 100


def test_mistakes_are_told_in_one_sentence_before_anything_is_painted(
    style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path / "in", panning(2))
    (tmp_path / "text.mp4").write_text("no movie")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("in the way")
    clip, out = tmp_path / "in", tmp_path / "out"
    movie = make_movie(tmp_path / "movie.mp4", panning(2))
    for arguments, words in (
        ([tmp_path / "gone.mp4", out], "gone.mp4 does not exist"),
        ([tmp_path / "text.mp4", out], "cannot be read as a movie"),
        ([tmp_path / "empty", out], "holds no pictures"),
        ([clip, tmp_path / "out.mp4"], "has no frame rate"),
        ([clip, out, "--strength", "0:0 5:7"], "7.0 in '5:7' lies outside"),
        ([clip, out, "--range", "5"], "The range '5' is not FIRST:STOP"),
        ([clip, out, "--range", "5:2"], "The range '5:2'"),
        ([clip, out, "--range", "7:"], "no frame from 7 on"),
        ([movie, out, "--range", "7:"], "no frame from 7 on"),
        ([clip, out, "--style", "mona-lisa"], "Unknown style 'mona-lisa'"),
        ([clip, out, "--style", tmp_path / "gone.jpg"], "gone.jpg: No such file"),
        ([clip, out, "--style", tmp_path / "text.mp4"], "text.mp4 is not a picture"),
        ([clip, out, "--brush-size", "9"], "brush_size is 9.0"),
        ([clip, out, "--colour-lock", "2"], "colour_lock is 2.0"),
        ([clip, out, "--clarity", "2"], "clarity is 2.0"),
        ([clip, out, "--cache", tmp_path / "file" / "cache"], "Cannot write"),
        ([clip, clip], "overwritten"),
        ([movie, movie], "overwritten"),
        ([clip, tmp_path / "file"], "is a file"),
        ([movie, tmp_path / "nowhere" / "out.mp4"], "nowhere"),
    ):
        options = ["--style", style, *OPENCV, "--cache", tmp_path / "cache", *arguments]
        assert main(["stylize", *map(str, options)]) == 1, arguments
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 1 and told[0].startswith("brushflow: ") and words in told[0], told
        assert not out.exists()
        assert not list((tmp_path / "cache").rglob("settled")), "told before painting"


def test_a_mistake_shows_no_traceback(repository: Path, tmp_path: Path) -> None:
    done = call(repository, "stylize", tmp_path / "gone", tmp_path / "out", *OPENCV, "--cache", tmp_path / "cache")
    assert done.returncode == 1
    assert done.stderr == f"brushflow: {tmp_path / 'gone'} does not exist. Check the path.\n"


def test_two_commands_at_once_do_not_mix_their_styles(repository: Path, library: object, tmp_path: Path) -> None:
    write_clip(tmp_path / "in", panning(40))
    styles = [record["id"] for record in library.style_records()[:2]]  # type: ignore[attr-defined]
    processes = []
    for name in styles:
        arguments = ["stylize", tmp_path / "in", tmp_path / name, "--style", name, *OPENCV]
        arguments += ["--cache", tmp_path / "cache"]
        command = [sys.executable, "-m", "core", *map(str, arguments)]
        processes.append(subprocess.Popen(command, cwd=repository, stdout=subprocess.DEVNULL))
    assert [process.wait(120) for process in processes] == [0, 0]
    for name in styles:
        stylize(repository, tmp_path / "alone", name, tmp_path / "in", tmp_path / "alone" / name)
        for path in (tmp_path / "alone" / name).iterdir():
            assert (tmp_path / name / path.name).read_bytes() == path.read_bytes()


def test_one_frame_and_one_pixel(repository: Path, style: str, tmp_path: Path) -> None:
    write_frame(tmp_path / "in" / "a.png", Frame(texture(1, 1)))
    stylize(repository, tmp_path, style, tmp_path / "in", tmp_path / "out")
    assert read_frame(tmp_path / "out" / "000000.png").size == (1, 1)


def test_styles_lists_every_style(repository: Path, library: object) -> None:
    done = call(repository, "styles")
    assert done.returncode == 0
    records = library.style_records()  # type: ignore[attr-defined]
    assert len(done.stdout.splitlines()) == len(records)
    for record, line in zip(records, done.stdout.splitlines(), strict=True):
        assert line.startswith(record["id"]) and record["title"] in line and record["artist"] in line


def test_the_self_test_paints_and_ends_well(repository: Path) -> None:
    done = call(repository, "self-test")
    assert done.returncode == 0, done.stderr
    assert "Ready." in done.stdout and "opencv: one 640x360 frame in" in done.stdout


def test_a_wrong_command_shows_how_it_is_called(repository: Path) -> None:
    for arguments in ([], ["dance"], ["stylize", "only-one"]):
        done = call(repository, *arguments)
        assert done.returncode == 2 and "usage: python -m core" in done.stderr
