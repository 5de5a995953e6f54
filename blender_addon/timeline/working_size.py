# SPDX-License-Identifier: GPL-3.0-or-later
"""The size at which frames are read and painted, and the result strip that makes them fill the picture again."""

from __future__ import annotations

from typing import Any

from . import result_state, strips

WHOLE = 100
"""Per cent of the render's size; what was painted before there was a choice."""


def size_at(scene: Any, resolution: int) -> tuple[int, int]:
    """Width and height in pixels at so many per cent of the render's size, as Blender rounds them; at least 1."""
    render = scene.render
    return max(1, render.resolution_x * resolution // WHOLE), max(1, render.resolution_y * resolution // WHOLE)


def of_result(result: Any) -> int:
    """Per cent of the render's size that the pictures a result shows were painted at."""
    painted = result_state.painted_settings(result)
    return WHOLE if painted is None else int(painted.resolution)


def fit(scene: Any, result: Any, before: int, now: int) -> None:
    """Makes pictures of another size fill what the former ones filled, whatever the editor did to the transform.

    The scale, with its keyframes, takes up the difference; it is exact where the size is not a round number, too. What
    the editor cropped is counted in pixels of the pictures, and follows.

    Args:
        scene: the scene on whose timeline the result lies.
        result: the strip.
        before, now: per cent of the render's size.
    """
    if before == now:
        return
    whole, old, new = (size_at(scene, share) for share in (WHOLE, before, now))
    for number, axis in enumerate("xy"):
        factor = old[number] / new[number]
        shift = _off_middle(whole[number], new[number]) - _off_middle(whole[number], old[number])
        _change(scene, result, f"scale_{axis}", factor, 0.0)
        _change(scene, result, f"offset_{axis}", 1.0, shift)
        for crop in (f"min_{axis}", f"max_{axis}"):
            setattr(result.crop, crop, round(getattr(result.crop, crop) / factor))


def _off_middle(whole: int, part: int) -> float:
    """How far right of, or above, where the sequencer puts it a picture's middle is: it puts it on a whole pixel.

    Half a pixel is not seen, but a picture that does not reach the border lets what lies below it through, and from 5.0
    on Blender takes that for hidden and leaves it out.
    """
    return (whole - part) / 2 - (whole - part) // 2


def _change(scene: Any, result: Any, name: str, factor: float, shift: float) -> None:
    """Multiplies a value of the transform and adds to it, and so its keyframes."""
    setattr(result.transform, name, getattr(result.transform, name) * factor + shift)
    curve = strips.curve_of(scene, result, f"transform.{name}")
    for point in curve.keyframe_points if curve is not None else ():
        for place in (point.co, point.handle_left, point.handle_right):
            place.y = place.y * factor + shift
