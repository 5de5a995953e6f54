# SPDX-License-Identifier: GPL-3.0-or-later
"""The building blocks of the demo clip: meshes, matte procedural materials, sky, sun and movement (runs in Blender)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import bpy
import numpy as np

Colour = tuple[float, ...]
Point = tuple[float, ...]


def srgb(hexadecimal: str) -> Colour:
    """The linear colour (Rec.709, 0…1) of an sRGB hex code such as ``"#E4572E"``."""
    channels = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def matte(colour: str, second: str | None = None, scale: float = 3.0, glow: float = 0.0) -> bpy.types.Material:
    """A matte material whose noise wanders between two colours; ``glow`` lets it shine by itself."""
    light = srgb(colour)
    dark = srgb(second) if second else tuple(0.6 * c for c in light)
    material = bpy.data.materials.new(f"matte {colour} {second}")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = 0.85
    shader.inputs["Specular IOR Level"].default_value = 0.15
    ramp = noise_ramp(material, [(0.36, dark), (0.62, light)], scale)
    links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    material.cycles.emission_sampling = "NONE"  # nothing here lights its surroundings: half the time
    if glow:
        links.new(ramp.outputs["Color"], shader.inputs["Emission Color"])
        shader.inputs["Emission Strength"].default_value = glow
    return material


def noise_ramp(material: bpy.types.Material, stops: Sequence[tuple[float, Colour]], scale: float) -> bpy.types.Node:
    """A noise texture in the object's own coordinates, so it travels with the object, through a colour ramp."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = nodes.new("ShaderNodeTexCoord")
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = scale
    noise.inputs["Detail"].default_value = 4.0
    links.new(place.outputs["Object"], noise.inputs["Vector"])
    ramp = colour_ramp(material, stops)
    links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    return ramp


def colour_ramp(
    material: bpy.types.Material, stops: Sequence[tuple[float, Colour]], constant: bool = False
) -> bpy.types.Node:
    """A colour ramp node with the given (position, colour) stops."""
    ramp = material.node_tree.nodes.new("ShaderNodeValToRGB")
    elements = ramp.color_ramp.elements
    ramp.color_ramp.interpolation = "CONSTANT" if constant else "LINEAR"
    while len(elements) < len(stops):
        elements.new(0.5)
    for element, (position, colour) in zip(elements, stops, strict=True):
        element.position = position
        element.color = (*colour, 1.0)
    return ramp


