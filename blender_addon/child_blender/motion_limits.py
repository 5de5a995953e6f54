# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene strips can tell their motion, and why the others cannot. Part of the child Blender of ``extract.py``.

Loaded by its path (``extract.py``), so it imports nothing but bpy and the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

# Until 4.2 an orthographic camera that moves is right, from 5.2 on again; between, vectors are off by many pixels.
_ORTHOGRAPHIC_IS_WRONG = (4, 3, 0) <= bpy.app.version < (5, 2, 0)
_SEE_THROUGH_OBJECTS = {
    "VOLUME": "a volume",
    "CURVES": "hair",
    "GPENCIL": "a grease pencil drawing",
    "GREASEPENCIL": "a grease pencil drawing",
}
_SEE_THROUGH_NODES = {"BSDF_TRANSPARENT", "BSDF_GLASS", "BSDF_REFRACTION", "HOLDOUT"}
# Nodes of the compositor that move pixels, or bring in pictures of which nothing is known.
_MOVING_NODES = {
    *("TRANSFORM", "TRANSLATE", "SCALE", "ROTATE", "CROP", "FLIP", "LENSDIST", "DISPLACE", "MAP_UV", "STABILIZE2D"),
    *("MOVIEDISTORTION", "CORNERPIN", "PLANETRACKDEFORM", "IMAGE", "MOVIECLIP"),
}


def scene_strip(strips: Any, strip: Any) -> Any:
    """The scene strip that makes up the picture of ``strip``: itself, or the only one in a meta strip; else None."""
    if strip.type == "META":
        inside = [one for one in strips.contents(strip) if not one.mute and one.type != "SOUND"]
        strip = inside[0] if len(inside) == 1 else strip
    return strip if strip.type == "SCENE" and strip.scene is not None else None


def obstacle(strip: Any) -> str:
    """Why this scene strip cannot tell its motion, as the end of a sentence; empty when it can."""
    shown = strip.scene
    if strip.scene_input == "SEQUENCER":
        return "it shows a timeline"
    camera = strip.scene_camera or shown.camera
    if camera is None or camera.type != "CAMERA":
        return f"the scene {shown.name!r} has no camera"
    if camera.data.type not in {"PERSP", "ORTHO"}:
        return f"the camera {camera.name!r} is a panorama"
    if camera.data.type == "ORTHO" and _ORTHOGRAPHIC_IS_WRONG and _moves(camera):
        return f"the camera {camera.name!r} is orthographic and moves, of which this Blender tells nothing right"
    if shown.render.use_border:
        return f"the scene {shown.name!r} renders a region only"
    if any(one.type == "COMPOSITOR" and not one.mute for one in strip.modifiers):
        return "it has a compositor modifier"
    layers = [layer for layer in shown.view_layers if layer.use]
    if len(layers) != 1:
        return f"the scene {shown.name!r} renders {len(layers)} view layers"
    return _moved_by_compositor(shown) or _seen_through(shown, layers[0])


def _moves(camera: Any) -> bool:
    """Whether the camera may move: it, or something it hangs on, is animated or held by a constraint."""
    while camera is not None:
        if camera.animation_data is not None or len(camera.constraints):
            return True
        camera = camera.parent
    return False


def _moved_by_compositor(shown: Any) -> str:
    tree = getattr(shown, "compositing_node_group", None) or getattr(shown, "node_tree", None)
    is_used = shown.render.use_compositing and (bpy.app.version >= (5, 0, 0) or shown.use_nodes)
    if tree is None or not is_used:
        return ""
    nodes = list(_nodes(tree))
    moving = next((node for node in nodes if node.type in _MOVING_NODES), None)
    if moving is not None:
        return f"the compositor of {shown.name!r} moves pixels or adds pictures ({moving.name})"
    if any(node.type == "R_LAYERS" and node.scene != shown for node in nodes):
        return f"the compositor of {shown.name!r} shows another scene"
    return ""


def _seen_through(shown: Any, layer: Any) -> str:
    """Behind what lets light through there is more than one motion in a pixel."""
    if shown.world is not None and shown.world.node_tree is not None and _has_volume(shown.world.node_tree):
        return f"the world of {shown.name!r} is a volume"
    materials: dict[Any, bool] = {}
    for thing in _things(layer):
        if thing.type in _SEE_THROUGH_OBJECTS:
            return f"{thing.name!r} is {_SEE_THROUGH_OBJECTS[thing.type]}"
        for system in thing.particle_systems:
            if system.settings.type == "HAIR" and system.settings.render_type == "PATH":
                return f"{thing.name!r} has hair"
        if any(one.type == "FLUID" and one.fluid_type == "DOMAIN" and one.show_render for one in thing.modifiers):
            return f"{thing.name!r} is a fluid"
        for slot in thing.material_slots:
            material = slot.material
            if material is None or material.node_tree is None:
                continue
            if material not in materials:
                materials[material] = any(map(_lets_through, _nodes(material.node_tree))) or _has_volume(
                    material.node_tree
                )
            if materials[material]:
                return f"the material {material.name!r} of {thing.name!r} lets light through"
    return ""


def _things(layer: Any) -> Iterator[Any]:
    """The objects that may be seen, those that are shown as instances of a collection too."""
    layer.update()  # a layer that was never looked at lists nothing
    seen = set()
    waiting = list(layer.objects)
    while waiting:
        thing = waiting.pop()
        if thing in seen or thing.hide_render:
            continue
        seen.add(thing)
        yield thing
        if thing.instance_type == "COLLECTION" and thing.instance_collection is not None:
            waiting += thing.instance_collection.all_objects


def _nodes(tree: Any) -> Iterator[Any]:
    """The nodes of a tree and of its groups that lead anywhere."""
    for node in tree.nodes:
        if node.mute:
            continue
        if node.type == "GROUP" and node.node_tree is not None:
            yield from _nodes(node.node_tree)
        elif not node.outputs or any(output.is_linked for output in node.outputs):
            yield node


def _lets_through(node: Any) -> bool:
    if node.type != "BSDF_PRINCIPLED":
        return node.type in _SEE_THROUGH_NODES
    alpha, transmission = node.inputs["Alpha"], node.inputs["Transmission Weight"]
    return alpha.is_linked or alpha.default_value < 1.0 or transmission.is_linked or transmission.default_value > 0.0


def _has_volume(tree: Any) -> bool:
    outputs = (node for node in tree.nodes if node.type in {"OUTPUT_MATERIAL", "OUTPUT_WORLD"})
    return any(node.inputs["Volume"].is_linked for node in outputs)
