# SPDX-License-Identifier: GPL-3.0-or-later
"""Shot 1 of the demo clip: balloons drift over a village among hills in the evening sun (runs in Blender)."""

from __future__ import annotations

import math
import random

import bpy
import numpy as np
from mathutils import Matrix
from shapes import Point, blob, box, camera, colour_ramp, lathe, matte, mesh_object, move, sky, srgb, sunlight, twin

SUN = (-0.80, -0.42, 0.43)


def build(frames: range) -> None:
    """Fills the current scene with the hills, everything on them, and the camera that flies past."""
    sky(
        [(0.0, "#FFD9A0"), (0.06, "#FFC98F"), (0.15, "#A9D3E8"), (0.34, "#3F8FD2"), (0.7, "#12468F")],
        streaks="#FFF3DC",
        towards_sun=(-0.9, 0.40, 0.12),
        sun_glow="#FFE9B0",
    )
    sunlight(SUN, "#FFD9A0", 5.2, "#7FA8E0", 0.75)
    _ground()
    _ridges()
    rng = random.Random(7)
    _trees(rng)
    _village(rng)
    _windmill(frames, (7.5, 15.0))
    _clouds(rng, frames)
    _balloons(frames)
    camera(
        frames,
        30,
        eye=lambda t: (-3.4 + 2.3 * t, -13.0 + 0.7 * t, 5.4 + 0.35 * t),
        target=lambda t: (-0.6 + 1.3 * t, 26.0, 6.4 + 0.15 * t),
    )


def height(x: float, y: float) -> float:
    """The height of the ground: soft waves, low in the valley where the village lies."""
    waves = 1.1 * math.sin(0.16 * x + 0.5) * math.cos(0.13 * y) + 0.7 * math.sin(0.27 * x + 0.11 * y + 1.3)
    valley = 1 - 0.8 * math.exp(-((x + 3) ** 2 + (y - 24) ** 2) / 130)
    return waves * valley + 0.0028 * max(0.0, y - 28) ** 2 + 0.0016 * x * x


def _ground() -> None:
    xs, ys = np.linspace(-70, 70, 181), np.linspace(-16, 72, 121)
    vertices = [(x, y, height(x, y)) for y in ys for x in xs]
    wide = len(xs)
    faces = [
        (r * wide + c, r * wide + c + 1, (r + 1) * wide + c + 1, (r + 1) * wide + c)
        for r in range(len(ys) - 1)
        for c in range(wide - 1)
    ]
    mesh_object("ground", vertices, faces, [_fields()], smooth=True)


def _fields() -> bpy.types.Material:
    """Patches of wheat, meadow, lavender and ploughed earth, each with furrows of its own direction."""
    material = bpy.data.materials.new("fields")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = 0.95
    shader.inputs["Specular IOR Level"].default_value = 0.0
    place, flatten, cells = (
        nodes.new(kind) for kind in ("ShaderNodeTexCoord", "ShaderNodeMapping", "ShaderNodeTexVoronoi")
    )
    flatten.inputs["Scale"].default_value = (1.0, 0.75, 0.0)
    cells.inputs["Scale"].default_value = 0.17
    cells.distance = "MANHATTAN"
    links.new(place.outputs["Object"], flatten.inputs["Vector"])
    links.new(flatten.outputs["Vector"], cells.inputs["Vector"])
    split = nodes.new("ShaderNodeSeparateColor")
    links.new(cells.outputs["Color"], split.inputs["Color"])
    kinds = ["#5E9A2F", "#E8B830", "#86B53C", "#7A5BA8", "#3F8238", "#F2CF4A", "#A8632E", "#6FAE3A"]
    crops = colour_ramp(material, [(i / len(kinds), srgb(k)) for i, k in enumerate(kinds)], constant=True)
    links.new(split.outputs["Red"], crops.inputs["Fac"])

    turn, furrows = nodes.new("ShaderNodeVectorRotate"), nodes.new("ShaderNodeTexWave")
    turn.rotation_type = "Z_AXIS"
    angle = nodes.new("ShaderNodeMath")
    angle.operation, angle.inputs[1].default_value = "MULTIPLY", 6.28
    links.new(split.outputs["Green"], angle.inputs[0])
    links.new(angle.outputs[0], turn.inputs["Angle"])
    links.new(place.outputs["Object"], turn.inputs["Vector"])
    links.new(turn.outputs["Vector"], furrows.inputs["Vector"])
    furrows.inputs["Scale"].default_value = 0.55
    furrows.inputs["Distortion"].default_value = 1.2
    shade = colour_ramp(material, [(0.2, (0.55,) * 3), (0.75, (1.05,) * 3)])
    links.new(furrows.outputs["Fac"], shade.inputs["Fac"])
    mix = nodes.new("ShaderNodeMix")
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    mix.inputs[0].default_value = 1.0
    links.new(crops.outputs["Color"], mix.inputs[6])
    links.new(shade.outputs["Color"], mix.inputs[7])
    links.new(mix.outputs[2], shader.inputs["Base Color"])
    return material


