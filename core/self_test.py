# SPDX-License-Identifier: GPL-3.0-or-later
"""``self-test`` on the command line: paints one picture with each engine and says what this machine can do."""

from __future__ import annotations

import platform
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .errors import EngineError, ModelError
from .flow.dis import DisFlow
from .paint.choice import available_engines, device_in_use, make_painter
from .settings import StylizeSettings
from .styles.weights import ModelLibrary

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEIGHT, _WIDTH = 360, 640
# The promise of the two engines, in steps of 255.
_AGREEMENT = 2


def self_test() -> None:
    """Paint, compare and print.

    Raises:
        ModelError: a model is missing or damaged, or the painting is not a picture.
        EngineError: the engines do not agree.
    """
    print(f"Python {platform.python_version()}, numpy {np.__version__}, OpenCV {cv2.__version__}")
    print(platform.platform())
    print(f"Engines: {', '.join(available_engines())}; device: {device_in_use()}")
    library = ModelLibrary()
    styles = [record["id"] for record in library.style_records()]
    picture = _picture()
    paintings = {}
    for engine in available_engines():
        painter = make_painter(StylizeSettings(style=styles[0], engine=engine, device="cpu"), library)
        statistics = painter.measure([picture])
        painter.paint(picture, statistics)  # the first pass also prepares the network
        started = time.perf_counter()
        paintings[engine] = painter.paint(picture, statistics)
        print(f"{engine}: one {_WIDTH}x{_HEIGHT} frame in {1000 * (time.perf_counter() - started):.0f} ms")
        if paintings[engine].std() < 1.0:
            raise ModelError(f"The painting of {styles[0]!r} by {engine} is one flat colour.", "Reinstall the add-on.")
    first, *others = paintings.values()
    for other in others:
        apart = int(np.abs(first.astype(np.int16) - other).max())
        print(f"Engines differ by at most {apart} of 255")
        if apart > _AGREEMENT:
            raise EngineError(f"The engines differ by {apart} of 255; at most {_AGREEMENT} was expected.")
    started = time.perf_counter()
    DisFlow().estimate(picture, np.roll(picture, 3, axis=1))
    print(f"Flow in both directions in {1000 * (time.perf_counter() - started):.0f} ms")
    print(f"{len(styles)} styles: {', '.join(styles)}")
    print("Ready.")


def _picture() -> NDArray[np.uint8]:
    """A sky over a field with a sun: smooth, textured and sharp parts."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    field = y > 200 + 20 * np.sin(x / 60)
    blades = 30 * np.sin(x / 3 + y / 2)
    red = np.where(field, 90 + blades, 120 + y / 4)
    green = np.where(field, 140 + blades, 160 + y / 5)
    blue = np.where(field, 60 + blades / 2, 230 - y / 6)
    sun = np.hypot(x - 480, y - 90) < 40
    picture = np.dstack([np.where(sun, colour, plane) for plane, colour in ((red, 255), (green, 220), (blue, 90))])
    return np.asarray(np.clip(picture, 0, 255), np.uint8)
