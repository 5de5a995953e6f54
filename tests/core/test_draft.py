# SPDX-License-Identifier: GPL-3.0-or-later
"""A draft: the strokes of the final, at the final's size, from less work."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import panning, write_clip
from painting_jobs import results, run

from core.draft import SHORT_SIDE, DraftClip
from core.paint.choice import make_painter
from core.paint.feedforward import FeedForwardPainter
from core.paint.resolution import working_size
from core.settings import StylizeSettings
from core.storage.frames import Clip, read_frame
from core.styles.weights import ModelLibrary

SIZE = 2 * SHORT_SIDE, 3 * SHORT_SIDE


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Nine frames, one stretch, twice as large as a draft works; with alpha."""
    alphas = [frame[..., 0] for frame in panning(9, *SIZE, seed=3)]
    return write_clip(tmp_path_factory.mktemp("large"), panning(9, *SIZE), alphas)


@pytest.fixture(scope="module")
def draft(large: Clip, painter: FeedForwardPainter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the large clip's draft; its cache lies beside it."""
    folder = tmp_path_factory.mktemp("draft")
    run(large, painter, folder / "out", folder / "cache", is_draft=True)
    return folder


def test_a_draft_has_the_size_and_the_alpha_of_its_source(large: Clip, draft: Path) -> None:
    for index, path in enumerate(sorted((draft / "out").iterdir())):
        frame, source = read_frame(path), large.read(index)
        assert frame.size == SIZE
        assert frame.alpha is not None and source.alpha is not None
        np.testing.assert_array_equal(frame.alpha, source.alpha)


def test_a_draft_has_the_strokes_of_the_final(large: Clip, draft: Path, library: ModelLibrary, style: str) -> None:
    """Seen small, it is nearer to the final than the final with a wide brush is."""
    seen = []
    for brush_size in (1.0, 2.0):
        painter = make_painter(StylizeSettings(style=style, engine="opencv", brush_size=brush_size), library)
        seen.append(_small(painter.paint(large.read(0).rgb, painter.measure([large.read(0).rgb]))))
    drafted = _small(read_frame(draft / "out" / "000000.png").rgb)
    apart = [float(np.abs(drafted - final).mean()) for final in seen]
    assert apart[0] < 0.6 * apart[1], apart


def test_a_draft_is_painted_at_the_working_size_of_the_final(large: Clip) -> None:
    small = DraftClip(large.paths).read(0)
    assert min(small.size) == SHORT_SIDE
    assert working_size(*small.size, 1.0) == working_size(*SIZE, 1.0)


def test_only_anchors_are_painted(large: Clip, draft: Path) -> None:
    painted = [path for path in (draft / "cache" / "stages" / "painted").rglob("*.png")]
    assert len(painted) == 2


def test_draft_and_final_of_a_small_clip_do_not_take_each_other_for_their_own(
    clip: Clip, painter: FeedForwardPainter, tmp_path: Path
) -> None:
    """Nothing is made smaller here: the pixels, and so the keys, of both are the same up to the last one."""
    for name, is_draft in (("final", False), ("draft", True), ("final again", False), ("draft again", True)):
        summary = run(clip, painter, tmp_path / name, tmp_path / "cache", is_draft=is_draft)
        assert (summary.reused > 0) == name.endswith("again")
    assert results(tmp_path / "final") == results(tmp_path / "final again")
    assert results(tmp_path / "draft") == results(tmp_path / "draft again") != results(tmp_path / "final")


def test_colours_are_locked_to_the_whole_source(large: Clip, painter: FeedForwardPainter, tmp_path: Path) -> None:
    run(large, painter, tmp_path / "out", tmp_path / "cache", wanted=[0], colour_lock=1.0, is_draft=True)
    chroma = [_chroma(picture.rgb) for picture in (read_frame(tmp_path / "out" / "000000.png"), large.read(0))]
    assert np.abs(chroma[0] - chroma[1]).mean() < 4.0


def _small(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(rgb, (SIZE[1] // 2, SIZE[0] // 2), interpolation=cv2.INTER_AREA), np.float32)


def _chroma(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)[..., 1:], np.float32)
