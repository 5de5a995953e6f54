# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, as an editor goes it: ``python -m demo.run`` (free of bpy).

Builds the zip, installs it into Blender, lets ``demo/edit.py`` stylize, keyframe and render inside that Blender, and
lays six moments of the source above the same moments of the result. Every step is printed with its time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

import build_addon
from core.settings import picture_of
from tests.blender.environments import environment

ROOT = Path(__file__).resolve().parent.parent
BLENDER = "5.0"
_MOMENTS = 6
_IN_A_ROW = 3
_SHEET_WIDTH = 480  # of one picture
# Blender 5.0 tells of every frame it encodes; the steps should be seen instead.
_CHATTER = re.compile(r"^\d\d:\d\d\.\d+ +render ")


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, default=ROOT / "demo" / "clip.mp4", help="a movie, best with sound")
    parser.add_argument("--style", default="starry-night", help="a style preset, or any picture's file")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "demo", help="folder for what is made")
    options = parser.parse_args(arguments)
    clip = options.clip.resolve()
    if not clip.is_file():
        print(f"There is no movie {clip}; name one with CLIP=my.mp4.", file=sys.stderr)
        return 1
    style, picture = options.style, picture_of(options.style)
    if picture is not None:
        style = str(picture.resolve())
        if not picture.is_file():
            print(f"There is no picture {style}; name one with STYLE=my.jpg, or a preset.", file=sys.stderr)
            return 1
    out = options.out.resolve()
    movie = out / f"{clip.stem}-{picture.stem if picture else style}.mp4"
    with _step("the zip is built"):
        addon = build_addon.build(ROOT, build_addon.this_platform(), ROOT / "dist")
    with _step(f"Blender {BLENDER} is ready"):
        python = environment(BLENDER)
    profile, edit = out / "blender", out / "edit"
    for folder in (profile, edit):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    order = {
        "addon": str(addon),
        "clip": str(clip),
        "has_sound": _has_sound(clip),
        "style": style,
        "project": str(edit / "edit.blend"),
        "movie": str(movie),
    }
    command = [str(python), str(ROOT / "demo" / "edit.py"), json.dumps(order)]
    if _run(command, {**os.environ, "BLENDER_USER_RESOURCES": str(profile)}) != 0:
        print("The edit did not end well; what Blender said stands above.", file=sys.stderr)
        return 1
    with _step("the contact sheet is made"):
        sheet = movie.with_suffix(".png")
        _write(sheet, contact_sheet(clip, movie))
    print(f"\nMovie:         {movie}\nContact sheet: {sheet}\nProject:       {order['project']}")
    return 0


def contact_sheet(source: Path, result: Path) -> NDArray[np.uint8]:
    """Six moments of the source above the same moments of the result, (H, W, 3) uint8 RGB.

    Raises:
        ValueError: the two movies differ in length or size.
    """
    count = _frame_count(source)
    if _frame_count(result) != count:
        raise ValueError(f"{result} has {_frame_count(result)} frames, {source} has {count}.")
    moments = [round(i) for i in np.linspace(0.04 * count, 0.96 * (count - 1), _MOMENTS)]
    pictures = [[_labelled(rgb, moment) for moment, rgb in _frames(path, moments)] for path in (source, result)]
    blocks = [np.hstack(row[start : start + _IN_A_ROW]) for start in range(0, _MOMENTS, _IN_A_ROW) for row in pictures]
    return np.asarray(np.vstack(blocks), np.uint8)


def _run(command: list[str], environ: dict[str, str]) -> int:
    """Run a command, print what it says but the chatter, and return its exit status."""
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not _CHATTER.match(line):
                print(line, end="", flush=True)
    return process.returncode


def _frames(path: Path, wanted: list[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                yield index, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _labelled(rgb: NDArray[np.uint8], moment: int) -> NDArray[np.uint8]:
    height = round(rgb.shape[0] * _SHEET_WIDTH / rgb.shape[1])
    small = np.asarray(cv2.resize(rgb, (_SHEET_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(small, str(moment), (8, height - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA)
    return small


def _frame_count(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def _has_sound(path: Path) -> bool:
    with av.open(str(path)) as container:
        return bool(container.streams.audio)


def _write(path: Path, rgb: NDArray[np.uint8]) -> None:
    good, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    assert good, path
    path.write_bytes(data.tobytes())


@contextmanager
def _step(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:7.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
