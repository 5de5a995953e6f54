# SPDX-License-Identifier: GPL-3.0-or-later
"""Unusual but right input: one frame, odd and tiny sizes, alpha, negative frames, strange names, an unsaved file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import timeline

STRANGE = 'Zoë\'s "clip" (été) 映画 #1'


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Each case on a timeline of its own: painted at full strength, then rendered."""
    media = Path(options["media"])
    told: dict[str, Any] = {}
    for name, make in CASES.items():
        place = work / name.replace(" ", "_")
        place.mkdir(parents=True)
        try:
            scene, strip = make(media, place)
        except timeline.Unavailable as reason:
            told[name] = {"unavailable": str(reason)}
            continue
        timeline.select(scene, strip.name, "noise")
        if "noise" in timeline.names(scene):  # as Blender 5.2 leaves it after a movie with sound was added
            scene.sequence_editor.active_strip = timeline.strips(scene)["noise"]
        first, end = timeline.first_frame(strip), timeline.end_frame(strip)
        source = timeline.render(scene, place / "source", [first, end - 1])
        error = timeline.stylize(style="starry-night")
        result = f"{strip.name} (Brushflow)"
        _, shown = timeline.addon("panels.panels").active_pair(scene)
        told[name] = {
            "error": error,
            "panel shows": shown.name if shown else None,
            "range": [first, end],
            "size": [scene.render.resolution_x, scene.render.resolution_y],
            "result": timeline.describe(scene, result) if result in timeline.names(scene) else None,
            "source": source,
            "rendered": timeline.render(scene, place / "painted", [first, end - 1]),
            "job": timeline.last_job(),
        }
    return told


def one_frame(media: Path, place: Path) -> tuple[Any, Any]:
    scene = timeline.new()
    strip = timeline.image_strip(timeline.strips(scene), "still", [media / "images/005.png"], 1, 7)
    timeline.save(place / "edit.blend")
    return scene, strip


def held_still(media: Path, place: Path) -> tuple[Any, Any]:
    scene, strip = one_frame(media, place)
    timeline.set_end(strip, 12)
    return scene, strip


def sized(width: int, height: int) -> Callable[[Path, Path], tuple[Any, Any]]:
    def make(media: Path, place: Path) -> tuple[Any, Any]:
        scene = timeline.new(width, height)
        strip = timeline.strips(scene).new_movie(
            name="clip", filepath=str(media / "clip.mkv"), channel=1, frame_start=1, fit_method="STRETCH"
        )
        timeline.set_end(strip, 4)
        timeline.save(place / "edit.blend")
        return scene, strip

    return make


def one_pixel(media: Path, place: Path) -> tuple[Any, Any]:
    scene = timeline.new()
    strip = timeline.image_strip(timeline.strips(scene), "pixel", [media / "tiny.png"], 1, 1)
    timeline.set_end(strip, 3)
    timeline.save(place / "edit.blend")
    return scene, strip


def alpha(media: Path, place: Path) -> tuple[Any, Any]:
    scene = timeline.new()
    below = timeline.effect(timeline.strips(scene), "COLOR", "below", 1, 1, 3)
    below.color = (0.2, 0.9, 0.1)
    strip = timeline.image_strip(timeline.strips(scene), "glass", [media / "alpha.png"], 2, 1)
    timeline.set_end(strip, 4)
    timeline.save(place / "edit.blend")
    return scene, strip


def before_zero(media: Path, place: Path) -> tuple[Any, Any]:
    scene = timeline.new()
    strip = timeline.strips(scene).new_movie(name="early", filepath=str(media / "clip.mkv"), channel=1, frame_start=-6)
    timeline.set_end(strip, 2)
    timeline.save(place / "edit.blend")
    return scene, strip


def strange_names(media: Path, place: Path) -> tuple[Any, Any]:
    folder = place / STRANGE
    folder.mkdir()
    shutil.copyfile(media / "clip.mkv", folder / f"{STRANGE}.mkv")
    scene = timeline.new()
    scene.name = STRANGE
    timeline.save(folder / f"{STRANGE}.blend")
    strip = timeline.strips(scene).new_movie(name=STRANGE, filepath=f"//{STRANGE}.mkv", channel=1, frame_start=1)
    timeline.set_end(strip, 4)
    timeline.save(folder / f"{STRANGE}.blend")
    return scene, strip


def unsaved(media: Path, _place: Path) -> tuple[Any, Any]:
    scene = timeline.new()
    strip = timeline.strips(scene).new_movie(name="clip", filepath=str(media / "clip.mkv"), channel=1, frame_start=1)
    timeline.set_end(strip, 4)
    assert not bpy.data.filepath
    return scene, strip


def faded_and_covered(media: Path, place: Path) -> tuple[Any, Any]:
    """The source itself fades, others lie above it, one of them with an animated mute."""
    scene = timeline.new()
    strip = timeline.strips(scene).new_movie(name="clip", filepath=str(media / "clip.mkv"), channel=1, frame_start=1)
    timeline.set_end(strip, 5)
    timeline.key_opacity(scene, strip, {1: 0.0, 4: 1.0})
    cover = timeline.effect(timeline.strips(scene), "COLOR", "cover", 3, 1, 4)
    for frame, muted in ((1, True), (3, False)):
        cover.mute = muted
        cover.keyframe_insert("mute", frame=frame)
    timeline.save(place / "edit.blend")
    return scene, strip


def sound_beside(media: Path, place: Path) -> tuple[Any, Any]:
    scene, strip = sized(64, 48)(media, place)
    timeline.sound_strip(timeline.strips(scene), "noise", media / "sound.wav", 2, 1)
    return scene, strip


CASES = {
    "one frame": one_frame,
    "held still": held_still,
    "odd size": sized(67, 45),
    "smallest size": sized(4, 4),
    "flat size": sized(97, 4),
    "one pixel": one_pixel,
    "alpha": alpha,
    "before zero": before_zero,
    "strange names": strange_names,
    "unsaved": unsaved,
    "faded and covered": faded_and_covered,
    "sound beside": sound_beside,
}
