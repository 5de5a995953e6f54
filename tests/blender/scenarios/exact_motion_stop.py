# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact motion switched off, cancelled while it is rendered, and every reason why a scene strip cannot tell it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import exact_motion
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Each part on a fresh timeline; gives what each saw."""
    spec = options["scene"]
    return {"off": switched_off(work, spec), "cancelled": cancelled(work, spec), "obstacles": obstacles(spec)}


def _fresh(work: Path, spec: dict[str, Any], length: int) -> Any:
    scene = timeline.new(320, 180)
    shown = exact_motion.build_scene("strip", spec)
    exact_motion.build_strip(scene, "strip", shown, 1, {"length": length})
    timeline.save(work / f"edit{length}.blend")
    timeline.select(scene, "strip")
    return scene


def switched_off(work: Path, spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Once by its own switch, once because no motion is looked at."""
    told = []
    for name, value in (("exact_motion", False), ("stability", 0.0)):
        scene = _fresh(work, spec, 3)
        setattr(scene.brushflow, name, value)
        (job,) = timeline.press(style="starry-night").jobs
        timeline.tick_until(lambda job=job: job.state.stage.value not in {"waiting", "extracting"})
        seen = {"motion": job.places.motion.exists(), "asked": job.request().motion_dir}
        timeline.addon("jobs.queue").QUEUE.run_blocking()
        told.append({**timeline.state(job), **seen, "warnings": list(job.state.warnings)})
    return told


def cancelled(work: Path, spec: dict[str, Any]) -> dict[str, Any]:
    """While the motion of a long strip is rendered."""
    _fresh(work, spec, 40)
    (job,) = timeline.press(style="starry-night").jobs
    timeline.tick_until(lambda: job.extraction is not None and job.extraction.motion_steps[0] >= 2, 200)
    doing, process = job.state.doing, job.extraction.process_id
    started = time.monotonic()
    timeline.addon("jobs.queue").QUEUE.cancel(job)
    while Path(f"/proc/{process}").exists() and "Z" not in Path(f"/proc/{process}/stat").read_text().split()[2]:
        time.sleep(0.01)
    return {
        "doing": doing,
        "seconds": time.monotonic() - started,
        "stage": job.state.stage.value,
        "left": job.temporary.exists(),
    }


def obstacles(spec: dict[str, Any]) -> dict[str, str]:
    """What the add-on says of a plain scene, and after each of these changes to one."""
    changes: dict[str, Callable[[Any, Any], None]] = {
        "plain": lambda shown, strip: None,
        "timeline": lambda shown, strip: setattr(strip, "scene_input", "SEQUENCER"),
        "no camera": lambda shown, strip: setattr(shown, "camera", None),
        "panorama": lambda shown, strip: setattr(shown.camera.data, "type", "PANO"),
        "region": lambda shown, strip: setattr(shown.render, "use_border", True),
        "two layers": lambda shown, strip: shown.view_layers.new("second"),
        "volume": lambda shown, strip: _add(shown, "volume", bpy.data.volumes.new("fog")),
        "hair": lambda shown, strip: _add(shown, "hair", bpy.data.hair_curves.new("hair")),
        "hair unseen": _hidden_hair,
        "drawing": lambda shown, strip: _add(shown, "drawing", _drawing()),
        "glass": lambda shown, strip: _use_node(shown, "ShaderNodeBsdfGlass"),
        "clear": lambda shown, strip: _principled(shown, "Alpha", 0.5),
        "liquid": lambda shown, strip: _principled(shown, "Transmission Weight", 1.0),
        "opaque": lambda shown, strip: _principled(shown, "Alpha", 1.0),
        "moved by compositor": lambda shown, strip: _compositor(shown, "CompositorNodeTranslate"),
        "blurred by compositor": lambda shown, strip: _compositor(shown, "CompositorNodeBlur"),
    }
    told = {}
    for name, change in changes.items():
        scene = timeline.new(320, 180)
        shown = exact_motion.build_scene("strip", spec)
        strip = exact_motion.build_strip(scene, "strip", shown, 1, {"length": 3})
        change(shown, strip)
        told[name] = timeline.addon("child_blender.motion_limits").obstacle(strip)
    return told


def _add(shown: Any, name: str, data: Any) -> Any:
    thing = bpy.data.objects.new(name, data)
    shown.collection.objects.link(thing)
    return thing


def _hidden_hair(shown: Any, _strip: Any) -> None:
    _add(shown, "hair", bpy.data.hair_curves.new("hair")).hide_render = True


def _drawing() -> Any:
    kinds = [getattr(bpy.data, name) for name in ("grease_pencils_v3", "grease_pencils") if hasattr(bpy.data, name)]
    return kinds[0].new("drawing")


def _use_node(shown: Any, kind: str) -> Any:
    material = bpy.data.materials.new("other")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    shader, output = tree.nodes.new(kind), tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(shader.outputs[0], output.inputs["Surface"])
    next(thing for thing in shown.objects if thing.type == "MESH").data.materials[0] = material
    return shader


def _principled(shown: Any, name: str, value: float) -> None:
    _use_node(shown, "ShaderNodeBsdfPrincipled").inputs[name].default_value = value


def _compositor(shown: Any, kind: str) -> None:
    if hasattr(shown, "compositing_node_group"):
        tree = shown.compositing_node_group = bpy.data.node_groups.new("compositor", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        end = tree.nodes.new("NodeGroupOutput")
    else:
        shown.use_nodes = True
        tree = shown.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    layers, node = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new(kind)
    layers.scene = shown
    tree.links.new(layers.outputs["Image"], node.inputs[0])
    tree.links.new(node.outputs[0], end.inputs[0])