def _ridges() -> None:
    """Three ranges of mountains, bluer and paler the farther they are."""
    for far, top, colour, second, phase in (
        (95, 15, "#4C7A6A", "#3B6660", 0.4),
        (140, 26, "#5E86B4", "#4C70A3", 2.1),
        (190, 40, "#93A9D6", "#7F95C8", 4.0),
    ):
        xs = np.linspace(-220, 220, 160)
        crest = [
            top
            * (
                0.55
                + 0.25 * math.sin(0.031 * x + phase)
                + 0.16 * math.sin(0.083 * x + 2 * phase)
                + 0.05 * math.sin(0.31 * x + phase)
            )
            for x in xs
        ]
        vertices = [(x, far - 22, -2) for x in xs] + [(x, far, z) for x, z in zip(xs, crest, strict=True)]
        wide = len(xs)
        faces = [(i, i + 1, wide + i + 1, wide + i) for i in range(wide - 1)]
        mesh_object("ridge", vertices, faces, [matte(colour, second, 0.12)], smooth=True)


def _trees(rng: random.Random) -> None:
    greens = [("#3E8E3A", "#1F5E2A"), ("#76A832", "#3F7A22"), ("#D98A2B", "#A8521E"), ("#2F7F5F", "#17503F")]
    crowns = [blob("crown", matte(*pair, 2.5), rng, size=(0.9, 0.9, 1.1)) for pair in greens]
    trunk = lathe("trunk", [(0.16, -0.6), (0.11, 0.9)], [matte("#6B4A2E")], 8)
    heights = np.linspace(0.0, 4.5, 34)
    flame = np.interp(heights, (0.0, 0.5, 1.2, 2.2, 3.2, 4.0, 4.5), (0.05, 0.42, 0.55, 0.46, 0.27, 0.10, 0.0))
    cypress = lathe(
        "cypress",
        list(zip(flame, heights, strict=True)),
        [matte("#35783F", "#123A26", 3.5)],
        36,
        radius_at=lambda angle, z: 1 + 0.17 * math.sin(5 * angle + 2.6 * z) + 0.10 * math.sin(8 * angle - 7.0 * z),
    )
    for prototype in (*crowns, trunk, cypress):
        prototype.location = (0, -60, -30)  # behind the camera; only its twins are seen

    def plant(x: float, y: float, size: float) -> None:
        base = height(x, y)
        twin(trunk, (x, y, base), size)
        twin(rng.choice(crowns), (x, y, base + 1.25 * size), size, rng.uniform(0, 6))

    for _ in range(70):
        x, y = rng.uniform(-34, 34), rng.uniform(8, 62)
        if math.hypot(x + 3, (y - 24) * 0.9) > 8 and math.hypot(x - 7.5, y - 15) > 4 and not (abs(x) < 7 and y < 16):
            plant(x, y, rng.uniform(0.7, 1.25))
    for step in range(9):  # an avenue of cypresses that leads into the picture
        x, y = 1.2 + 0.45 * step + 0.06 * step * step, 1.5 + 2.6 * step
        twin(cypress, (x, y, height(x, y)), rng.uniform(0.5, 0.62), rng.uniform(0, 6))
    for x, y, size in (
        (-6.9, -3.6, 1.75),
        (-8.4, -2.2, 1.35),
        (7.4, -4.6, 0.8),
        (11.5, 1.0, 1.3),
    ):  # close by, for the parallax
        twin(cypress, (x, y, height(x, y) - 0.2), size, rng.uniform(0, 6))


