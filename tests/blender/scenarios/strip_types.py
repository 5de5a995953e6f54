# SPDX-License-Identifier: GPL-3.0-or-later
"""One strip of each type one after another on a timeline, all stylized with one press."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline

LENGTH = 4


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stylizes all of them; renders source, strength 0, 0.5 and 1."""
    media = Path(options["media"])
    scene = timeline.new()
    built = build(scene, media)
    timeline.save(work / "edit.blend")
    ranges = {name: [timeline.first_frame(strip), timeline.end_frame(strip)] for name, strip in built.items()}
    frames = [frame for first, end in ranges.values() for frame in (first, end - 1)]
    result: dict[str, Any] = {"ranges": ranges, "source": timeline.render(scene, work / "source", frames)}
    timeline.select(scene, *ranges)
    scene.view_settings.view_transform = "AgX"  # Blender's default; the painted frames must know nothing of it
    result["error"] = timeline.stylize(style="starry-night")
    scene.view_settings.view_transform = "Standard"
    result["jobs"] = [timeline.state(job) for job in timeline.addon("jobs.queue").QUEUE.jobs]
    for strength in (0.0, 0.5, 1.0):
        for name in ranges:
            timeline.strips(scene)[f"{name} (Brushflow)"].blend_alpha = strength
        result[f"at {strength}"] = timeline.render(scene, work / f"at{strength}", frames)
    result["results"] = {name: timeline.describe(scene, f"{name} (Brushflow)") for name in ranges}
    result["selected"] = sorted(strip.name for strip in timeline.strips(scene) if strip.select)
    result["active"] = scene.sequence_editor.active_strip.name
    result["muted"] = [strip.name for strip in timeline.strips(scene) if strip.mute]
    return result


def build(scene: Any, media: Path) -> dict[str, Any]:
    """The strips, each at frames of its own."""
    where = timeline.strips(scene)
    starts = iter(range(1, 1000, 10))
    built: dict[str, Any] = {}
    images = [media / f"images/{number:03}.png" for number in range(1, LENGTH + 1)]

    start = next(starts)
    built["movie"] = where.new_movie(name="movie", filepath=str(media / "clip.mkv"), channel=1, frame_start=start)
    timeline.set_end(built["movie"], start + LENGTH)

    start = next(starts)
    built["image"] = timeline.image_strip(where, "image", images, 1, start)
    built["image"].transform.scale_x = 0.8
    built["image"].transform.rotation = 0.2
    built["image"].crop.min_x = 5

    start = next(starts)
    built["scene"] = where.new_scene(name="scene", scene=three_d_scene(), channel=1, frame_start=start)
    timeline.set_end(built["scene"], start + LENGTH)

    start = next(starts)
    built["meta"] = meta = where.new_meta(name="meta", channel=1, frame_start=start)
    inner = timeline.contents(meta)
    timeline.image_strip(inner, "inner", images, 1, start)
    over = timeline.effect(inner, "COLOR", "inner colour", 2, start, LENGTH)
    over.color, over.blend_alpha = (0.9, 0.1, 0.2), 0.4
    timeline.set_end(meta, start + LENGTH)

    start = next(starts)
    built["colour"] = timeline.effect(where, "COLOR", "colour", 1, start, LENGTH)
    built["colour"].color = (0.1, 0.6, 0.3)

    start = next(starts)
    one = timeline.image_strip(where, "one", images, 1, start)
    built["blur"] = timeline.effect(where, "GAUSSIAN_BLUR", "blur", 2, start, LENGTH, [one])
    built["blur"].size_x = built["blur"].size_y = 2.0

    start = next(starts)
    two = timeline.image_strip(where, "two", images, 1, start)
    three = timeline.image_strip(where, "three", images[::-1], 2, start)
    built["cross"] = timeline.effect(where, "CROSS", "cross", 3, start, LENGTH, [two, three])

    start = next(starts)
    timeline.image_strip(where, "under the text", images, 1, start)
    built["text"] = timeline.effect(where, "TEXT", "text", 2, start, LENGTH)
    built["text"].text, built["text"].font_size = "Az", 30
    return built


def three_d_scene() -> Any:
    """A box before a camera, rendered by Cycles, which needs no GPU."""
    scene = bpy.data.scenes.new("3D")
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.device = 2, False, "CPU"
    scene.view_settings.view_transform = "Standard"
    mesh = bpy.data.meshes.new("box")
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh.from_pydata(corners, [], sides)
    box = bpy.data.objects.new("box", mesh)
    for frame in (1, LENGTH):
        box.rotation_euler = (0.3, 0.4 * frame, 0.2)
        box.keyframe_insert("rotation_euler", frame=frame)
    scene.collection.objects.link(box)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.location = (0.0, 0.0, 6.0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    lamp = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    lamp.data.energy, lamp.rotation_euler = 1.0, (0.5, 0.5, 0.0)  # nowhere brighter than white
    scene.collection.objects.link(lamp)
    world = bpy.data.worlds.new("sky")
    scene.world = world
    return scene
