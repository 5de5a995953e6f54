# SPDX-License-Identifier: GPL-3.0-or-later
"""Shot 2 of the demo clip: boats between the waves of a paper theatre, a lighthouse, the setting sun (runs in Blender).

The sea is made of rows of stiff waves that slide past one another, so that every point's true motion is known; a
rippling surface with reflections has none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import bpy
import numpy as np
from shapes import Point, blob, box, camera, lathe, matte, mesh_object, move, sky, sunlight, twin

SUN = (-0.45, 0.62, 0.30)


def build(frames: range) -> None:
    """Fills the current scene with the sea, the boats, the lighthouse, and the camera that comes nearer."""
    sky(
        [(0.0, "#FFB347"), (0.05, "#FF8E53"), (0.15, "#E8618C"), (0.30, "#7A4FA3"), (0.62, "#1D2A6B")],
        streaks="#FFD08A",
        towards_sun=(-0.30, 0.95, 0.06),
        sun_glow="#FFC94F",
    )
    sunlight((-0.62, -0.35, 0.42), "#FFC58A", 4.6, "#8C8BE0", 0.9)
    rng = random.Random(3)
    _sun()
    _waves(frames)
    _lighthouse(rng)
    _boats(frames)
    _clouds(rng, frames)
    _gulls(frames)
    camera(
        frames,
        32,
        eye=lambda t: (3.4 - 1.9 * t, -10.5 + 1.1 * t, 3.5 - 0.12 * t),
        target=lambda t: (0.4 - 0.5 * t, 20.0, 4.3),
    )


def _sun() -> None:
    glowing = matte("#FFF6C9", "#FFEFA8", 0.02, glow=1.0)
    disc = lathe("sun disc", [(23, -0.5), (23, 0.5)], [glowing], 96, smooth=False)
    disc.location, disc.rotation_euler = (-70, 260, 14), (math.pi / 2, 0, 0)


def _rocking(start: Point, reach: float, pace: float, phase: float) -> Callable[[float], Point]:
    """To and fro by ``reach`` and a little up and down, as one row of the sea moves."""
    x, y, z = start
    return lambda t: (x + reach * math.sin(pace * t + phase), y, z + 0.16 * math.sin(1.7 * pace * t + 2 * phase))


def _waves(frames: range) -> None:
    foam = matte("#FFF9EC", "#CFE9F2", 5.0, glow=0.05)
    tones = [("#0E3F7E", "#0A2C5E"), ("#14599A", "#0E4480"), ("#1B79AE", "#14609A"), ("#2396B0", "#1A7BA0")]
    for row in range(13):
        y = -5.0 + 2.4 * row + 0.16 * row * row
        length = 3.4 + 0.25 * row
        tall = 0.9 + 0.035 * row
        body, crest = _wave(length, tall, 60 + 4 * row, tones[(row * 3) % 4], foam)
        way = _rocking((0.7 * row, y, -0.62 + 0.10 * row), 0.9 if row % 2 else -0.9, 1.15 + 0.05 * row, 0.8 * row)
        for part in (body, crest):
            move(part, frames, location=way)
    deep = matte("#2C5C94", "#214A80", 0.3)
    rim = [(x, y, z) for y, z in ((47.5, -4.0), (47.5, 0.9), (400.0, 2.4)) for x in (-400.0, 400.0)]
    mesh_object("open sea", rim, [(0, 1, 3, 2), (2, 3, 5, 4)], [deep])


def _wave(
    length: float, tall: float, half: float, tones: tuple[str, str], foam: bpy.types.Material
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """One stiff row of waves with hollow fronts, and the foam along its crests."""
    xs = np.arange(-half, half, length / 28)
    phase = np.abs(np.sin(math.pi * (xs + 0.10 * length * np.sin(2 * math.pi * xs / length)) / length))
    crest = tall * (1 - phase**0.75)
    section = [(-0.05, -3.0), (0.0, -0.6), (0.28, 0.45), (0.05, 1.0), (0.75, 0.55), (1.1, -3.0)]
    vertices = [
        (x, y, part * top if part > 0 else part) for y, part in section for x, top in zip(xs, crest, strict=True)
    ]
    wide = len(xs)
    faces = [
        (r * wide + c, r * wide + c + 1, (r + 1) * wide + c + 1, (r + 1) * wide + c)
        for r in range(len(section) - 1)
        for c in range(wide - 1)
    ]
    body = mesh_object("wave", vertices, faces, [matte(*tones, 1.1)], smooth=True)
    ring = [(math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 7)]
    thick = [0.045 + 0.12 * (top / tall) ** 3 for top in crest]
    tube = [
        (x, 0.05 + width * across, top + 0.6 * width * up)
        for across, up in ring
        for x, top, width in zip(xs, crest, thick, strict=True)
    ]
    hem = [
        (r * wide + c, r * wide + c + 1, (r + 1) * wide + c + 1, (r + 1) * wide + c)
        for r in range(len(ring) - 1)
        for c in range(wide - 1)
    ]
    return body, mesh_object("foam", tube, hem, [foam], smooth=True)


def _lighthouse(rng: random.Random) -> None:
    rock = blob("rock", matte("#7A5B4E", "#3E3140", 1.6), rng, 12, (1.35, 1.0, 0.62), detail=0.09)
    rock.location, rock.scale = (8.6, 20.5, 0.7), (4.2,) * 3
    grass = blob("grass", matte("#7FA03A", "#4B7A30", 2.0), rng, 10, (1.2, 0.9, 0.30), detail=0.09)
    grass.location, grass.scale = (8.6, 20.9, 2.3), (3.3,) * 3
    for x, y, size in ((-13.5, 27.0, 1.6), (-16.5, 29.0, 2.3), (3.9, 17.4, 0.75)):
        twin(rock, (x, y, 0.5), size, 1.3 * x)
    red, white = matte("#D8342B", "#B0241F", 2.5), matte("#FFF4E2", "#EBD5BC", 2.5)
    rings = [(1.18 - 0.055 * r, 0.86 * r) for r in range(9)]
    tower = lathe("tower", rings, [red, white], 32, lambda ring, side: ring % 2)
    iron, lamp = matte("#2B2D42"), matte("#FFE98A", "#FFD23F", 1.0, glow=1.6)
    gallery = lathe("gallery", [(0.7, 6.8), (1.08, 7.0), (1.08, 7.16), (0.6, 7.16)], [iron], 32, smooth=False)
    lantern = lathe(
        "lantern", [(0.52, 7.1), (0.52, 8.1)], [lamp, iron], 12, lambda ring, side: side % 3 == 0, smooth=False
    )
    cap = lathe("cap", [(0.74, 8.1), (0.6, 8.45), (0.28, 8.8), (0.06, 9.0), (0.04, 9.5)], [red], 24)
    door = box("door", (0.5, 0.2, 1.0), iron, (0, -1.15, 0.5))
    panes = [box("pane", (0.26, 0.2, 0.42), iron, (0, -1.13 + 0.064 * z, z)) for z in (2.9, 5.0)]
    for part in (tower, gallery, lantern, cap, door, *panes):
        part.location = (9.3, 20.2, 2.6)
    _cottage((6.2, 20.0, 2.55))


def _cottage(at: Point) -> None:
    wall, roof, lit = matte("#FBE9CF", "#E9C9A0"), matte("#3E5C8A", "#2C4468", 5.0), matte("#FFD76A", glow=1.2)
    gable = [(-1.3, -0.85, 1.1), (1.3, -0.85, 1.1), (1.3, 0.85, 1.1), (-1.3, 0.85, 1.1), (-1.3, 0, 2.0), (1.3, 0, 2.0)]
    for part in (
        box("cottage", (2.3, 1.4, 1.2), wall, (0, 0, 0.6)),
        mesh_object("roof", gable, [(0, 1, 5, 4), (2, 3, 4, 5), (1, 2, 5), (3, 0, 4), (0, 3, 2, 1)], [roof]),
        box("chimney", (0.3, 0.3, 0.8), wall, (0.7, 0.1, 2.0)),
        *(box("window", (0.36, 0.1, 0.42), lit, (x, -0.7, 0.65)) for x in (-0.7, 0.0, 0.7)),
    ):
        part.location = at


def _boats(frames: range) -> None:
    for start, speed, size, colours, phase in (
        ((-4.9, 3.2, 0.55), 0.75, 0.95, ("#FF7A1A", "#FFC24B", "#7B2D26"), 0.0),
        ((3.9, 8.2, 0.75), -0.95, 1.05, ("#F7F3E3", "#E4312B", "#1F4E79"), 1.3),
        ((-9.5, 14.6, 1.15), 1.1, 1.15, ("#2EC4B6", "#FFF3B0", "#5B2A86"), 2.1),
        ((-2.0, 31.0, 2.0), 0.7, 1.25, ("#E4312B", "#FFD23F", "#3B2E2A"), 3.0),
    ):
        for part in _boat(colours):
            part.scale = (math.copysign(size, speed), size, size)
            move(
                part,
                frames,
                location=lambda t, s=start, v=speed, p=phase: (s[0] + v * t, s[1], s[2] + 0.16 * math.sin(2.1 * t + p)),
                rotation_euler=lambda t, p=phase: (0.0, 0.10 * math.sin(1.9 * t + p + 0.8), 0.0),
            )


def _boat(colours: tuple[str, str, str]) -> list[bpy.types.Object]:
    """A hull, a mast, a mainsail with a band and a foresail, all with their origin at the water line."""
    main, band, hull = (matte(c, None, 2.5, glow=0.12) for c in colours)
    stations = np.linspace(-1.35, 1.5, 15)
    girth = [(-1.0, 1.0), (-0.85, 0.35), (-0.3, 0.0), (0.3, 0.0), (0.85, 0.35), (1.0, 1.0)]
    vertices = []
    for x in stations:
        wide = 0.5 * max(0.0, 1 - (abs(x - 0.05) / 1.5) ** 3)
        rise = 0.34 + 0.12 * (x / 1.4) ** 2
        vertices += [(x, across * wide, -0.25 + (rise + 0.25) * up) for across, up in girth]
    strip = len(girth)
    faces = [
        (r * strip + s, r * strip + s + 1, (r + 1) * strip + s + 1, (r + 1) * strip + s)
        for r in range(len(stations) - 1)
        for s in range(strip - 1)
    ]
    faces += [(r * strip, (r + 1) * strip, (r + 2) * strip - 1, (r + 1) * strip - 1) for r in range(len(stations) - 1)]
    return [
        mesh_object("hull", vertices, faces, [hull], smooth=True),
        box("mast", (0.07, 0.07, 3.5), matte("#5A3A22"), (0.12, 0, 1.75)),
        _sail("mainsail", (0.05, 0.55), (-1.35, 0.62), (0.05, 3.4), [main, band]),
        _sail("foresail", (0.22, 0.55), (1.35, 0.55), (0.2, 3.0), [band, main]),
    ]


def _sail(
    name: str,
    inner: tuple[float, float],
    outer: tuple[float, float],
    head: tuple[float, float],
    materials: Sequence[bpy.types.Material],
) -> bpy.types.Object:
    """A three-cornered sail that bellies to the viewer, with a band of the second colour."""
    steps = 12
    vertices = []
    for up in np.linspace(0, 1, steps + 1):
        for along in np.linspace(0, 1, steps + 1):
            foot = np.array(inner) * (1 - along) + np.array(outer) * along
            x, z = foot * (1 - up) + np.array(head) * up
            belly = -0.38 * math.sin(math.pi * along) * math.sin(math.pi * (0.15 + 0.85 * up)) * (1 - up)
            vertices.append((x, belly - 0.02, z))
    wide = steps + 1
    faces = [
        (r * wide + c, r * wide + c + 1, (r + 1) * wide + c + 1, (r + 1) * wide + c)
        for r in range(steps)
        for c in range(steps)
    ]
    return mesh_object(name, vertices, faces, materials, lambda face: int(face // steps in (3, 4)), smooth=True)


def _clouds(rng: random.Random, frames: range) -> None:
    rosy = matte("#FFC7A8", "#E98BA0", 0.7, glow=0.25)
    for x, y, z, size, pace in (
        (-52, 130, 50, 10, 1.4),
        (22, 150, 59, 12, 1.1),
        (76, 140, 34, 10, 1.7),
        (-14, 160, 40, 7, 1.3),
    ):
        cloud = blob("cloud", rosy, rng, 12, (1.8, 0.8, 0.75), flat=-0.2, detail=0.07)
        cloud.scale = (size,) * 3
        cloud.visible_shadow = False
        move(cloud, frames, location=lambda t, p=(x, y, z), v=pace: (p[0] - v * t, p[1], p[2]))


def _gulls(frames: range) -> None:
    plumage = matte("#FFFDF6", "#E3E4EE", 2.0, glow=0.25)
    wing = [(0, 0, -0.09), (0, 0, 0.09), (0.62, 0, 0.40), (0.62, 0, 0.20), (1.35, 0.1, 0.10)]
    for start, speed, phase in (
        ((-4.6, 11.0, 8.0), (1.1, 0.1, 0.10), 0.0),
        ((-2.2, 13.0, 9.1), (1.0, 0.0, 0.05), 0.7),
        ((-6.4, 14.0, 9.6), (1.2, 0.1, -0.08), 1.5),
    ):
        for side in (-1, 1):
            vertices = [(side * x, y, z) for x, y, z in wing]
            thing = mesh_object("wing", vertices, [(0, 3, 2, 1), (3, 4, 2)], [plumage])
            thing.scale = (0.62,) * 3
            move(
                thing,
                frames,
                location=lambda t, s=start, v=speed: tuple(a + b * t for a, b in zip(s, v, strict=True)),
                rotation_euler=lambda t, k=side, p=phase: (-0.3, -k * 0.38 * math.sin(6.5 * t + p), 0.25),
            )
