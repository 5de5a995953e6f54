# SPDX-License-Identifier: GPL-3.0-or-later
"""The true motion of the demo clip, from Blender's Vector pass (runs in Blender 5.0 or newer).

Each frame is rendered once with a single ray through the middle of every pixel, so nothing is blended at edges.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np

# Pass and the kind of picture it is written as: as a "VECTOR" the fourth number of Vector would be lost.
PASSES = {"Vector": "RGBA", "Object Index": "FLOAT", "Depth": "FLOAT"}
RETURN_TOLERANCE = 1.0  # pixels by which a point may miss itself on the way to the previous frame and back


def write_motion(folder: Path, frames: range) -> None:
    """Writes ``0001.npz`` and so on for each frame of the shot in the current scene.

    Each holds ``flow_cur_to_prev`` (2, H, W) float32, pixels, x then y (y down): where a pixel was in the previous
    frame, relative to now; and ``occlusion_mask`` (H, W) bool, True where it was hidden or out of the picture then. In
    the first frame of a shot everything is True and the flow zero.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scene = bpy.context.scene
    shoot_single_rays(scene)
    previous = None
    with tempfile.TemporaryDirectory() as place:
        write_passes_to(scene, Path(place))
        for frame in frames:
            scene.frame_set(frame)
            bpy.ops.render.render()
            current = {name: read_pass(Path(place), name) for name in PASSES}
            flow, hidden = _motion(current, previous)
            np.savez_compressed(folder / f"{frame:04}.npz", flow_cur_to_prev=flow, occlusion_mask=hidden)
            previous = current
            print(f"motion of frame {frame}", flush=True)


def _motion(current: dict[str, np.ndarray], previous: dict[str, np.ndarray] | None) -> tuple[np.ndarray, np.ndarray]:
    """Flow to the previous frame, and what was hidden there: another object, or a point that does not lead back."""
    vector = current["Vector"]
    height, width = vector.shape[:2]
    if previous is None:
        return np.zeros((2, height, width), np.float32), np.ones((height, width), bool)
    flow = np.stack([vector[..., 0], -vector[..., 1]]).astype(np.float32)  # Blender's y points up
    rows, columns = np.mgrid[:height, :width]
    x, y = columns + flow[0], rows + flow[1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    near = np.clip(np.rint(y), 0, height - 1).astype(int), np.clip(np.rint(x), 0, width - 1).astype(int)
    same = previous["Object Index"][near][..., 0] == current["Object Index"][..., 0]
    onward = previous["Vector"][near]
    back_x, back_y = x - onward[..., 2], y + onward[..., 3]
    returns = np.hypot(back_x - columns, back_y - rows) < RETURN_TOLERANCE
    depth_now, depth_then = current["Depth"][..., 0], previous["Depth"][near][..., 0]
    as_far = np.abs(depth_then - depth_now) < 0.1 * depth_now
    return flow, ~(inside & same & returns & as_far)


def shoot_single_rays(scene: bpy.types.Scene) -> None:
    """One ray through the middle of every pixel, so that no pass is blended at edges."""
    scene.render.use_motion_blur = False  # with motion blur Cycles leaves the Vector pass empty
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01


def write_passes_to(scene: bpy.types.Scene, folder: Path) -> None:
    """Lets the compositor write each pass to a file of its own."""
    layer = scene.view_layers[0]
    layer.use_pass_vector = layer.use_pass_object_index = layer.use_pass_z = True
    tree = bpy.data.node_groups.new("passes", "CompositorNodeTree")
    scene.compositing_node_group = tree
    scene.render.use_compositing = True
    rendered = tree.nodes.new("CompositorNodeRLayers")
    for name, kind in PASSES.items():
        writer = tree.nodes.new("CompositorNodeOutputFile")
        writer.directory, writer.file_name = str(folder), name
        writer.format.media_type, writer.format.file_format = "IMAGE", "OPEN_EXR"
        writer.format.color_depth = "32"
        writer.file_output_items.clear()
        writer.file_output_items.new(kind, "")
        tree.links.new(rendered.outputs[name], writer.inputs[0])


def read_pass(folder: Path, name: str) -> np.ndarray:
    """The pass that was written last, rows from the top, (H, W, channels) float32; its file is removed."""
    (path,) = folder.glob(f"{name}*.exr")
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    path.unlink()
    return pixels.reshape(height, width, -1)[::-1]
