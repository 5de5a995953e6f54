# SPDX-License-Identifier: GPL-3.0-or-later
"""Small scenes whose motion is to be known exactly: each shows one difficulty of optical flow (runs in Blender).

Everything shines by itself, so a point has the same colour in every frame and only motion changes the picture. The
camera looks down -z with y up; at the distance ``FAR`` one unit is 64 of 640 pixels.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import bpy
import numpy as np
import shapes

FAR = 10.0
PIXEL = FAR / 640  # units at the distance FAR
_EARTH = ("#1B2A41", "#3E6990", "#AABD8C", "#E9E3B4", "#F39B6D")
_FIRE = ("#5F0F40", "#9A031E", "#FB8B24", "#E36414", "#FFE8C2")
_LEAF = ("#081C15", "#2D6A4F", "#74C69D", "#D8F3DC", "#CAD2C5")
_INK = ("#10002B", "#5A189A", "#9D4EDD", "#E0AAFF", "#F8F9FA")


def translation(frames: range) -> None:
    """The camera slides along a painted wall by 6.4 pixels to the right and 3.2 up in each frame."""
    _camera(frames, location=lambda t: (6.4 * PIXEL * t, 3.2 * PIXEL * t, 0.0))
    _card("wall", 16, 10, (0, 0, -FAR), _EARTH)


def rotation(frames: range) -> None:
    """The camera rolls by three degrees a frame, up to 19 pixels at the corners."""
    _camera(frames, rotation_euler=lambda t: (0.0, 0.0, math.radians(3.0) * t))
    _card("wall", 16, 16, (0, 0, -FAR), _LEAF)


def zoom(frames: range) -> None:
    """The camera draws back from a wall by a thirtieth of the way each frame; a window stands nearer than the wall."""
    _camera(frames, location=lambda t: (0.0, 0.0, FAR / 30 * t))
    _card("wall", 20, 12, (0, 0, -FAR), _EARTH)
    _card("window", 2, 1.4, (0.8, 0.3, -0.8 * FAR), _INK)


def parallax(frames: range) -> None:
    """The camera slides past trunks at three distances: 5, 8 and 12 pixels a frame."""
    _camera(frames, location=lambda t: (5.0 * PIXEL * t, 0.0, 0.0))
    _card("wall", 16, 10, (0, 0, -FAR), _LEAF)
    for i, x in enumerate((-2.3, -0.4, 1.7, 3.2)):
        _card("trunk", 0.35, 8, (x, 0, -0.62 * FAR), _EARTH, seed=i)
    for i, x in enumerate((-1.1, 0.9, 2.2)):
        _card("post", 0.3, 5, (x, -1.2, -0.42 * FAR), _FIRE, seed=i)


def deformation(frames: range) -> None:
    """A cloth whose waves run across it, up to 8 pixels a frame, before a wall that stands still."""
    _camera(frames)
    _card("wall", 16, 10, (0, 0, -FAR), _EARTH)
    cloth = _card("cloth", 5.5, 3.2, (0, 0, -0.9 * FAR), _FIRE, cells=(66, 40))
    rest = np.array([vertex.co for vertex in cloth.data.vertices])
    _paint_as_it_lay(cloth, rest)
    cloth.shape_key_add(name="rest")
    for name, shift, value in (("sine", 0.0, math.cos), ("cosine", math.pi / 2, math.sin)):
        key = cloth.shape_key_add(name=name)
        wave = 0.2 * np.sin(2.4 * rest[:, 0] + 1.1 * rest[:, 1] + shift)
        for point, (x, y, z), offset in zip(key.data, rest, wave, strict=True):
            point.co = (x + 0.6 * offset, y + offset, z)
        for frame in range(frames.start - 1, frames.stop + 1):
            key.slider_min, key.value = -1.0, value(0.6 * (frame - frames.start))
            key.keyframe_insert("value", frame=frame)


def crossing(frames: range) -> None:
    """Two discs cross before a wall at 30 and 22 pixels a frame while the camera slides by 2."""
    _camera(frames, location=lambda t: (2.0 * PIXEL * t, 0.0, 0.0))
    _card("wall", 16, 10, (0, 0, -FAR), _EARTH)
    for name, depth, start, speed, y, colours in (
        ("red", 0.9, -3.2, 30.0, 0.5, _FIRE),
        ("violet", 0.8, 2.8, -22.0, -0.4, _INK),
    ):
        disc = _disc(name, 0.8, colours)
        shapes.move(disc, frames, location=_sliding(start * depth, y, -depth * FAR, speed * PIXEL * depth))


def thin(frames: range) -> None:
    """Wires of one to four pixels before a wall, carried past by 3 pixels a frame, some upright, some slanting."""
    _camera(frames, location=lambda t: (0.5 * PIXEL * t, 0.0, 0.0))
    _card("wall", 16, 10, (0, 0, -FAR), _LEAF)
    dice = random.Random(3)
    for i in range(9):
        wire = _card("wire", (1 + i % 4) * PIXEL * 0.9, 9, (0, 0, 0), _INK if i % 2 else _FIRE, seed=i)
        wire.rotation_euler[2] = dice.uniform(-0.7, 0.7)
        shapes.move(wire, frames, location=_sliding(-4.2 + i, 0.0, -0.9 * FAR, 3.0 * PIXEL * 0.9))


def slow(frames: range) -> None:
    """Boards before a wall, moving by one pixel and a half a frame: what they uncover is a strip that wide."""
    _camera(frames)
    _card("wall", 16, 10, (0, 0, -FAR), _EARTH)
    for i, (x, y, size, speed) in enumerate(((-2.5, 0.8, 1.6, 1.0), (0.3, -0.5, 2.0, -1.5), (2.9, 0.6, 1.4, 1.3))):
        board = _card("board", size, size, (0, 0, 0), (_FIRE, _INK, _LEAF)[i], seed=i)
        shapes.move(board, frames, location=_sliding(x, y, -0.9 * FAR, speed * PIXEL * 0.9))


SCENES: dict[str, Callable[[range], None]] = {
    build.__name__: build for build in (translation, rotation, zoom, parallax, deformation, crossing, thin, slow)
}


def _still(t: float) -> shapes.Point:
    return 0.0, 0.0, 0.0


def _camera(
    frames: range,
    location: Callable[[float], shapes.Point] = _still,
    rotation_euler: Callable[[float], shapes.Point] = _still,
) -> None:
    """A camera that sees as wide as it is far; its paths are functions of the frame, counted from 0."""
    data = bpy.data.cameras.new("camera")
    data.lens = data.sensor_width = 36.0
    thing = shapes.place(bpy.data.objects.new("camera", data))
    bpy.context.scene.camera = thing
    paths = {"location": location, "rotation_euler": rotation_euler}
    shapes.move(thing, frames, **{name: _by_frame(path) for name, path in paths.items()})


def _sliding(x: float, y: float, z: float, step: float) -> Callable[[float], shapes.Point]:
    """A path that goes to the right by ``step`` units a frame."""
    return _by_frame(lambda t: (x + step * t, y, z))


def _by_frame(path: Callable[[float], shapes.Point]) -> Callable[[float], shapes.Point]:
    return lambda seconds: path(round(seconds * 24))


def _card(
    name: str,
    width: float,
    height: float,
    location: shapes.Point,
    colours: Sequence[str],
    seed: int = 0,
    cells: tuple[int, int] = (1, 1),
) -> bpy.types.Object:
    """A rectangle that faces the camera; ``cells`` is how finely it is divided."""
    columns, rows = cells
    points = [
        (width * (i / columns - 0.5), height * (j / rows - 0.5), 0.0)
        for j in range(rows + 1)
        for i in range(columns + 1)
    ]
    corners = [j * (columns + 1) + i for j in range(rows) for i in range(columns)]
    faces = [(a, a + 1, a + columns + 2, a + columns + 1) for a in corners]
    return shapes.place(shapes.mesh_object(name, points, faces, [_painted(colours, seed)]), location)


def _paint_as_it_lay(thing: bpy.types.Object, rest: np.ndarray) -> None:
    """Lets the paint of an object travel with its points when it changes its shape."""
    thing.data.attributes.new("rest", "FLOAT_VECTOR", "POINT").data.foreach_set(
        "vector", rest.astype(np.float32).ravel()
    )
    tree = thing.data.materials[0].node_tree
    lay = tree.nodes.new("ShaderNodeAttribute")
    lay.attribute_name = "rest"
    noise = next(node for node in tree.nodes if node.bl_idname == "ShaderNodeTexNoise")
    tree.links.new(lay.outputs["Vector"], noise.inputs["Vector"])


def _disc(name: str, radius: float, colours: Sequence[str]) -> bpy.types.Object:
    angles = np.linspace(0.0, 2.0 * math.pi, 96, endpoint=False)
    points = [(radius * math.cos(a), radius * math.sin(a), 0.0) for a in angles]
    return shapes.mesh_object(name, points, [tuple(range(len(points)))], [_painted(colours, 0)])


def _painted(colours: Sequence[str], seed: int) -> bpy.types.Material:
    """A material that shines in the colours of a noise which travels with the object."""
    material = bpy.data.materials.new("painted")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    stops = [(0.3 + 0.4 * i / (len(colours) - 1), shapes.srgb(colour)) for i, colour in enumerate(colours)]
    ramp = shapes.noise_ramp(material, stops, scale=2.5 + 0.4 * seed)
    emission = nodes.new("ShaderNodeEmission")
    links.new(ramp.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs["Emission"], nodes["Material Output"].inputs["Surface"])
    return material
