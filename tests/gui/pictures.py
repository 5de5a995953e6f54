# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the README's pictures of the panel anew, with the models of this checkout (free of bpy).

    python -m tests.gui.pictures [--style starry-night]

Needs what the tests of this folder need. Writes ``docs/pictures/panel.png`` and ``docs/pictures/painting.png``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from build_addon import BuildRefused, build, this_platform
from tests.gui.window import ARTIFACTS, REPOSITORY, NoWindow, window_blender

PICTURES = REPOSITORY / "docs" / "pictures"
_LARGEST = 300_000  # bytes
_LENGTH = 72


def main(arguments: list[str] | None = None) -> int:
    """Takes the pictures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", default="starry-night", help="a style preset")
    options = parser.parse_args(arguments)
    try:
        blender = window_blender(ARTIFACTS / "profile")
        with tempfile.TemporaryDirectory() as folder:
            blender.install(build(REPOSITORY, this_platform(), Path(folder)))
    except (NoWindow, BuildRefused) as problem:
        print(f"No pictures: {problem}", file=sys.stderr)
        return 1
    out, clip = ARTIFACTS / "pictures", REPOSITORY / "demo" / "clip.mp4"
    box = blender.play("picture", out, clip=str(clip), length=_LENGTH, style=options.style)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for source, name in (("painted", "panel"), ("painting", "painting")):
        picture = cv2.imread(str(out / f"{source}.png"))
        assert picture is not None, source
        path = PICTURES / f"{name}.png"
        path.write_bytes(small_png(np.asarray(picture[box["top"] :, box["left"] :], np.uint8)))
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
    return 0


def small_png(picture: NDArray[np.uint8]) -> bytes:
    """A PNG of at most 300 kB: as it is if it fits, else with fewer bits a channel, else smaller."""
    for bits in (8, 6, 5):
        step = 1 << (8 - bits)
        coarse = (picture // step * step + step // 2) if step > 1 else picture
        data = _png(np.asarray(coarse, np.uint8))
        if len(data) <= _LARGEST:
            return data
    scale = 0.95 * (_LARGEST / len(data)) ** 0.5
    return small_png(np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8))


def _png(picture: NDArray[np.uint8]) -> bytes:
    good, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert good
    return data.tobytes()


if __name__ == "__main__":
    sys.exit(main())
