# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be painted is refused with a sentence, before any work, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """One refusal after another; the sentence of each, and what it left."""
    media = Path(options["media"])
    told: dict[str, Any] = {}
    for name in options.get("only", [case for case in CASES if case != "full disk"]):
        make = CASES[name]
        place = work / name.replace(" ", "_")
        scene = timeline.new()
        try:
            make(scene, media, place)
        except timeline.Unavailable as reason:
            told[name] = {"unavailable": str(reason)}
            continue
        if not bpy.data.filepath:
            timeline.save(place / "edit.blend")
        before = timeline.names(scene)
        sentence = timeline.stylize(style="no such style" if name == "unknown style" else "starry-night")
        left = sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.name != "edit.blend")
        told[name] = {"sentence": sentence, "added": sorted(set(timeline.names(scene)) - set(before)), "left": left}
        bpy.context.preferences.addons["bl_ext.user_default.brushflow"].preferences.cache_folder = ""
    return told


def missing_movie(scene: Any, _media: Path, _place: Path) -> None:
    timeline.strips(scene).new_movie(name="gone", filepath="/nowhere/gone.mp4", channel=1, frame_start=1)
    timeline.select(scene, "gone")


def missing_picture(scene: Any, media: Path, place: Path) -> None:
    files = [media / "images/001.png", media / "images/not there.png"]
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    timeline.select(scene, "pictures")


def missing_in_meta(scene: Any, _media: Path, _place: Path) -> None:
    meta = timeline.strips(scene).new_meta(name="meta", channel=1, frame_start=1)
    timeline.contents(meta).new_movie(name="inner", filepath="/nowhere/inner.mp4", channel=1, frame_start=1)
    timeline.select(scene, "meta")


def sound(scene: Any, media: Path, _place: Path) -> None:
    timeline.sound_strip(timeline.strips(scene), "noise", media / "sound.wav", 1, 1)
    timeline.select(scene, "noise")


def adjustment(scene: Any, _media: Path, _place: Path) -> None:
    timeline.effect(timeline.strips(scene), "ADJUSTMENT", "layer", 1, 1, 4)
    timeline.select(scene, "layer")


def empty_meta(scene: Any, _media: Path, _place: Path) -> None:
    timeline.strips(scene).new_meta(name="empty", channel=1, frame_start=1)
    timeline.select(scene, "empty")


def no_camera(scene: Any, _media: Path, _place: Path) -> None:
    timeline.strips(scene).new_scene(name="world", scene=bpy.data.scenes.new("World"), channel=1, frame_start=1)
    timeline.select(scene, "world")


def nothing_selected(scene: Any, media: Path, _place: Path) -> None:
    colour(scene, media, _place)
    timeline.select(scene)


def colour(scene: Any, _media: Path, _place: Path) -> None:
    timeline.effect(timeline.strips(scene), "COLOR", "colour", 1, 1, 4)
    timeline.select(scene, "colour")


def cache_below_a_file(scene: Any, media: Path, place: Path) -> None:
    colour(scene, media, place)
    place.mkdir()
    (place / "file").write_text("not a folder")
    set_cache(place / "file" / "cache")


def full_disk(scene: Any, media: Path, _place: Path) -> None:
    """The folder is a small disk that the test has filled."""
    colour(scene, media, _place)
    set_cache(Path(os.environ["BRUSHFLOW_TEST_FULL_DISK"]))


def no_free_channel(scene: Any, media: Path, _place: Path) -> None:
    strip = timeline.effect(timeline.strips(scene), "COLOR", "highest", 128, 1, 4)
    timeline.select(scene, strip.name)


def set_cache(folder: Path) -> None:
    bpy.context.preferences.addons["bl_ext.user_default.brushflow"].preferences.cache_folder = str(folder)


CASES = {
    "missing movie": missing_movie,
    "missing picture": missing_picture,
    "missing in meta": missing_in_meta,
    "sound": sound,
    "adjustment": adjustment,
    "empty meta": empty_meta,
    "no camera": no_camera,
    "nothing selected": nothing_selected,
    "unknown style": colour,
    "cache below a file": cache_below_a_file,
    "no free channel": no_free_channel,
    "full disk": full_disk,
}