def mesh_object(
    name: str,
    vertices: Sequence[Point],
    faces: Sequence[Sequence[int]],
    materials: Sequence[bpy.types.Material],
    material_of: Callable[[int], int] = lambda face: 0,
    smooth: bool = False,
) -> bpy.types.Object:
    """An object in the current scene; ``material_of(face)`` chooses the material of each face."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(map(float, v)) for v in vertices], [], [tuple(f) for f in faces])
    for material in materials:
        mesh.materials.append(material)
    for polygon in mesh.polygons:
        polygon.material_index = material_of(polygon.index)
        polygon.use_smooth = smooth
    return place(bpy.data.objects.new(name, mesh))


def place(
    thing: bpy.types.Object, location: Point | None = None, scale: float = 1.0, turn: float = 0.0
) -> bpy.types.Object:
    """Puts an object into the current scene and gives it a number of its own for the object index pass."""
    collection = bpy.context.scene.collection
    if thing.name not in collection.objects:
        collection.objects.link(thing)
    thing.pass_index = len(collection.objects)
    if location is not None:
        thing.location = location
        thing.scale = (scale, scale, scale)
        thing.rotation_euler[2] = turn
    return thing


def twin(thing: bpy.types.Object, location: Point, scale: float = 1.0, turn: float = 0.0) -> bpy.types.Object:
    """Another object with the same mesh."""
    return place(bpy.data.objects.new(thing.name, thing.data), location, scale, turn)


def lathe(
    name: str,
    profile: Sequence[tuple[float, float]],
    materials: Sequence[bpy.types.Material],
    sides: int = 24,
    material_of: Callable[[int, int], int] = lambda ring, side: 0,
    radius_at: Callable[[float, float], float] = lambda angle, z: 1.0,
    smooth: bool = True,
) -> bpy.types.Object:
    """A turned body about z from (radius, z) pairs, bottom to top; ``radius_at`` presses it out of round."""
    vertices = []
    for radius, z in profile:
        for side in range(sides):
            angle = 2 * math.pi * side / sides
            pressed = radius * radius_at(angle, z)
            vertices.append((pressed * math.cos(angle), pressed * math.sin(angle), z))
    faces = [
        (r * sides + s, r * sides + (s + 1) % sides, (r + 1) * sides + (s + 1) % sides, (r + 1) * sides + s)
        for r in range(len(profile) - 1)
        for s in range(sides)
    ]
    last = (len(profile) - 1) * sides
    caps: list[tuple[int, ...]] = [tuple(range(sides))[::-1], tuple(range(last, last + sides))]
    return mesh_object(
        name, vertices, [*faces, *caps], materials, lambda face: material_of(face // sides, face % sides), smooth
    )


def box(name: str, size: Point, material: bpy.types.Material, centre: Point = (0, 0, 0)) -> bpy.types.Object:
    """An upright box with its vertices about ``centre`` (its origin stays at zero)."""
    corners = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
    vertices = [tuple(c + s * k for c, s, k in zip(centre, size, corner, strict=True)) for corner in corners]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return mesh_object(name, vertices, faces, [material])


def blob(
    name: str,
    material: bpy.types.Material,
    rng: random.Random,
    lumps: int = 9,
    size: Point = (1.0, 1.0, 1.0),
    flat: float | None = None,
    detail: float = 0.12,
) -> bpy.types.Object:
    """Several balls grown together (a tree's crown, a cloud, a rock); ``flat`` cuts it off below that height."""
    vertices: list[Point] = []
    faces: list[tuple[int, ...]] = []
    for lump in range(lumps):
        angle, reach = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random()) * (lump > 0)
        centre = (math.cos(angle) * reach, math.sin(angle) * reach, rng.uniform(-0.25, 0.5) * (1.1 - reach))
        radius = rng.uniform(0.42, 0.72) * (1.25 - 0.6 * reach)
        ball, quads = _ball(16, 10)
        faces += [tuple(i + len(vertices) for i in quad) for quad in quads]
        vertices += [tuple((c + radius * b) * s for c, b, s in zip(centre, point, size, strict=True)) for point in ball]
    if flat is not None:
        vertices = [(x, y, max(z, flat)) for x, y, z in vertices]
    thing = mesh_object(name, vertices, faces, [material], smooth=True)
    remesh = thing.modifiers.new("grow together", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", detail, True
    soften = thing.modifiers.new("soften", "SMOOTH")
    soften.iterations = 3
    return _settled(thing)


def _ball(around: int, up: int) -> tuple[list[Point], list[tuple[int, ...]]]:
    points: list[Point] = [
        (math.sin(p) * math.cos(a), math.sin(p) * math.sin(a), math.cos(p))
        for p in np.linspace(0.01, math.pi - 0.01, up)
        for a in np.linspace(0, 2 * math.pi, around, endpoint=False)
    ]
    quads: list[tuple[int, ...]] = [
        (r * around + s, (r + 1) * around + s, (r + 1) * around + (s + 1) % around, r * around + (s + 1) % around)
        for r in range(up - 1)
        for s in range(around)
    ]
    caps: list[tuple[int, ...]] = [tuple(range(around)), tuple(range((up - 1) * around, up * around))[::-1]]
    return points, quads + caps


def _settled(thing: bpy.types.Object) -> bpy.types.Object:
    """Applies the modifiers, so that twins share the finished mesh."""
    graph = bpy.context.evaluated_depsgraph_get()
    finished = bpy.data.meshes.new_from_object(thing.evaluated_get(graph))
    thing.modifiers.clear()
    thing.data = finished
    for polygon in finished.polygons:
        polygon.use_smooth = True
    return thing


def sky(stops: Sequence[tuple[float, str]], streaks: str, towards_sun: Point, sun_glow: str) -> None:
    """A dome that only the camera sees: a gradient by height, wisps of cloud and a glow about the sun.

    It is a mesh, not the world's background, because a background gets no motion vectors.
    """
    points, faces = _ball(64, 48)
    material = bpy.data.materials.new("sky")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.remove(nodes["Principled BSDF"])
    material.cycles.emission_sampling = "NONE"
    coordinates, split, emission = (
        nodes.new(kind) for kind in ("ShaderNodeTexCoord", "ShaderNodeSeparateXYZ", "ShaderNodeEmission")
    )
    links.new(coordinates.outputs["Object"], split.inputs["Vector"])
    gradient = colour_ramp(material, [(height, srgb(colour)) for height, colour in stops])
    links.new(split.outputs["Z"], gradient.inputs["Fac"])

    stretch, wisps = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeTexNoise")
    stretch.inputs["Scale"].default_value = (2.0, 2.0, 11.0)
    stretch.inputs["Rotation"].default_value = (0.0, 0.16, 0.0)
    wisps.inputs["Scale"].default_value, wisps.inputs["Detail"].default_value = 1.7, 6.0
    wisps.inputs["Distortion"].default_value = 0.7
    links.new(coordinates.outputs["Object"], stretch.inputs["Vector"])
    links.new(stretch.outputs["Vector"], wisps.inputs["Vector"])
    amount = colour_ramp(material, [(0.50, (0, 0, 0)), (0.72, (0.75,) * 3)])
    links.new(wisps.outputs["Fac"], amount.inputs["Fac"])
    clouded = _mix(material, amount.outputs["Color"], gradient.outputs["Color"], srgb(streaks))

    towards = nodes.new("ShaderNodeVectorMath")
    towards.operation = "DOT_PRODUCT"
    towards.inputs[1].default_value = towards_sun
    links.new(coordinates.outputs["Object"], towards.inputs[0])
    glow = colour_ramp(material, [(0.80, (0, 0, 0)), (0.95, (0.35,) * 3), (1.0, (0.9,) * 3)])
    links.new(towards.outputs["Value"], glow.inputs["Fac"])
    lit = _mix(material, glow.outputs["Color"], clouded, srgb(sun_glow))
    links.new(lit, emission.inputs["Color"])
    links.new(emission.outputs["Emission"], nodes["Material Output"].inputs["Surface"])

    dome = mesh_object("sky", points, faces, [material], smooth=True)
    dome.scale = (600, 600, 600)
    for ray in ("visible_diffuse", "visible_glossy", "visible_shadow", "visible_transmission"):
        setattr(dome, ray, False)


def _mix(
    material: bpy.types.Material, amount: bpy.types.NodeSocket, first: bpy.types.NodeSocket, second: Colour
) -> bpy.types.NodeSocket:
    """The socket of ``first`` mixed with a fixed colour by ``amount``."""
    mix = material.node_tree.nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    factor, one, two = mix.inputs[0], mix.inputs[6], mix.inputs[7]
    material.node_tree.links.new(amount, factor)
    material.node_tree.links.new(first, one)
    two.default_value = (*second, 1.0)
    return mix.outputs[2]


def sunlight(towards_sun: Point, colour: str, strength: float, shade: str, shade_strength: float) -> None:
    """A sun in the given direction and an even light of another colour in its shadows."""
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.color, lamp.energy, lamp.angle = srgb(colour), strength, 0.02
    sun = place(bpy.data.objects.new("sun", lamp))
    x, y, z = towards_sun
    sun.rotation_euler = (math.atan2(math.hypot(x, y), z), 0.0, math.atan2(y, x) + math.pi / 2)
    world = bpy.data.worlds.new("shade")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (*srgb(shade), 1.0)
    background.inputs["Strength"].default_value = shade_strength
    bpy.context.scene.world = world


def move(thing: bpy.types.Object, frames: range, **paths: Callable[[float], Point]) -> None:
    """Keyframes ``location=`` or ``rotation_euler=`` of an object at every frame from a function of seconds."""
    for frame in (frames.start - 1, *frames, frames.stop):  # one more at each end, for exact motion vectors there
        for path, value in paths.items():
            setattr(thing, path, value((frame - frames.start) / 24))
            thing.keyframe_insert(path, frame=frame)


def camera(frames: range, lens: float, eye: Callable[[float], Point], target: Callable[[float], Point]) -> None:
    """A camera that looks from ``eye(seconds)`` to ``target(seconds)``."""
    data = bpy.data.cameras.new("camera")
    data.lens, data.clip_end = lens, 2000
    thing = place(bpy.data.objects.new("camera", data))
    bpy.context.scene.camera = thing

    def turned(seconds: float) -> Point:
        x, y, z = (b - a for a, b in zip(eye(seconds), target(seconds), strict=True))
        return math.atan2(math.hypot(x, y), -z), 0.0, math.atan2(y, x) - math.pi / 2

    move(thing, frames, location=eye, rotation_euler=turned)
