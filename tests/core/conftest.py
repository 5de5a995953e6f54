# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped models and a painter, loaded once for all tests of core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.paint.feedforward import FeedForwardPainter
    from core.weights import ModelLibrary


@pytest.fixture(scope="session")
def library() -> ModelLibrary:
    """The shipped models."""
    from core.weights import ModelLibrary

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