def _village(rng: random.Random) -> None:
    walls = [matte(c, None, 1.2) for c in ("#F6E7C8", "#F2D2A0", "#E9EEF0", "#F0B88A")]
    roofs = [matte(*c, 5.0) for c in (("#D2452B", "#A22D1E"), ("#E0672F", "#B44420"), ("#B8392F", "#7F2420"))]
    glass = matte("#27405E", "#1B2C42")
    for index in range(17):
        angle, reach = 2.4 * index, 1.3 + 0.41 * index
        x, y = -3 + reach * math.cos(angle), 24 + 0.8 * reach * math.sin(angle)
        _house(rng, (x, y, height(x, y) - 0.1), rng.choice(walls), rng.choice(roofs), glass)
    x, y = -3.0, 23.0
    base = height(x, y)
    box("tower", (1.3, 1.3, 4.6), walls[2], (0, 0, 2.3)).location = (x, y, base)
    spire = lathe("spire", [(1.08, 4.5), (0.55, 5.6), (0.0, 8.2)], [matte("#3D5F8F", "#2B4468")], 4, smooth=False)
    spire.location, spire.rotation_euler[2] = (x, y, base), math.pi / 4
    for z in (2.2, 3.6):
        box("bell window", (0.4, 0.1, 0.7), glass, (0, -0.66, z)).location = (x, y, base)


def _house(
    rng: random.Random,
    at: Point,
    wall: bpy.types.Material,
    roof: bpy.types.Material,
    glass: bpy.types.Material,
) -> None:
    """A house with a gabled roof, three windows and a chimney, turned some way."""
    wide, deep, tall = rng.uniform(1.5, 2.3), rng.uniform(1.4, 1.9), rng.uniform(1.2, 1.8)
    turn = rng.choice((0.0, 0.2, -0.3, 1.2))
    w, d, top = wide / 2 + 0.18, deep / 2 + 0.18, tall + 0.95
    gable = [(-w, -d, tall), (w, -d, tall), (w, d, tall), (-w, d, tall), (-w, 0, top), (w, 0, top)]
    parts = [
        box("house", (wide, deep, tall), wall, (0, 0, tall / 2)),
        mesh_object("roof", gable, [(0, 1, 5, 4), (2, 3, 4, 5), (1, 2, 5), (3, 0, 4), (0, 3, 2, 1)], [roof]),
        box("chimney", (0.22, 0.22, 0.7), roof, (wide * 0.25, 0.1, top)),
    ]
    parts += [box("window", (0.28, 0.08, 0.42), glass, (x * wide, -deep / 2, tall * 0.55)) for x in (-0.28, 0.0, 0.28)]
    for part in parts:
        part.location, part.rotation_euler[2] = at, turn


def _windmill(frames: range, spot: tuple[float, float]) -> None:
    x, y = spot
    base = height(x, y) - 0.2
    tower = lathe("mill", [(1.25, 0), (1.0, 2.0), (0.8, 4.0)], [matte("#F3E3C3", "#D9BE92", 1.5)], 10, smooth=False)
    cap = lathe("cap", [(0.95, 4.0), (0.85, 4.5), (0.45, 4.95), (0.0, 5.1)], [matte("#C0392B", "#8E241C")], 16)
    tower.location = cap.location = (x, y, base)
    wood, cloth = matte("#6B4326"), matte("#FFF1D0", "#F2C879", 2.0)
    for arm in range(4):
        beam = box("arm", (0.10, 0.08, 3.6), wood, (0, 0, 1.8))
        sail = box("sail", (0.62, 0.02, 2.6), cloth, (0.37, 0.0, 2.2))
        for part in (beam, sail):
            part.location = (x - 0.15, y - 1.15, base + 4.35)
            move(part, frames, rotation_euler=lambda t, a=arm: (0.0, 1.1 * t + a * math.pi / 2 + 0.3, -0.2))
    lathe("axle", [(0.22, -0.25), (0.22, 0.9)], [wood], 12).matrix_world = _axle(x - 0.15, y - 1.3, base + 4.35)


