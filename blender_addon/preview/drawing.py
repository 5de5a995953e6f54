# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preview is drawn with: pictures, the wipe line, words. Places are pixels of the region."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import blf
import gpu
from gpu_extras.batch import batch_for_shader

from .wipe import Box, Piece

_LINE = (1.0, 1.0, 1.0, 0.9)
_EDGE = (0.0, 0.0, 0.0, 0.6)

_VERTEX = "void main() { at = texCoord; gl_Position = ModelViewProjectionMatrix * vec4(pos, 0.0, 1.0); }"
# Blender tells each shader by `srgbTarget` whether it draws into a layer of light, which is laid over the picture with
# a gamma of 2.2 (measured on the screen in 5.2: with sRGB's own curve dark pixels came out 6 of 255 too bright).
_FRAGMENT = """
void main()
{
  ivec2 size = textureSize(image, 0);
  colour = texelFetch(image, clamp(ivec2(floor(at * vec2(size))), ivec2(0), size - 1), 0);
  if (srgbTarget) {
    colour.rgb = pow(colour.rgb, vec3(2.2));
  }
}
"""


@functools.cache
def _shader() -> Any:
    """Draws a picture enlarged without smoothing, as the preview region does."""
    between = gpu.types.GPUStageInterfaceInfo("brushflow_picture")
    between.smooth("VEC2", "at")
    made = gpu.types.GPUShaderCreateInfo()
    made.push_constant("MAT4", "ModelViewProjectionMatrix")
    made.push_constant("BOOL", "srgbTarget")
    made.sampler(0, "FLOAT_2D", "image")
    made.vertex_in(0, "VEC2", "pos")
    made.vertex_in(1, "VEC2", "texCoord")
    made.vertex_out(between)
    made.fragment_out(0, "VEC4", "colour")
    made.vertex_source(_VERTEX)
    made.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(made)


def draw_ground(box: Box) -> None:
    """Black, which the preview region shows where pictures are translucent."""
    corners = [(box.left, box.low), (box.right, box.low), (box.right, box.high), (box.left, box.high)]
    _fill(corners, (0.0, 0.0, 0.0, 1.0))


def draw_piece(piece: Piece, texture: Any) -> None:
    """Draws a part of a picture."""
    place = piece.place
    corners = [(place.left, place.low), (place.right, place.low), (place.right, place.high), (place.left, place.high)]
    parts = [(piece.left, 0.0), (piece.right, 0.0), (piece.right, 1.0), (piece.left, 1.0)]
    shader = _shader()
    batch = batch_for_shader(shader, "TRI_FAN", {"pos": corners, "texCoord": parts})
    with _blended("ALPHA_PREMULT"):
        shader.bind()
        shader.uniform_float(
            "ModelViewProjectionMatrix", gpu.matrix.get_projection_matrix() @ gpu.matrix.get_model_view_matrix()
        )
        shader.uniform_sampler("image", texture)
        batch.draw(shader)


def draw_line(box: Box, line: float, scale: float) -> None:
    """The wipe line with its handle."""
    x, half = round(box.left + line * box.width), max(1.0, round(scale))
    middle = (box.low + box.high) / 2
    for colour, wider in ((_EDGE, max(1.0, round(scale))), (_LINE, 0.0)):
        left, right = x - half / 2 - wider, x + half / 2 + wider
        _fill([(left, box.low), (right, box.low), (right, box.high), (left, box.high)], colour)
        across, up = 3.5 * scale + wider, 14 * scale + wider
        _fill(
            [
                (x - across, middle - up),
                (x + across, middle - up),
                (x + across, middle + up),
                (x - across, middle + up),
            ],
            colour,
        )


def draw_label(text: str, x: float, y: float, scale: float, width: float) -> None:
    """Words on a dark ground; none where there is no room for them."""
    blf.size(0, 11 * scale)
    wide = blf.dimensions(0, text)[0]
    pad = 5 * scale
    if wide + 2 * pad > width:
        return
    height = 11 * scale
    corners = [(x, y), (x + wide + 2 * pad, y), (x + wide + 2 * pad, y + height + 2 * pad), (x, y + height + 2 * pad)]
    _fill(corners, _EDGE)
    blf.color(0, *_LINE)
    blf.position(0, x + pad, y + pad + 0.15 * height, 0)
    blf.draw(0, text)


def _fill(corners: list[tuple[float, float]], colour: tuple[float, ...]) -> None:
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    batch = batch_for_shader(shader, "TRI_FAN", {"pos": corners})
    with _blended("ALPHA"):
        shader.bind()
        shader.uniform_float("color", colour)
        batch.draw(shader)


@contextlib.contextmanager
def _blended(how: str) -> Iterator[None]:
    gpu.state.blend_set(how)
    try:
        yield
    finally:
        gpu.state.blend_set("NONE")


def forget() -> None:
    """Gives the shader up, before the window goes."""
    _shader.cache_clear()
