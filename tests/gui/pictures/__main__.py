# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures of README and manual anew, with the models of this checkout (free of bpy).

    python -m tests.gui.pictures [--style starry-night] [--only panel timeline browser tab queue]

Needs what the tests of this folder need. Writes ``docs/pictures/panel.png`` and ``docs/pictures/painting.png``, and
the manual's pictures into ``docs/pictures/manual``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image

from build_addon import BuildRefused, build, this_platform
from tests.gui.pictures.cutting import cut, save_photograph, save_small
from tests.gui.window import ARTIFACTS, REPOSITORY, NoWindow, WindowBlender, window_blender

PICTURES = REPOSITORY / "docs" / "pictures"
CLIP = REPOSITORY / "demo" / "clip.mp4"
_README_LENGTH = 72
_LENGTH = 48
_SECONDS = 2400  # a session may take on a busy machine
_SECOND_STYLE = "great-wave"
_PICTURE = "great-wave"  # of those in models/styles
_PHOTOGRAPHS = {"preview"}
# Of the manual, with the size of their windows.
_SESSIONS = {"timeline": (1120, 900), "browser": (1120, 900), "tab": (1000, 2300), "queue": (1000, 1700)}
_ALL = ("panel", *_SESSIONS)


def main(arguments: list[str] | None = None) -> int:
    """Takes the pictures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", default="starry-night", help="a style preset")
    parser.add_argument("--only", nargs="+", choices=_ALL, default=_ALL, help="take only these")
    options = parser.parse_args(arguments)
    try:
        blender = window_blender(ARTIFACTS / "profile")
        with tempfile.TemporaryDirectory() as folder:
            blender.install(build(REPOSITORY, this_platform(), Path(folder)))
    except (NoWindow, BuildRefused) as problem:
        print(f"No pictures: {problem}", file=sys.stderr)
        return 1
    (PICTURES / "manual").mkdir(parents=True, exist_ok=True)
    if "panel" in options.only:
        _of_readme(blender, options.style)
    whole = [_of_manual(blender, name, options.style) for name in _SESSIONS if name in options.only]
    return 0 if all(whole) else 1


def _of_readme(blender: WindowBlender, style: str) -> None:
    out = ARTIFACTS / "pictures"
    blender.play("picture", out, clip=str(CLIP), length=_README_LENGTH, style=style, seconds=_SECONDS)
    for source, name in (("painted", "panel"), ("painting", "painting")):
        with Image.open(out / f"{source}.png") as picture:
            _tell(save_small(picture.convert("RGB"), PICTURES / f"{name}.png", largest=300_000))


def _of_manual(blender: WindowBlender, session: str, style: str) -> bool:
    """Plays one of the manual's sessions and cuts out what is to be shown; False where it broke off on its way."""
    out = ARTIFACTS / f"manual_{session}"
    picture = REPOSITORY / "models" / "styles" / f"{_PICTURE}.jpg"
    order = {"clip": str(CLIP), "length": _LENGTH, "style": style, "second": _SECOND_STYLE, "picture": str(picture)}
    problem = ""
    try:
        blender.play(f"manual_{session}", out, _SESSIONS[session], seconds=_SECONDS, **order)
    except AssertionError as error:
        problem = str(error)
        print(problem, file=sys.stderr)
    album = out / "album.json"
    pictures = json.loads(album.read_text("utf-8")) if album.is_file() else {}
    for name, boxes in pictures.items():
        with Image.open(out / f"{name}.png") as screen:
            part = cut(screen.convert("RGB"), boxes)
        path = PICTURES / "manual" / name
        save = save_photograph if name in _PHOTOGRAPHS else save_small
        _tell(save(part, path.with_suffix(".jpg" if name in _PHOTOGRAPHS else ".png")))
    return not problem


def _tell(path: Path) -> None:
    print(f"{path}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
