# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of painting: engines agree, every size works, painting is local, strokes belong to the picture."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.errors import EngineError, MediaError, ModelError
from core.paint.choice import available_engines, device_in_use, make_engine, make_painter
from core.paint.feedforward import FeedForwardPainter
from core.paint.opencv_engine import OpenCVEngine
from core.paint.painter import ShotStatistics
from core.settings import StylizeSettings
from core.styles.weights import ModelLibrary

# The promise of DESIGN section 3: two engines differ by no more than this, of 255.
AGREEMENT = 2

# The convolutions of OpenCV's classic engine make six times six outputs at a time, and what changes one of them changes
# the last bits of all: elsewhere in the picture one value of some thousands is then rounded the other way.
ROUNDED = {"opencv": 1, "torch": 0}

engines = pytest.mark.parametrize(
    "engine",
    [
        "opencv",
        pytest.param("torch", marks=pytest.mark.skipif("torch" not in available_engines(), reason="needs torch")),
    ],
)


def painter_of(library: ModelLibrary, style: str, engine: str, brush_size: float = 1.0) -> FeedForwardPainter:
    settings = StylizeSettings(style=style, engine=engine, device="cpu", brush_size=brush_size)
    return make_painter(settings, library)


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(one.astype(np.int16) - other)


@engines
def test_a_painting_has_the_size_of_its_source_and_is_no_copy(library: ModelLibrary, style: str, engine: str) -> None:
    painter = painter_of(library, style, engine)
    statistics = painter.measure([texture(96, 128)])
    for height, width in ((96, 128), (97, 131), (1, 1), (1, 40), (40, 1), (7, 3), (8, 8)):
        rgb = texture(height, width)
        painted = painter.paint(rgb, statistics)
        assert painted.shape == rgb.shape and painted.dtype == np.uint8
        if min(height, width) > 90:
            assert painted.std() > 5, "not one flat colour"
            assert apart(painted, rgb).mean() > 10, "not the source"
        np.testing.assert_array_equal(painter.paint(rgb, statistics), painted)


@engines
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2), (33, 47)])
def test_a_shot_of_any_size_can_be_measured(
    library: ModelLibrary, style: str, engine: str, size: tuple[int, int]
) -> None:
    statistics = painter_of(library, style, engine).measure([texture(*size)])
    assert np.isfinite(statistics.mean).all() and (statistics.variance >= 0).all()


