# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixing features: a painting in two halves is the painting, strokes live longer, and who cannot do it says so.

What every way of settling promises is in ``test_settling``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_clips import noisy, panning, texture, write_clip
from painting_jobs import run

from core.cli import main
from core.errors import EngineError
from core.flow.motion import Motion
from core.metrics import sharpness, warp_error
from core.paint.choice import available_engines, make_painter
from core.paint.features import FeaturePainter
from core.paint.feedforward import FeedForwardPainter
from core.settings import StylizeSettings
from core.storage.frames import read_frame
from core.styles.weights import ModelLibrary

needs_torch = pytest.mark.skipif("torch" not in available_engines(), reason="features are mixed in torch")


def feature_painter(library: ModelLibrary, style: str, brush_size: float = 1.0) -> FeaturePainter:
    settings = StylizeSettings(style=style, device="cpu", settling="features", brush_size=brush_size)
    painter = make_painter(settings, library)
    assert isinstance(painter, FeaturePainter)
    return painter


@needs_torch
@pytest.mark.parametrize("size", [(1, 1), (37, 53), (96, 128), (200, 90)])
def test_a_painting_in_two_halves_is_the_painting(library: ModelLibrary, style: str, size: tuple[int, int]) -> None:
    painter, rgb = feature_painter(library, style), texture(*size)
    statistics = painter.measure([rgb])
    begun = painter.begin(rgb, statistics)
    whole = painter.paint(rgb, statistics)
    np.testing.assert_array_equal(painter.finish(rgb, begun, begun.eighth, statistics), whole)
    by_opencv = make_painter(StylizeSettings(style=style, engine="opencv"), library)
    assert painter.key == by_opencv.key, "paintings of single frames serve every way of settling"
    other = painter.finish(rgb, begun, begun.eighth[:, :, ::-1, ::-1].copy(), statistics)
    assert size == (1, 1) or np.abs(other.astype(int) - whole).mean() > 2, "the features decide on the strokes"


@needs_torch
@pytest.mark.parametrize("brush_size", [1.0, 2.0])
def test_a_flow_moves_the_features_as_far_as_the_picture(library: ModelLibrary, style: str, brush_size: float) -> None:
    painter = feature_painter(library, style, brush_size)
    size = (360, 640)
    rgb = texture(*size)
    begun = painter.begin(rgb, painter.measure([rgb]))
    flow = np.zeros((2, 180, 320), np.float32)
    flow[0], flow[1] = 8.0, -4.0  # of the flow's pixels: 16 and -8 of the frame's
    confidence = np.zeros((180, 320), np.float32)
    confidence[:, :160] = 1.0
    coarse, trust = painter.on_features(flow, confidence, size)
    assert trust.shape == coarse.shape[1:] == begun.eighth.shape[2:]
    np.testing.assert_allclose(coarse[0], 2.0 / brush_size, rtol=1e-4)
    np.testing.assert_allclose(coarse[1], -1.0 / brush_size, rtol=1e-4)
    assert trust[:, : trust.shape[1] // 2 - 2].min() == 1.0 and trust[:, trust.shape[1] // 2 + 2 :].max() == 0.0


@needs_torch
def test_strokes_are_decided_on_once_and_stay_sharp(library: ModelLibrary, style: str, tmp_path: Path) -> None:
    """Against frame by frame under noise: less change along the true motion, most of all far apart, without blur."""
    painter, height, width = feature_painter(library, style), 128, 192
    clip = write_clip(tmp_path / "clip", noisy(panning(16, height, width, (2, 0)), 2.0))
    found = {}
    for way in ("frames", "features"):
        run(clip, painter, tmp_path / way, tmp_path / "cache", settling=way)
        painted = [read_frame(path).rgb for path in sorted((tmp_path / way).iterdir())]
        for distance in (1, 10):
            flow = np.zeros((2, height, width), np.float32)
            flow[0] = 2 * distance
            pairs = zip(painted, painted[distance:], strict=False)
            found[way, distance] = np.mean([warp_error(prev, cur, Motion(flow, -flow)) for prev, cur in pairs])
        found[way, 0] = np.mean([sharpness(picture) for picture in painted])
    assert found["features", 1] < 0.8 * found["frames", 1]
    assert found["features", 10] < 0.7 * found["frames", 10]
    assert found["features", 0] > 0.9 * found["frames", 0]


def test_a_painter_that_cannot_be_opened_is_told(
    library: ModelLibrary, style: str, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="painted with torch, not with OpenCV"):
        make_painter(StylizeSettings(style=style, engine="opencv", settling="features"), library)
    with pytest.raises(EngineError, match="this painter does not"):
        run(write_clip(tmp_path / "clip", panning(3)), painter, tmp_path / "out", tmp_path / "c", settling="features")


@needs_torch
def test_the_command_line_paints_with_it(style: str, tmp_path: Path) -> None:
    pytest.importorskip("rich", reason="the commands show progress with rich")
    pytest.importorskip("platformdirs", reason="the commands keep their cache where platformdirs says")
    write_clip(tmp_path / "in", noisy(panning(3), 4.0))
    painted = {}
    for way in ("features", "frames"):
        where = [str(tmp_path / "in"), str(tmp_path / way), "--cache", str(tmp_path / "cache"), "--device", "cpu"]
        assert main(["stylize", *where, "--style", style, "--engine", "torch", "--settling", way]) == 0
        painted[way] = [path.read_bytes() for path in sorted((tmp_path / way).iterdir())]
    same = [one == other for one, other in zip(painted["features"], painted["frames"], strict=True)]
    assert same == [True, False, False]
