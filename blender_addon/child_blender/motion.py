# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact motion of a scene strip: renders the passes of the frames it shows. Part of ``extract.py``'s child Blender.

Loaded by its path (``extract.py``), so it imports nothing but Blender's modules and the standard library. What it
writes is read by ``core/flow/given.py``: ``motion.json``, and an OpenEXR file for each frame of the shown scene.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import bpy
from mathutils import Matrix

# The flow that the passes are for lies on half of the frame's grid, and on no more than this many pixels a side.
_DENSITY, _LONGEST_SIDE = 0.5, 480
_MOST_PIXELS_A_SIDE = 1920  # of a picture that is shown enlarged
# Where frames of the scene are skipped, those between are rendered too, up to so many; beyond that motion is estimated.
_LONGEST_JUMP = 4
_MOST_INDICES = 32000
_LENS = ("type", "lens", "sensor_width", "sensor_height", "sensor_fit", "shift_x", "shift_y", "ortho_scale")


class Recorder:
    """Notes, while the sequencer renders the strip, which frame of its scene each picture shows, and where.

    Args:
        timeline: the scene with the timeline.
        outer: the strip that is extracted.
        inner: the scene strip; ``outer`` itself, or the one strip inside it.
    """

    def __init__(self, timeline: Any, outer: Any, inner: Any) -> None:
        self.shown: list[_Shown | None] = []
        self.size = _size(inner.scene)
        self.frame = _size(timeline, percentage=100)
        self.pictures = _size(timeline)  # what is written of a frame
        self.inner = inner
        self._outer = outer
        self._rendered: list[tuple[str, int]] = []
        self._picture: Path | None = None
        bpy.app.handlers.render_pre.append(self._note)

    def _note(self, scene: Any, *_more: Any) -> None:
        self._rendered.append((scene.name, scene.frame_current))

    def next_frame(self, picture: Path) -> None:
        """Called after each picture was rendered and written.

        Where a frame is held, the sequencer may take its picture from memory and render nothing.
        """
        rendered, self._rendered = self._rendered[1:], []  # the timeline itself comes first
        frames = [frame for name, frame in rendered if name == self.inner.scene.name]
        last = self.shown[-1] if self.shown else None
        if not frames and last is not None and self._picture is not None:
            frames = [last.scene_frame] * (_pixels(picture) == _pixels(self._picture))
        self.shown.append(_Shown(frames[-1], *self._place()) if frames else None)
        self._picture = picture

    def stop(self) -> None:
        """The pictures are done."""
        bpy.app.handlers.render_pre.remove(self._note)

    def needed(self) -> list[int]:
        """The frames of the scene that lead from each frame of the strip to the next."""
        found: set[int] = set()
        for one, other in zip(self.shown, self.shown[1:], strict=False):
            if one is not None and other is not None and abs(other.scene_frame - one.scene_frame) <= _LONGEST_JUMP:
                first, last = sorted((one.scene_frame, other.scene_frame))
                found.update(range(first, last + 1))
        return sorted(found)

    def enlargement(self) -> float:
        """How many pixels of the frame a pixel of the scene's picture becomes, at most."""
        columns = [column for one in self.shown if one is not None for column in one.place.col[:2]]
        return max((column.xy.length for column in columns), default=1.0)

    def _place(self) -> tuple[Any, tuple[_Edges, ...]]:
        strips = (
            [(self.inner, self.size)]
            if self.inner == self._outer
            else [(self.inner, self.size), (self._outer, self.frame)]
        )
        place, edges = Matrix.Identity(4), []
        for strip, size in strips:
            crop = strip.crop
            edges.append(_Edges(place, size, (crop.min_x, crop.max_y, crop.max_x, crop.min_y)))
            place = _transform(strip, size, self.frame) @ place
        return place, (*edges, _Edges(place, self.frame, (0, 0, 0, 0)))


class _Edges(NamedTuple):
    """A strip, or the frame: how the scene's picture lies in it, its size, and what is cut off from the left on."""

    place: Any
    size: tuple[int, int]
    cut: tuple[int, int, int, int]  # left, top, right, bottom


class _Shown(NamedTuple):
    """What one frame of the strip shows: a frame of the scene, where, and the edges that cut it on the way."""

    scene_frame: int
    place: Any
    edges: tuple[_Edges, ...]


