# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped models, a painter, and a clip with its painting: made once for all tests of core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.paint.feedforward import FeedForwardPainter
    from core.storage.frames import Clip
    from core.styles.weights import ModelLibrary


@pytest.fixture(scope="session")
def library() -> ModelLibrary:
    """The shipped models."""
    from core.styles.weights import ModelLibrary

    return ModelLibrary()


@pytest.fixture(scope="session")
def style(library: ModelLibrary) -> str:
    """The first shipped style."""
    return str(library.style_records()[0]["id"])


@pytest.fixture(scope="session")
def painter(library: ModelLibrary, style: str) -> FeedForwardPainter:
    """The painter that Blender uses: the first style, through OpenCV."""
    from core.paint.choice import make_painter
    from core.settings import StylizeSettings

    return make_painter(StylizeSettings(style=style, engine="opencv"), library)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A square that moves over a ground that stands still, with noise: carried paint, new paint and holes."""
    from made_clips import moving_square, noisy, write_clip
    from painting_jobs import COUNT

    frames, _ = moving_square(COUNT, side=24, step=3)
    return write_clip(tmp_path_factory.mktemp("clip"), noisy(frames, 2.0))


@pytest.fixture(scope="session")
def whole(clip: Clip, painter: FeedForwardPainter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The clip painted in one go on an empty cache."""
    from painting_jobs import results, run

    folder = tmp_path_factory.mktemp("whole")
    summary = run(clip, painter, folder / "out", folder / "cache")
    assert (summary.painted, summary.reused) == (len(clip), 0)
    return results(folder / "out")
