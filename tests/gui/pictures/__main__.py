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

from PIL import Image

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
    blender.play("picture", out, clip=str(clip), length=_LENGTH, style=options.style)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for source, name in (("painted", "panel"), ("painting", "painting")):
        path = PICTURES / f"{name}.png"
        with Image.open(out / f"{source}.png") as picture:
            save_small(picture.convert("RGB"), path)
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
    return 0


def save_small(picture: Image.Image, path: Path) -> None:
    """Saves as PNG of at most 300 kB: with 256 colours, and smaller only if that is not enough."""
    picture.quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
    if path.stat().st_size > _LARGEST:
        scale = 0.95 * (_LARGEST / path.stat().st_size) ** 0.5
        save_small(picture.resize((round(picture.width * scale), round(picture.height * scale))), path)


if __name__ == "__main__":
    sys.exit(main())