@pytest.mark.skipif("torch" not in available_engines(), reason="compares with torch")
def test_the_engines_agree_on_every_style(library: ModelLibrary) -> None:
    rgb = texture(120, 200, 4)
    for record in library.style_records():
        painters = [painter_of(library, record["id"], engine) for engine in ("opencv", "torch")]
        one, other = (painter.measure([rgb]) for painter in painters)
        np.testing.assert_allclose(one.mean, other.mean, rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(one.variance, other.variance, rtol=1e-3, atol=1e-3)
        by_opencv, by_torch = (painter.paint(rgb, one) for painter in painters)
        assert apart(by_opencv, by_torch).max() <= AGREEMENT
        assert painters[0].key == painters[1].key, "a cache painted by one engine serves the other"


def test_styles_and_brushes_paint_differently_and_have_their_own_keys(library: ModelLibrary) -> None:
    rgb = texture(180, 240)
    paintings, keys = [], set()
    for record in library.style_records():
        painter = painter_of(library, record["id"], "opencv")
        paintings.append(painter.paint(rgb, painter.measure([rgb])))
        keys.add(painter.key)
    for brush_size in (2.0, 4.0):
        painter = painter_of(library, library.style_records()[0]["id"], "opencv", brush_size)
        paintings.append(painter.paint(rgb, painter.measure([rgb])))
        keys.add(painter.key)
    assert len(keys) == len(paintings)
    for i, one in enumerate(paintings):
        assert one.shape == rgb.shape
        assert all(apart(one, other).mean() > 2 for other in paintings[:i])


def test_brush_size_1_is_what_suits_the_style(library: ModelLibrary, style: str) -> None:
    rgb, preset = texture(180, 240), library.style(style)
    engine = make_engine(StylizeSettings(engine="opencv"), preset.network)
    broad = FeedForwardPainter(engine, dataclasses.replace(preset, brush=2.0))
    narrow = FeedForwardPainter(engine, dataclasses.replace(preset, brush=1.0), 2.0)
    assert broad.key == narrow.key
    statistics = narrow.measure([rgb])
    np.testing.assert_array_equal(broad.paint(rgb, statistics), narrow.paint(rgb, statistics))


@engines
def test_no_pixel_reaches_farther_than_the_margin(library: ModelLibrary, style: str, engine: str) -> None:
    painter = painter_of(library, style, engine)
    margin = library.style(style).network.margin
    rgb = texture(360, 360)  # painted at its own size
    statistics = painter.measure([rgb])
    changed = rgb.copy()
    changed[100:104, 100:104] = 255 - changed[100:104, 100:104]
    difference = apart(painter.paint(rgb, statistics), painter.paint(changed, statistics)).max(axis=2)
    rows, columns = np.where(difference > ROUNDED[engine])
    assert difference.max() > 5, "the change is seen where it is"
    reach = max(100 - rows.min(), rows.max() - 103, 100 - columns.min(), columns.max() - 103)
    assert 0 < reach <= margin


@engines
def test_light_in_one_corner_does_not_change_the_other(library: ModelLibrary, style: str, engine: str) -> None:
    """With the statistics of the shot fixed there is no pumping: the reason why painting is not normalised by frame."""
    painter = painter_of(library, style, engine)
    rgb = texture(360, 360)
    lit = rgb.copy()
    lit[:150, :150] = 255
    statistics = painter.measure([rgb])
    difference = apart(painter.paint(rgb, statistics), painter.paint(lit, statistics))
    assert difference[:150, :150].mean() > 10
    margin = library.style(style).network.margin
    elsewhere = difference[150 + margin :, 150 + margin :]
    assert elsewhere.max() <= ROUNDED[engine] and np.count_nonzero(elsewhere) < 0.001 * elsewhere.size


@pytest.mark.parametrize("brush_size", [1.0, 2.0])
def test_strokes_belong_to_the_picture_not_to_its_resolution(
    library: ModelLibrary, style: str, brush_size: float
) -> None:
    """Two sizes of one picture become the same painting; at one scale of pixels they would become two."""
    painter = painter_of(library, style, "opencv", brush_size)
    final = cv2.resize(texture(180, 240, 3), (960, 720), interpolation=cv2.INTER_CUBIC)
    draft = cv2.resize(final, (480, 360), interpolation=cv2.INTER_AREA)
    large, small = (painter.paint(rgb, painter.measure([rgb])) for rgb in (final, draft))
    difference = apart(cv2.resize(large, (480, 360), interpolation=cv2.INTER_AREA), small).mean()
    own = make_painter(StylizeSettings(style=style, engine="opencv", brush_size=brush_size / 2), library)
    finer = cv2.resize(own.paint(final, own.measure([final])), (480, 360), interpolation=cv2.INTER_AREA)
    assert difference < 5 < apart(finer, small).mean()


@pytest.mark.parametrize("size", [(1, 4000), (4000, 2), (3, 1000), (1500, 100)])
def test_extreme_shapes_are_painted(painter: FeedForwardPainter, size: tuple[int, int]) -> None:
    rgb = texture(*size)
    assert painter.paint(rgb, painter.measure([rgb])).shape == rgb.shape


def test_statistics_of_several_frames_are_those_of_all_their_pixels() -> None:
    rng = np.random.default_rng(0)
    frames = [rng.normal(i, 1 + i, (1000, 3)) for i in range(4)]
    parts = [ShotStatistics(f.mean(axis=0).astype(np.float32), f.var(axis=0).astype(np.float32)) for f in frames]
    pooled, everything = ShotStatistics.pooled(parts), np.concatenate(frames)
    np.testing.assert_allclose(pooled.mean, everything.mean(axis=0), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(pooled.variance, everything.var(axis=0), rtol=1e-5)


def test_statistics_come_back_from_the_cache() -> None:
    rng = np.random.default_rng(0)
    statistics = ShotStatistics(*rng.random((2, 12)).astype(np.float32))
    again = ShotStatistics.from_bytes(statistics.to_bytes(), 12)
    np.testing.assert_array_equal(again.mean, statistics.mean)
    np.testing.assert_array_equal(again.variance, statistics.variance)
    with pytest.raises(MediaError, match="24 numbers; 26 were expected"):
        ShotStatistics.from_bytes(statistics.to_bytes(), 13)


def test_a_black_shot_is_painted_without_a_warning(painter: FeedForwardPainter) -> None:
    black = np.zeros((48, 64, 3), np.uint8)
    with np.errstate(all="raise"):
        painted = painter.paint(black, painter.measure([black]))
    assert painted.shape == black.shape


def test_a_device_that_is_not_there_is_told(library: ModelLibrary, style: str) -> None:
    network = library.style(style).network
    with pytest.raises(EngineError, match="OpenCV runs on the processor, not on 'cuda'"):
        make_engine(StylizeSettings(engine="opencv", device="cuda"), network)
    missing = [device for device in ("cuda", "mps") if device != device_in_use()]
    for engine in ("torch", "auto"):
        with pytest.raises(EngineError, match=f"The device '{missing[0]}' is not available|has no torch") as told:
            make_engine(StylizeSettings(engine=engine, device=missing[0]), network)
        assert "Automatic" in told.value.hint, "an editor can choose that, but no engine"


def test_a_network_that_opencv_cannot_read_is_told(library: ModelLibrary, style: str, tmp_path: Path) -> None:
    network = library.style(style).network
    for name, content in (("text.onnx", b"no network"), ("half.onnx", network.painter.read_bytes()[:100_000])):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError, match=rf"The network .*{name} does not hold the weights"):
            OpenCVEngine(dataclasses.replace(network, painter=tmp_path / name))
