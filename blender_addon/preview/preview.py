# SPDX-License-Identifier: GPL-3.0-or-later
"""The current frame, painted, over the preview region: behind a wipe line, or side by side with its source.

Drawn by a handler of the preview region from pictures that went through the scene's view transform already, so they
look as the rendered result will. While it is on it follows the playhead and the choices in the panel.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy
import gpu

from ..actions import looks
from ..actions.look import Look, LookStage
from ..core_link import errors
from ..jobs.timer import redraw
from ..styles.style_list import STYLES
from ..timeline import strips
from . import drawing as preview_drawing
from . import wipe
from .drawing import draw_ground, draw_label, draw_line, draw_piece
from .wipe import Box, Way

_FOLLOW_SECONDS = 0.15
_IMAGE_NAMES = (".brushflow-source", ".brushflow-painting")


class Preview:
    """What is shown, and how.

    Attributes:
        line: where the wipe line is, 0 … 1 of the picture's width.
        is_side_by_side: else there is a wipe line.
        shows_source: while its key is held.
        problem: why nothing can be shown; empty when all is well.
    """

    def __init__(self) -> None:
        self.line = 0.5
        self.is_side_by_side = self.shows_source = False
        self.problem = ""
        self._look: Look | None = None
        self._shown: Look | None = None
        self._textures: tuple[Any, Any] | None = None
        self._handle: Any = None
        self._key = self._seen_key = ""
        self._followed_at = 0.0
        self._draw, self._watch = self.draw, self.watch  # Blender and the timer know them by the very object

    @property
    def is_on(self) -> bool:
        """True from the press of the button until it is ended."""
        return self._handle is not None

    @property
    def look(self) -> Look | None:
        """The look that is worked on, or shown."""
        return self._look

    @property
    def way(self) -> Way:
        """How source and painting are compared now."""
        return Way.SOURCE if self.shows_source else Way.SIDE if self.is_side_by_side else Way.WIPE

    def start(self, context: Any) -> None:
        """Begins to paint, and shows it from now on.

        Raises:
            BrushflowError: the current frame cannot be painted; says why.
        """
        self._look, self._key = looks.start_preview(context), looks.key_of(context)
        self._seen_key, self.problem, self.shows_source = self._key, "", False
        if not self.is_on:
            self._handle = bpy.types.SpaceSequenceEditor.draw_handler_add(self._draw, (), "PREVIEW", "POST_PIXEL")
            looks.watchers.append(self._watch)

    def stop(self) -> None:
        """Ends it; nothing of it stays."""
        if self._handle is not None:
            bpy.types.SpaceSequenceEditor.draw_handler_remove(self._handle, "PREVIEW")
            looks.watchers.remove(self._watch)
        self._handle = None
        self._forget()
        if looks.DESK.preview is not None:
            looks.DESK.drop(looks.DESK.preview)
        self._look = None
        redraw()

    def _forget(self) -> None:
        self._textures = self._shown = None
        preview_drawing.forget()
        for name in _IMAGE_NAMES:
            image = bpy.data.images.get(name)
            if image is not None:
                bpy.data.images.remove(image)

    def watch(self) -> None:
        """Takes in a look that is done, and begins a new one where frame or choices are others now."""
        look = self._look
        if look is not None and look.stage is LookStage.FAILED and look.sentence != self.problem:
            self.problem = look.sentence
            redraw()
        if look is not None and look.stage is LookStage.DONE and look is not self._shown and look.shown:
            self._textures, self._shown = None, look
            for name, path in zip(_IMAGE_NAMES, look.shown, strict=True):
                _show_picture(name, path)
            redraw()
        now = time.monotonic()
        if now - self._followed_at < _FOLLOW_SECONDS or bpy.app.is_job_running("RENDER"):
            return
        self._followed_at = now
        window = bpy.context.window_manager.windows[0]
        with bpy.context.temp_override(window=window):
            self._follow(bpy.context)

    def _follow(self, context: Any) -> None:
        """A new look once the playhead rests at another frame, or other choices were made."""
        if context.screen is None or context.screen.is_animation_playing:
            return
        key = looks.key_of(context)
        is_resting, self._seen_key = key == self._seen_key, key
        if not key or key == self._key or not is_resting:
            return
        self._key = key
        try:
            self._look = looks.start_preview(context)
            self.problem = ""
        except errors.BrushflowError as error:
            self.problem = str(error)
        redraw()

    def box(self, context: Any, region: Any) -> Box | None:
        """Where the picture lies in a preview region; None where it shows no timeline."""
        scene = strips.timeline_scene(context)
        if scene is None or region.width < 2 or region.height < 2:
            return None
        view, render = region.view2d, scene.render
        # Blender counts its places from the first pixel to the last, and draws from edge to edge.
        corners = (*view.region_to_view(0, 0), *view.region_to_view(region.width - 1, region.height - 1))
        size = render.resolution_x * render.pixel_aspect_x / render.pixel_aspect_y, render.resolution_y
        return wipe.picture_box((region.width, region.height), corners, size)

    def draw(self) -> None:
        """Draws it into one preview region; called by Blender."""
        context = bpy.context
        scene, look = strips.timeline_scene(context), self._shown
        box = self.box(context, context.region)
        if box is None or scene is None:
            return
        scale = context.preferences.system.ui_scale
        if look is None or scene.name != look.scene or scene.frame_current != look.frame:
            self._draw_words(box, scale, self.problem or "Painting…")
            return
        if self._textures is None:
            images = [bpy.data.images.get(name) for name in _IMAGE_NAMES]
            if None in images:  # undone
                return
            self._textures = gpu.texture.from_image(images[0]), gpu.texture.from_image(images[1])
        draw_ground(box)
        for piece in wipe.pieces(self.way, box, self.line):
            draw_piece(piece, self._textures[piece.is_painted])
        if self.way is Way.WIPE:
            draw_line(box, self.line, scale)
        self._draw_labels(box, scale, STYLES.title(look.settings["style"]))

    def _draw_labels(self, box: Box, scale: float, style: str) -> None:
        pad = 8 * scale
        if self.way is Way.SOURCE:
            draw_label("Source", box.left + pad, box.low + pad, scale, box.width)
            return
        middle = box.left + box.width * (0.5 if self.is_side_by_side else self.line)
        low = box.low + (box.height / 4 if self.is_side_by_side else 0.0) + pad
        draw_label("Source", box.left + pad, low, scale, middle - box.left - 2 * pad)
        draw_label(style, middle + pad, low, scale, box.right - middle - 2 * pad)

    def _draw_words(self, box: Box, scale: float, words: str) -> None:
        draw_label(words, box.left + 8 * scale, box.low + 8 * scale, scale, box.width)


def _show_picture(name: str, path: Path) -> None:
    """Puts a picture behind an image of this name: hidden, without users, gone when the preview ends."""
    old = bpy.data.images.get(name)
    if old is not None:
        bpy.data.images.remove(old)
    image = bpy.data.images.load(str(path))
    image.name = name
    image.colorspace_settings.name = "Non-Color"  # it went through the view transform already


PREVIEW = Preview()