def _axle(x: float, y: float, z: float) -> Matrix:
    """The place of the mill's axle, lying towards the viewer."""
    return Matrix.Translation((x, y, z)) @ Matrix.Rotation(-math.pi / 2, 4, "X")


def _clouds(rng: random.Random, frames: range) -> None:
    white = matte("#FFF8EC", "#FFE2C4", 0.6, glow=0.3)
    for x, y, z, size in (
        (-64, 150, 50, 12),
        (14, 165, 64, 14),
        (84, 155, 52, 12),
        (-14, 170, 40, 7),
        (46, 172, 37, 6),
    ):
        cloud = blob("cloud", white, rng, 12, (1.5, 0.8, 0.85), flat=-0.3, detail=0.07)
        cloud.scale = (size,) * 3
        cloud.visible_shadow = False
        move(cloud, frames, location=lambda t, p=(x, y, z): (p[0] + 1.6 * t, p[1], p[2]))


def _balloons(frames: range) -> None:
    for start, speed, size, colours, spin in (
        ((-5.6, 11.0, 8.3), (0.75, 0.15, 0.42), 2.35, ("#E4312B", "#FFD23F", "#F7F3E3"), 0.30),
        ((6.4, 23.0, 12.0), (-0.85, 0.0, -0.22), 2.7, ("#1F5FBF", "#F7F3E3", "#2EC4B6"), -0.24),
        ((1.0, 42.0, 15.6), (0.9, 0.0, 0.3), 2.9, ("#FF7F11", "#FFF3B0", "#C2185B"), 0.2),
        ((-19.0, 36.0, 14.0), (1.0, 0.1, 0.25), 2.6, ("#6A2C91", "#FFB627", "#E4312B"), -0.3),
        ((21.0, 40.0, 17.5), (-0.6, 0.1, 0.3), 2.4, ("#2E9E4F", "#FFE66D", "#F7F3E3"), 0.25),
    ):
        for part in _balloon(colours):
            part.scale = (size,) * 3
            move(
                part,
                frames,
                location=lambda t, s=start, v=speed: tuple(a + b * t for a, b in zip(s, v, strict=True)),
                rotation_euler=lambda t, w=spin: (0.03 * math.sin(1.5 * t), 0.02 * math.cos(1.2 * t), w * t),
            )


def _balloon(colours: tuple[str, str, str]) -> list[bpy.types.Object]:
    """An envelope of sixteen bulging gores with a band about it, and a basket on four ropes."""
    first, second, band = (matte(c, None, 4.0, glow=0.05) for c in colours)
    bend = np.linspace(0.42, math.pi - 0.02, 22)
    profile = [(1.09 * math.sin(b) * math.sin(b / 2) ** 0.75, -1.12 * math.cos(b) + 0.1) for b in bend]
    envelope = lathe(
        "balloon",
        profile,
        [first, second, band],
        96,
        material_of=lambda ring, side: 2 if ring in (10, 11) or ring >= 19 or ring == 0 else (side // 6) % 2,
        radius_at=lambda angle, z: 0.95 + 0.05 * abs(math.sin(8 * angle)),
    )
    wicker, rope = matte("#8A5A2B", "#5C3717", 9.0), matte("#4A3B2A")
    basket = lathe("basket", [(0.12, -1.62), (0.16, -1.36)], [wicker], 10)
    ropes = [box("rope", (0.016, 0.016, 0.5), rope, (0.13 * a, 0.13 * b, -1.15)) for a in (-1, 1) for b in (-1, 1)]
    return [envelope, basket, *ropes]
