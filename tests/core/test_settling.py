# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways of settling: what each promises an editor, bad luck, and the same bytes however the work is cut up."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_clips import noisy, panning, texture, write_clip
from painting_jobs import PROGRAM_START, Recorder, results, run

from core.errors import Cancelled
from core.flow.motion import Motion
from core.metrics import sharpness, warp_error
from core.paint.choice import available_engines, make_painter
from core.paint.feedforward import FeedForwardPainter
from core.settings import HOLDS, SETTLINGS, StylizeSettings
from core.storage.frames import Clip, read_frame
from core.styles.weights import ModelLibrary

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH, LONG = 48, 80, 110  # two blocks and a little more
NEEDS_TORCH = pytest.mark.skipif("torch" not in available_engines(), reason="features are mixed in torch")
WAYS = [
    *({"settling": way} for way in SETTLINGS if way != "features"),
    pytest.param({"settling": "features"}, marks=NEEDS_TORCH),
    *({"hold_strokes": hold} for hold in HOLDS),
]


@pytest.fixture
def way_painter(
    way: dict[str, str], painter: FeedForwardPainter, library: ModelLibrary, style: str
) -> FeedForwardPainter:
    """The painter of a way: one of them paints inside a network that runs in torch."""
    if way.get("settling") != "features":
        return painter
    return make_painter(StylizeSettings(style=style, device="cpu", settling="features"), library)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A camera that moves slowly, with noise."""
    return write_clip(tmp_path_factory.mktemp("long"), noisy(panning(LONG, HEIGHT, WIDTH, (1, 0)), 2.0))


@pytest.fixture(scope="module")
def long_whole(
    long_clip: Clip, painter: FeedForwardPainter, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """It, painted in one go."""
    folder = tmp_path_factory.mktemp("long whole")
    run(long_clip, painter, folder / "out", folder / "cache")
    return results(folder / "out")


def pictures(output: Path) -> list[NDArray[np.uint8]]:
    return [read_frame(path).rgb for path in sorted(output.iterdir())]


@pytest.mark.parametrize("backwards", [False, True])
def test_in_chunks_of_seven_it_is_the_same(
    long_clip: Clip, painter: FeedForwardPainter, tmp_path: Path, long_whole: dict[str, bytes], backwards: bool
) -> None:
    """Each chunk on a cache of its own: nothing may hang on what another has left."""
    firsts = range(0, LONG, 7)
    for first in reversed(firsts) if backwards else firsts:
        wanted = set(range(first, min(first + 7, LONG)))
        run(long_clip, painter, tmp_path / "out", tmp_path / f"cache{first}", wanted=wanted, focus=first)
    assert results(tmp_path / "out") == long_whole


def test_from_the_middle_it_is_the_same(
    long_clip: Clip, painter: FeedForwardPainter, tmp_path: Path, long_whole: dict[str, bytes]
) -> None:
    """From the middle stretches are taken in turn on both sides, over the borders of blocks."""
    run(long_clip, painter, tmp_path / "out", tmp_path / "cache", focus=50)
    assert results(tmp_path / "out") == long_whole


def test_two_processes_at_once_give_the_same(
    long_clip: Clip, style: str, tmp_path: Path, repository: Path, long_whole: dict[str, bytes]
) -> None:
    program = PROGRAM_START + (
        "clip, half = Clip.from_folder(Path(sys.argv[3])), sys.argv[6]\n"
        "wanted = [i for i in range(len(clip)) if i % 2 == int(half)]\n"
        "run(clip, painter, Path(sys.argv[4]), Path(sys.argv[5]), wanted=wanted, focus=110 * int(half))\n"
    )
    start = [sys.executable, "-c", program, *map(str, (Path(__file__).parent, style, long_clip.paths[0].parent))]
    ends = [[str(tmp_path / "out"), str(tmp_path / "cache"), half] for half in "01"]
    processes = [subprocess.Popen([*start, *end], cwd=repository) for end in ends]
    assert [process.wait(timeout=200) for process in processes] == [0, 0]
    assert results(tmp_path / "out") == long_whole


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_way_gives_the_same_in_parts_and_after_a_stop(
    clip: Clip, way_painter: FeedForwardPainter, tmp_path: Path, way: dict[str, str]
) -> None:
    run(clip, way_painter, tmp_path / "whole", tmp_path / "cache", **way)
    run(clip, way_painter, tmp_path / "parts", tmp_path / "a", wanted={4, 5, 11, 19}, focus=11, **way)
    parts, whole = results(tmp_path / "parts"), results(tmp_path / "whole")
    assert parts == {name: whole[name] for name in parts} and len(parts) == 4
    with pytest.raises(Cancelled):
        run(clip, way_painter, tmp_path / "out", tmp_path / "b", watch=Recorder(stop_after=3), **way)
    assert run(clip, way_painter, tmp_path / "out", tmp_path / "b", **way).reused >= 3
    assert results(tmp_path / "out") == whole


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("picture", ["black", "texture"])
def test_a_clip_that_stands_still_stands_still(
    way_painter: FeedForwardPainter, tmp_path: Path, way: dict[str, str], picture: str
) -> None:
    frame = texture(HEIGHT, WIDTH) if picture == "texture" else np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    run(write_clip(tmp_path / "clip", [frame] * 9), way_painter, tmp_path / "out", tmp_path / "cache", **way)
    painted = pictures(tmp_path / "out")
    assert len({picture.tobytes() for picture in painted}) == 1
    np.testing.assert_array_equal(painted[0], way_painter.paint(frame, way_painter.measure([frame])))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_noise_that_follows_nothing_falls_back_to_the_frames_own_painting(
    way_painter: FeedForwardPainter, tmp_path: Path, way: dict[str, str]
) -> None:
    """Every frame another picture: flow is wrong everywhere, and nothing may be smeared along it."""
    rng = np.random.default_rng(0)
    clip = write_clip(tmp_path / "clip", [rng.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(20)])
    run(clip, way_painter, tmp_path / "out", tmp_path / "cache", **way)
    run(clip, way_painter, tmp_path / "alone", tmp_path / "cache", stability=0.0)
    alone, shown = pictures(tmp_path / "alone"), pictures(tmp_path / "out")
    strange = np.mean([np.abs(one.astype(int) - other).mean() for one, other in itertools.pairwise(alone)])
    for own, painted in zip(alone, shown, strict=True):
        assert np.abs(painted.astype(int) - own).mean() < 0.1 * strange
        assert sharpness(painted) > 0.95 * sharpness(own)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_way_carries_anything_across_a_cut(
    way_painter: FeedForwardPainter, tmp_path: Path, way: dict[str, str]
) -> None:
    """What comes after a cut is painted as if nothing had been before it."""
    before, after = (panning(6, HEIGHT, WIDTH, (1, 0), seed) for seed in (0, 7))
    dark = [np.asarray(frame // 3, np.uint8) for frame in before]
    run(write_clip(tmp_path / "both", dark + after), way_painter, tmp_path / "out", tmp_path / "a", **way)
    run(write_clip(tmp_path / "one", after), way_painter, tmp_path / "alone", tmp_path / "b", **way)
    assert [picture.tobytes() for picture in pictures(tmp_path / "out")[6:]] == [
        picture.tobytes() for picture in pictures(tmp_path / "alone")
    ]


def test_a_flash_of_black_leaves_no_ghost(painter: FeedForwardPainter, tmp_path: Path) -> None:
    """Black frames within a shot: no paint of the picture shows in them, none of them in the picture after."""
    frames = panning(40, HEIGHT, WIDTH, (1, 0))
    frames[20] = np.zeros_like(frames[20])
    clip = write_clip(tmp_path / "clip", frames)
    for way, stability in (("settled", 1.0), ("alone", 0.0)):
        run(clip, painter, tmp_path / way, tmp_path / "cache", stability=stability)
    settled, alone = pictures(tmp_path / "settled"), pictures(tmp_path / "alone")
    different = np.abs(alone[20].astype(int) - alone[19]).mean()
    assert np.abs(settled[20].astype(int) - alone[20]).mean() < 0.05 * different
    for i in (19, 21, 25):
        assert np.abs(settled[i].astype(int) - alone[i]).mean() < 0.5 * different


def test_edges_of_alpha_are_kept_frame_by_frame(painter: FeedForwardPainter, tmp_path: Path) -> None:
    alphas = [np.where(np.arange(WIDTH) < 20 + 2 * i, 255, 0).astype(np.uint8) for i in range(12)]
    matte = [np.broadcast_to(alpha, (HEIGHT, WIDTH)).copy() for alpha in alphas]
    clip = write_clip(tmp_path / "clip", panning(12, HEIGHT, WIDTH, (1, 0)), matte)
    for hold in HOLDS:
        run(clip, painter, tmp_path / hold, tmp_path / "cache", hold_strokes=hold)
        for path, alpha in zip(sorted((tmp_path / hold).iterdir()), matte, strict=True):
            np.testing.assert_array_equal(read_frame(path).alpha, alpha)


def test_strokes_stay_on_surfaces_for_seconds(
    long_clip: Clip, painter: FeedForwardPainter, tmp_path: Path, long_whole: dict[str, bytes]
) -> None:
    """Against anchors alone: less change one frame and ten frames apart, along the true motion, without blur."""
    run(long_clip, painter, tmp_path / "anchors", tmp_path / "cache", settling="anchors")
    run(long_clip, painter, tmp_path / "surfaces", tmp_path / "cache")
    assert results(tmp_path / "surfaces") == long_whole
    errors = {}
    for way in ("anchors", "surfaces"):
        painted = pictures(tmp_path / way)
        for distance in (1, 10):
            flow = np.zeros((2, HEIGHT, WIDTH), np.float32)
            flow[0] = distance
            pairs = zip(painted, painted[distance:], strict=False)
            errors[way, distance] = np.mean([warp_error(prev, cur, Motion(flow, -flow)) for prev, cur in pairs])
        errors[way, 0] = np.mean([sharpness(picture) for picture in painted])
    assert errors["surfaces", 1] < 0.8 * errors["anchors", 1]
    assert errors["surfaces", 10] < 0.6 * errors["anchors", 10]
    assert errors["surfaces", 0] > 0.95 * errors["anchors", 0]


@pytest.mark.parametrize(("hold", "exposure"), [("twos", 2), ("threes", 3)])
def test_on_twos_and_threes_strokes_change_at_the_animators_rhythm(
    painter: FeedForwardPainter, tmp_path: Path, hold: str, exposure: int
) -> None:
    """Where the source stands still but for its noise, a painting is held; then another takes its place at once."""
    clip = write_clip(tmp_path / "clip", noisy([texture(64, 96)] * 12, 6.0))
    run(clip, painter, tmp_path / "out", tmp_path / "cache", hold_strokes=hold)
    painted = pictures(tmp_path / "out")
    changes = [float(np.abs(one.astype(int) - other).mean()) for one, other in itertools.pairwise(painted)]
    held = [change for i, change in enumerate(changes, 1) if i % exposure]
    new = [change for i, change in enumerate(changes, 1) if not i % exposure]
    assert max(held) < 0.5 * min(new)


def test_every_frame_paints_each_by_itself_and_looks_at_no_motion(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    run(clip, painter, tmp_path / "held", tmp_path / "cache", hold_strokes="every-frame")
    assert not (tmp_path / "cache" / "stages" / "flow").exists()
    run(clip, painter, tmp_path / "alone", tmp_path / "cache", stability=0.0)
    assert results(tmp_path / "held") == results(tmp_path / "alone")