def _pixels(picture: Path) -> list[bytes]:
    """What a PNG file holds of pixels, compressed; beside it Blender notes the frame and the time of day."""
    data, place, found = picture.read_bytes(), 8, []
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] == b"IDAT":
            found.append(data[place + 8 : place + 8 + length])
        place += 12 + length
    return found


def _size(scene: Any, percentage: int | None = None) -> tuple[int, int]:
    """Width and height of a scene's picture."""
    render = scene.render
    share = percentage or render.resolution_percentage
    return render.resolution_x * share // 100, render.resolution_y * share // 100


def _transform(strip: Any, size: tuple[int, int], frame: tuple[int, int]) -> Any:
    """Where the sequencer puts a strip's picture in the frame: from its lower left corner to the frame's."""
    how = strip.transform
    pivot = Matrix.Translation((size[0] * how.origin[0], size[1] * how.origin[1], 0.0))
    # The sequencer's middle is a whole number of pixels.
    middle = [int((there - here) / 2) for here, there in zip(size, frame, strict=True)]
    moved = Matrix.Translation((how.offset_x + middle[0], how.offset_y + middle[1], 0.0))
    turned = Matrix.Rotation(how.rotation, 4, "Z") @ Matrix.Diagonal((how.scale_x, how.scale_y, 1.0, 1.0))
    place = pivot @ moved @ turned @ pivot.inverted()
    if strip.use_flip_x:
        place = Matrix.Translation((frame[0], 0.0, 0.0)) @ Matrix.Diagonal((-1.0, 1.0, 1.0, 1.0)) @ place
    if strip.use_flip_y:
        place = Matrix.Translation((0.0, frame[1], 0.0)) @ Matrix.Diagonal((1.0, -1.0, 1.0, 1.0)) @ place
    return place


def render_motion(strips: Any, recorder: Recorder, folder: Path, tell: Callable[[int, int], None]) -> None:
    """Writes the motion of the recorded frames; ``tell`` hears how many of how many frames' passes are done.

    Changes the shown scene, which is the child's own copy.
    """
    shown = recorder.inner.scene
    if recorder.inner.scene_camera is not None:
        shown.timeline_markers.clear()  # they would switch to another camera
        shown.camera = recorder.inner.scene_camera
    # A scene that is not the window's own is not animated by frame_set.
    bpy.context.window_manager.windows[0].scene = shown
    render = shown.render
    lens = _Lens(shown, recorder.size)
    _prepare(strips, shown)
    width, height = _size_of_passes(recorder, lens.aspect)
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    cameras, scale = {}, (1.0, 1.0)
    frames = recorder.needed()
    for done, frame in enumerate(frames):
        tell(done, len(frames))
        shown.frame_set(frame)
        projection, view, scale = lens.hold((width, height))
        cameras[frame] = {"projection": _numbers(projection), "view": _numbers(view)}
        render.filepath = str(folder / f"{frame}.exr")
        bpy.ops.render.render(write_still=True, scene=shown.name)
    tell(len(frames), len(frames))
    into_scene = (
        Matrix.Translation((recorder.size[0] / 2, recorder.size[1] / 2, 0.0))
        @ Matrix.Diagonal((1 / scale[0], 1 / scale[1], 1.0, 1.0))
        @ Matrix.Translation((-width / 2, -height / 2, 0.0))
        @ Matrix.Translation((0.5, height - 0.5, 0.0))
        @ Matrix.Diagonal((1.0, -1.0, 1.0, 1.0))
    )
    shown_frames = [
        None if one is None else _frame_record(one, into_scene, recorder.pictures) for one in recorder.shown
    ]
    record = {"format": 1, "frames": shown_frames, "cameras": cameras}
    (folder / "motion.json").write_text(json.dumps(record), "utf-8")


def _prepare(strips: Any, shown: Any) -> None:
    """One ray through the middle of each pixel, and nothing but the passes."""
    render, cycles = shown.render, shown.cycles
    render.engine = "CYCLES"
    cycles.device, cycles.samples, cycles.max_bounces = "CPU", 1, 0
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.pixel_filter_type, cycles.filter_width = "BOX", 0.01
    render.use_persistent_data = True
    render.use_motion_blur = False  # with motion blur Cycles leaves the Vector pass empty
    render.use_sequencer = render.use_compositing = render.use_freestyle = render.use_multiview = False
    render.use_border = render.use_crop_to_border = render.use_placeholder = render.use_stamp = False
    render.use_file_extension = render.use_overwrite = True
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0  # with another one Blender 5.0 cannot write the file
    strips.set_passes_output(shown)
    for layer in shown.view_layers:
        layer.use_pass_vector = layer.use_pass_z = layer.use_pass_object_index = layer.use
    for thing in bpy.data.objects:  # by the name, so that a new object leaves the others' numbers as they are
        thing.pass_index = 1 + zlib.crc32(thing.name_full.encode()) % _MOST_INDICES


