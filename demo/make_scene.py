# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the demo clip: two shots with a hard cut between them, 120 frames of 640x360 at 24 a second, with sound.

Run it with the Python of a Blender environment (``python -m tests.blender.environments 5.0`` makes one):

    .blender/5.0/bin/python demo/make_scene.py --out demo/clip.mp4
    .blender/5.0/bin/python demo/make_scene.py --motion build/motion      # the true motion of every frame

Everything comes from code: ``landscape.py`` and ``sea.py`` build the shots of ``shapes.py``'s parts, ``melody.py`` the
sound; Blender's Cycles renders on the CPU and Blender's sequencer joins pictures and sound. Frames that are already in
``--frames`` are not rendered again: after a change of a shot, remove them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))

import landscape
import melody
import motion
import sea

SHOTS = ((landscape.build, range(1, 61)), (sea.build, range(61, 121)))
WIDTH, HEIGHT, RATE, LAST = 640, 360, 24, 120


def main() -> None:
    """Reads the command line and makes what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="the movie to write, .mp4")
    parser.add_argument("--motion", type=Path, help="a folder for the true motion, one .npz a frame")
    parser.add_argument("--frames", type=Path, default=Path("build/demo_frames"), help="where rendered frames are kept")
    options = parser.parse_args()
    if not options.out and not options.motion:
        parser.error("nothing to do: give --out MOVIE.mp4 or --motion FOLDER")
    if options.out:
        render_frames(options.frames.resolve())
        encode(options.frames.resolve(), options.out.resolve())
    if options.motion:
        for build, frames in SHOTS:
            build_shot(build, frames)
            motion.write_motion(options.motion.resolve(), frames)


def build_shot(build: Callable[[range], None], frames: range) -> bpy.types.Scene:
    """A fresh scene with one shot in it, ready to render its picture."""
    scene = _fresh_scene(frames)
    build(frames)
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = True
    scene.view_settings.view_transform = "Khronos PBR Neutral"  # keeps strong colours strong
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling = 10, False
    cycles.max_bounces = cycles.diffuse_bounces = 1
    cycles.use_denoising, cycles.denoiser, cycles.denoising_prefilter = True, "OPENIMAGEDENOISE", "FAST"
    return scene


def render_frames(folder: Path) -> None:
    """Renders the frames that are not in the folder yet, as 0001.png and on."""
    folder.mkdir(parents=True, exist_ok=True)
    for build, frames in SHOTS:
        missing = [frame for frame in frames if not (folder / f"{frame:04}.png").exists()]
        if not missing:
            continue
        scene = build_shot(build, frames)
        for frame in missing:
            started = time.monotonic()
            scene.frame_set(frame)
            scene.render.filepath = str(folder / "rendering.png")
            bpy.ops.render.render(write_still=True)
            os.replace(folder / "rendering.png", folder / f"{frame:04}.png")
            print(f"frame {frame} of {LAST}: {time.monotonic() - started:.1f} s", flush=True)


def encode(folder: Path, movie: Path) -> None:
    """Joins the frames and the melody to an H.264/AAC movie with Blender's sequencer."""
    scene = _fresh_scene(range(1, LAST + 1))
    scene.view_settings.view_transform = "Standard"
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    pictures = strips.new_image("pictures", str(folder / "0001.png"), channel=1, frame_start=1)
    for frame in range(2, LAST + 1):
        pictures.elements.append(f"{frame:04}.png")
    render = scene.render
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    video = render.ffmpeg
    video.format, video.codec, video.constant_rate_factor, video.gopsize = "MPEG4", "H264", "HIGH", 12
    video.ffmpeg_preset = "BEST"
    video.audio_codec, video.audio_bitrate, video.audio_mixrate = "AAC", 160, melody.RATE
    movie.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        sound = Path(place) / "melody.wav"
        melody.write_melody(sound, LAST / RATE)
        strips.new_sound("melody", str(sound), channel=2, frame_start=1)
        render.filepath = str(movie)
        bpy.ops.render.render(animation=True)
    print(f"{movie}: {movie.stat().st_size / 1e6:.2f} MB")


def _fresh_scene(frames: range) -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = frames.start, frames.stop - 1
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
    render.fps, render.use_motion_blur, render.dither_intensity = RATE, False, 0.0
    return scene


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module may hang or crash while Python shuts down
