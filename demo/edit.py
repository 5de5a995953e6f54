# SPDX-License-Identifier: GPL-3.0-or-later
"""What an editor does: install, stylize, keyframe, render; ``demo/run.py`` runs this script inside Blender 5.0."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import bpy


def main(order: dict) -> None:
    """Make the edit that the order describes; each step is printed with its time."""
    with step("the zip is installed and enabled"):
        bpy.ops.extensions.package_install_files(filepath=order["addon"], repo="user_default", enable_on_install=True)
    with step("the clip lies on the timeline"):
        scene, clip = timeline(order)
        bpy.ops.wm.save_as_mainfile(filepath=order["project"])
    with step(f"the strip is painted as {order['style']}"):
        outcome = bpy.ops.brushflow.stylize(style=order["style"])
        result = next((strip for strip in scene.sequence_editor.strips if strip.type == "IMAGE"), None)
        if outcome != {"FINISHED"} or result is None:
            raise SystemExit("The strip was not painted.")
    with step("the strength is keyframed 0 - 1 - 0.4"):
        middle = round(clip.frame_final_start + 0.4 * clip.frame_final_duration)
        for frame, strength in ((clip.frame_final_start, 0.0), (middle, 1.0), (clip.frame_final_end - 1, 0.4)):
            result.blend_alpha = strength
            result.keyframe_insert("blend_alpha", frame=frame)
    with step("the edit is saved and rendered"):
        bpy.ops.wm.save_mainfile()
        render(scene, order["movie"])


def timeline(order: dict) -> tuple:
    """A scene that plays the clip, with its sound, as size and rate of the clip ask for."""
    scene = bpy.context.scene
    window = bpy.context.window_manager.windows[0]
    window.workspace.sequencer_scene = scene
    strips = scene.sequence_editor_create().strips
    clip = strips.new_movie("clip", order["clip"], channel=2, frame_start=1)
    if order["has_sound"]:
        strips.new_sound("sound", order["clip"], channel=1, frame_start=1)
    size = clip.elements[0]
    scene.render.resolution_x, scene.render.resolution_y = size.orig_width, size.orig_height
    scene.render.resolution_percentage = 100
    scene.render.fps, scene.render.fps_base = round(clip.fps), round(clip.fps) / clip.fps
    scene.view_settings.view_transform = "Standard"  # as Blender's own Add Movie does
    scene.frame_start, scene.frame_end = clip.frame_final_start, clip.frame_final_end - 1
    for strip in strips:
        strip.select = strip == clip
    scene.sequence_editor.active_strip = clip
    return scene, clip


def render(scene: bpy.types.Scene, path: str) -> None:
    """Render the edit to H.264 with its sound."""
    image = scene.render.image_settings
    image.media_type = "VIDEO"
    image.file_format = "FFMPEG"
    ffmpeg = scene.render.ffmpeg
    ffmpeg.format, ffmpeg.codec, ffmpeg.audio_codec = "MPEG4", "H264", "AAC"
    ffmpeg.constant_rate_factor, ffmpeg.ffmpeg_preset = "PERC_LOSSLESS", "GOOD"
    scene.render.filepath = path
    scene.render.use_file_extension = False
    bpy.ops.render.render(animation=True, scene=scene.name)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what was done and how long it took."""
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:7.1f} s  {what}", flush=True)


if __name__ == "__main__":
    status = 1
    try:
        main(json.loads(sys.argv[1]))
        status = 0
    except Exception:
        import traceback

        traceback.print_exc()
    finally:
        # The bpy module may hang at exit with handlers registered: end at once.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
