# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene strips whose every movement is given by numbers; their exact motion is kept for the test to look at."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stylizes all cases with one press; each is stopped once the worker has it, except those that are to be painted.

    Options: ``size`` of the frames, and ``cases`` by name: ``scene`` and ``strip`` as ``build_scene`` and
    ``build_strip`` take them, ``painted`` to paint it to its end.
    """
    scene = timeline.new(*options["size"])
    first = 1
    for name, case in options["cases"].items():
        strip = build_strip(scene, name, build_scene(name, case["scene"]), first, case["strip"])
        first = timeline.end_frame(strip) + 5
    timeline.save(work / "edit.blend")
    before = _fingerprint(work / "edit.blend")
    scene.brushflow.exact_motion = options.get("exact", True)
    scene.brushflow.resolution = options.get("resolution", 100)
    timeline.select(scene, *options["cases"])
    jobs = {job.name: job for job in timeline.press(style="starry-night").jobs}
    queue = timeline.addon("jobs.queue").QUEUE
    result: dict[str, Any] = {"cases": {}, "file": {"before": before}}
    for name, job in jobs.items():
        timeline.tick_until(lambda job=job: job.state.stage.value not in {"waiting", "extracting"}, 120)
        kept = work / "kept" / name
        shutil.copytree(job.places.frames, kept)
        if not options["cases"][name].get("painted"):
            queue.cancel(job)
        while not job.state.has_ended:
            queue.tick()
            time.sleep(0.005)
        result["cases"][name] = {
            **timeline.state(job),
            "folder": str(kept),
            "warnings": list(job.state.warnings),
            "frames": sorted(int(path.stem) for path in (kept / "motion").glob("*.exr")),
        }
    timeline.tick_until(lambda: queue.is_settled) if not queue.is_settled else None
    result["notice"] = queue.notice.sentence if queue.notice is not None else ""
    if options.get("again"):
        timeline.select(scene, options["again"])
        result["error"] = timeline.stylize(style="starry-night")
        result["again"] = timeline.last_job()
    result["file"]["after"] = _fingerprint(work / "edit.blend")
    result["settings"] = [
        [one.render.engine, one.render.resolution_x, one.view_layers[0].use_pass_vector, one.camera.data.name]
        for one in bpy.data.scenes
        if one != scene
    ]
    return result


def _fingerprint(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes()).hexdigest()


def build_scene(name: str, spec: dict[str, Any]) -> Any:
    """A scene rendered by Cycles.

    Spec: ``size``, ``share`` its percentage, ``aspect`` how wide a pixel is, ``camera`` by frame ([place, turn, lens];
    "orthographic" makes the third the scale), ``things`` each with ``vertices``, ``faces`` and ``frames`` ([place,
    turn]), ``material`` node for all.
    """
    scene = bpy.data.scenes.new(f"{name} scene")
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = spec["size"]
    scene.render.resolution_percentage = spec.get("share", 100)
    scene.render.pixel_aspect_x = spec.get("aspect", 1.0)
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.device = 1, False, "CPU"
    scene.view_settings.view_transform = "Standard"
    scene.frame_start = spec.get("first", 1)
    data = bpy.data.cameras.new(f"{name} camera")
    camera = bpy.data.objects.new(f"{name} camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    data.type = "ORTHO" if spec.get("orthographic") else "PERSP"
    lens = "ortho_scale" if spec.get("orthographic") else "lens"
    still = len({str(values) for values in spec["camera"].values()}) == 1
    for frame, (place, turn, value) in spec["camera"].items():
        _key(camera, place, turn, None if still else int(frame))
        setattr(data, lens, value)
        if not still:
            data.keyframe_insert(lens, frame=int(frame))
    world = bpy.data.worlds.new(f"{name} sky")
    scene.world = world
    for number, thing in enumerate(spec["things"]):
        mesh = bpy.data.meshes.new(f"{name} {number}")
        mesh.from_pydata(thing["vertices"], [], thing["faces"])
        mesh.materials.append(_material(f"{name} {number}", number, spec.get("material", "ShaderNodeEmission")))
        body = bpy.data.objects.new(f"{name} {number}", mesh)
        scene.collection.objects.link(body)
        for frame, (place, turn) in thing["frames"].items():
            _key(body, place, turn, int(frame))
    return scene


def _key(body: Any, place: list[float], turn: list[float], frame: int | None) -> None:
    body.location, body.rotation_euler = place, turn
    if frame is not None:
        body.keyframe_insert("location", frame=frame)
        body.keyframe_insert("rotation_euler", frame=frame)


def _material(name: str, number: int, kind: str) -> Any:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    shader, output = tree.nodes.new(kind), tree.nodes.new("ShaderNodeOutputMaterial")
    shader.inputs["Color"].default_value = (*[(0.8, 0.2, 0.1), (0.1, 0.7, 0.2), (0.1, 0.2, 0.8)][number % 3], 1.0)
    tree.links.new(shader.outputs[0], output.inputs["Surface"])
    return material


def build_strip(scene: Any, name: str, shown: Any, first: int, spec: dict[str, Any]) -> Any:
    """A scene strip, or one in a meta strip.

    Spec: ``length``, ``transform`` (its properties), ``crop`` (its properties), ``keys`` of the horizontal offset by
    the place of the frame, any property of the strip itself under ``strip``, ``speed`` in per cent, ``meta``:
    transform of a meta strip.
    """
    where = timeline.strips(scene)
    meta = where.new_meta(name=name, channel=1, frame_start=first) if "meta" in spec else None
    inner = timeline.contents(meta) if meta is not None else where
    strip = inner.new_scene(name="inner" if meta else name, scene=shown, channel=1, frame_start=first)
    timeline.set_end(strip, first + spec["length"])
    for key, value in spec.get("strip", {}).items():
        setattr(strip, key, value)
    for holder in ("transform", "crop"):
        for key, value in spec.get(holder, {}).items():
            setattr(getattr(strip, holder), key, value)
    if "speed" in spec and bpy.app.version >= (4, 5, 0):  # before, scene strips cannot be retimed
        _retime(scene, strip, spec["speed"])
    for place, value in spec.get("keys", {}).items():
        strip.transform.offset_x = value
        strip.transform.keyframe_insert("offset_x", frame=first + int(place))
    if meta is None:
        return strip
    for key, value in spec["meta"].items():
        setattr(meta.transform, key, value)
    timeline.set_end(meta, first + spec["length"])
    return meta


def _retime(scene: Any, strip: Any, speed: float) -> None:
    """As the editor does it, which needs an area of the sequencer."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before, area.type = area.type, "SEQUENCE_EDITOR"
    area.spaces.active.view_type = "SEQUENCER"
    timeline.select(scene, strip.name)
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.sequencer.retiming_segment_speed_set(speed=speed)
    area.type = before
