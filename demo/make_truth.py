# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders small scenes with their exact motion and occlusion, to measure flow estimators against.

Run it with the Python of a Blender environment (``python -m tests.blender.environments 5.0`` makes one):

    .blender/5.0/bin/python demo/make_truth.py --out build/truth

For each scene of ``truth_scenes.py`` a folder with the frames, ``0001.png`` and on, and for each frame but the first
an ``.npz`` of the same number with ``flow_cur_to_prev`` (2, H, W) float32, pixels, x then y (y down), and
``occlusion_mask`` (H, W) bool, True where the point was hidden or out of the picture in the frame before. What is
there already is not rendered again. Beside them lies ``motion``, what the add-on itself is told by Blender of the same
frames where the scene is a strip of an edit (``blender_addon/child_blender``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import motion
from truth_scenes import SCENES

WIDTH = 640
FRAMES = 8
# The passes are rendered this much finer, so that a place between pixels of the frame before is met within a sixth of
# a pixel. Odd, so that the middle of each pixel is among the samples.
FINER = 3
# A point must come back to itself on the way to the frame before and back, to this many pixels: twice what the finite
# grid can be off.
RETURN_TOLERANCE = 0.5
EXTRACT = Path(__file__).parents[1] / "blender_addon" / "child_blender" / "extract.py"


def main() -> None:
    """Reads the command line and renders what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/truth"), help="folder for the scenes")
    parser.add_argument("--scenes", nargs="+", default=list(SCENES), choices=list(SCENES), help="some of them")
    parser.add_argument("--width", type=int, default=WIDTH, help=f"pixels (default: {WIDTH}); motion shrinks with it")
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"how many of each scene (default: {FRAMES})")
    options = parser.parse_args()
    frames = range(1, options.frames + 1)
    for name in options.scenes:
        folder = (options.out / name).resolve()
        if (folder / f"{frames[-1]:04}.npz").exists():
            continue
        started = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        render_scene(name, folder, options.width, frames)
        print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)


def render_scene(name: str, folder: Path, width: int, frames: range) -> None:
    """Frames, motion and occlusion of one scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    SCENES[name](frames)
    scene.frame_start, scene.frame_end = frames.start, frames.stop - 1
    scene.view_settings.view_transform = "Standard"
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = True
    scene.render.resolution_x, scene.render.resolution_y = width, width * 9 // 16
    scene.render.dither_intensity = 0.0
    scene.cycles.max_bounces, scene.cycles.use_adaptive_sampling = 0, False
    scene.cycles.samples, scene.cycles.use_denoising = 8, False
    for frame in frames:
        scene.frame_set(frame)
        scene.render.filepath = str(folder / f"{frame:04}.png")
        bpy.ops.render.render(write_still=True)
    if not (folder / "motion").exists():
        told_motion(scene, folder / "motion", frames)
    scene.render.use_persistent_data = False  # kept data and passes that come later crash Blender 5.0
    scene.render.resolution_percentage = 100 * FINER
    motion.shoot_single_rays(scene)
    previous: dict[str, np.ndarray] | None = None
    with tempfile.TemporaryDirectory() as place:
        motion.write_passes_to(scene, Path(place))
        for frame in frames:
            scene.frame_set(frame)
            bpy.ops.render.render()
            current = {name: motion.read_pass(Path(place), name) for name in motion.PASSES}
            if previous is not None:
                flow, hidden = exact_motion(current, previous)
                np.savez_compressed(folder / f"{frame:04}.npz", flow_cur_to_prev=flow, occlusion_mask=hidden)
            previous = current


def told_motion(scene: bpy.types.Scene, folder: Path, frames: range) -> None:
    """Puts the scene into an edit, and lets the add-on's child Blender tell its motion, as for any scene strip."""
    edit = bpy.data.scenes.new("edit")
    edit.render.resolution_x, edit.render.resolution_y = scene.render.resolution_x, scene.render.resolution_y
    strip = edit.sequence_editor_create().strips.new_scene(
        name="scene", scene=scene, channel=1, frame_start=frames.start
    )
    strip.frame_final_end = frames.stop
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        bpy.ops.wm.save_as_mainfile(filepath=str(work / "edit.blend"), copy=True)
        names = [f"{frame:04}.png" for frame in frames]
        order = {"blend": str(work / "edit.blend"), "scene": "edit", "strip": "scene", "first_frame": frames.start}
        order |= {"names": names, "folder": place, "motion": str(work / "motion"), "resolution": 100}
        (work / "order.json").write_text(json.dumps(order), "utf-8")
        command = [sys.executable, str(EXTRACT), str(work / "order.json")]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "brushflow motion done" not in said:
            raise SystemExit(f"The motion of {folder.parent.name} was not told:\n{said}")
        shutil.move(work / "motion", folder)
    bpy.data.scenes.remove(edit)


def exact_motion(current: dict[str, np.ndarray], previous: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Flow to the frame before at every pixel, and what was hidden there.

    A point was seen when one of the four finer samples around the place it came from shows the same object, and leads
    back to the point.
    """
    middle = slice(FINER // 2, None, FINER)
    vector = current["Vector"][middle, middle] / FINER
    index = current["Object Index"][middle, middle, 0]
    height, width = index.shape
    flow = np.stack([vector[..., 0], -vector[..., 1]]).astype(np.float32)  # Blender's y points up
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns + flow[0], rows + flow[1]
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    fine_x, fine_y = (FINER * place + FINER // 2 for place in (x, y))
    seen = np.zeros((height, width), bool)
    for down in (0, 1):
        for right in (0, 1):
            row = np.clip(np.floor(fine_y).astype(int) + down, 0, FINER * height - 1)
            column = np.clip(np.floor(fine_x).astype(int) + right, 0, FINER * width - 1)
            onward = previous["Vector"][row, column] / FINER
            off_x = (column - FINER // 2) / FINER - onward[..., 2] - columns
            off_y = (row - FINER // 2) / FINER + onward[..., 3] - rows
            returns = np.hypot(off_x, off_y) < RETURN_TOLERANCE
            seen |= (previous["Object Index"][row, column, 0] == index) & returns
    return flow, ~(seen & inside)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module may hang or crash while Python shuts down