class _Lens:
    """Renders with a lens that does not change: Blenders differ in what they make of one that does.

    A camera whose lens is animated gets a copy of it that is not. The animated one stays in the scene, on an object of
    its own that shows nothing, and before each frame the copy is set to what that one says.

    Args:
        shown: the scene.
        size: width and height of its picture in the sequencer.
    """

    def __init__(self, shown: Any, size: tuple[int, int]) -> None:
        self.aspect = shown.render.pixel_aspect_x, shown.render.pixel_aspect_y
        self._shown = shown
        self._size = size
        self._carriers: dict[str, Any] = {}

    def hold(self, size: tuple[int, int]) -> tuple[Any, Any, tuple[float, float]]:
        """Sets the lens of the scene's camera for the current frame.

        Returns:
            Its projection for passes of this size, what brings the world into its space, and how many pixels of the
            passes a pixel of the scene's picture is wide and high.
        """
        camera = self._shown.camera
        if camera.name not in self._carriers:
            self._carriers[camera.name] = self._carrier(camera)
        carrier = self._carriers[camera.name]
        bpy.context.view_layer.update()
        now = bpy.context.evaluated_depsgraph_get()
        if carrier != camera:
            for name in _LENS:
                setattr(camera.data, name, getattr(carrier.evaluated_get(now).data, name))
        passes = carrier.calc_matrix_camera(now, x=size[0], y=size[1])
        (x, y), (scale_x, scale_y) = self._size, self.aspect
        whole = carrier.calc_matrix_camera(now, x=x, y=y, scale_x=scale_x, scale_y=scale_y)
        scale = passes[0][0] * size[0] / (whole[0][0] * x), passes[1][1] * size[1] / (whole[1][1] * y)
        return passes, camera.evaluated_get(now).matrix_world.inverted(), scale

    def _carrier(self, camera: Any) -> Any:
        """The object with the lens as it is meant: another one than the camera where the lens is animated."""
        moving = camera.data
        if moving.animation_data is None:
            moving.dof.use_dof = False
            return camera
        still = moving.copy()
        still.animation_data_clear()
        still.dof.use_dof = False
        carrier = bpy.data.objects.new("lens", moving)
        self._shown.collection.objects.link(carrier)
        camera.data = still
        return carrier


def _size_of_passes(recorder: Recorder, aspect: tuple[float, float]) -> tuple[int, int]:
    """Width and height: as dense as the grid of the flow, with pixels that are square."""
    density = min(_DENSITY, _LONGEST_SIDE / max(recorder.frame)) * recorder.enlargement()
    density = min(1.0, density, _MOST_PIXELS_A_SIDE / max(recorder.size))
    width, height = (
        max(16, math.ceil(side * density * wide / min(aspect)))
        for side, wide in zip(recorder.size, aspect, strict=True)
    )
    return width, height


def _numbers(matrix: Any) -> list[float]:
    return [number for row in matrix for number in row]


def _frame_record(one: _Shown, into_scene: Any, pictures: tuple[int, int]) -> dict[str, Any]:
    """One frame for ``motion.json``: there y points down and pixel centres lie at whole numbers.

    The last window is the frame itself, in pixels of the pictures that are written of it.
    """
    windows = []
    for place, (width, height), (left, top, right, bottom) in one.edges:
        turned = Matrix.Translation((-0.5, height - 0.5, 0.0)) @ Matrix.Diagonal((1.0, -1.0, 1.0, 1.0))
        whole = turned @ place @ into_scene
        if len(windows) == len(one.edges) - 1:
            half = Matrix.Translation((0.5, 0.5, 0.0))
            smaller = Matrix.Diagonal((pictures[0] / width, pictures[1] / height, 1.0, 1.0))
            whole = half.inverted() @ smaller @ half @ whole
            width, height = pictures
        placement = [[row[0], row[1], row[3]] for row in whole[:2]]
        edges = [left - 0.5, top - 0.5, width - right - 0.5, height - bottom - 0.5]
        windows.append({"placement": placement, "edges": edges})
    return {"scene_frame": one.scene_frame, "windows": windows}
