# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a strip still shows what it showed when it was painted: a fingerprint of everything its picture comes from.

The fingerprint is taken from what Blender stores (the strip with all its properties, modifiers and keyframes, the
strips below an effect or inside a meta strip) and from size and time of the media files. Where it is the same, nothing
that Blender knows has changed. Where it differs, the picture may have: then a painting counts as stale, and painting
again takes from the cache what is the same after all. What happens inside the scene of a scene strip, a mask or a
movie clip is not seen.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from . import extract, strips

# What says where a strip lies and how the editor handles it, what is told apart from its other properties, and what is
# neutral while it is painted (``child_blender``).
_NOT_OF_THE_PICTURE = {
    *("name", "type", "channel", "lock", "mute", "color_tag", "brushflow", "blend_type", "blend_alpha", "parent_meta"),
    *("use_default_fade", "effect_fader", "show_waveform", "show_retiming_keys", "volume", "pan", "stream_index"),
    *("strips", "sequences", "channels", "elements", "retiming_keys", "filepath", "directory", "input_1", "input_2"),
    *("input_count", "duration", "proxy", "use_proxy", "sound", "is_missing", "fps"),
}
_NOT_EITHER = ("select", "frame_", "left_handle", "right_handle", "content_", "cache_", "use_cache", "override_cache")
_OF_NO_PICTURE = {"rna_type", "show_expanded", "show_preview", "is_expanded", "is_active", "select"}
_UNSEEN = {"SCENE", "MASK", "MOVIECLIP"}
_DEEPEST = 3


def of(scene: Any, strip: Any, begin: int) -> str:
    """The fingerprint of what a strip shows now, 32 hexadecimal digits; the disk is asked about its media.

    Moving, trimming and splitting the strip together with its pictures leaves it as it is.

    Args:
        scene: the scene on whose timeline the strip lies.
        strip: what is, or was, painted.
        begin: timeline_frame of the first picture, painted or to be painted, whether it is trimmed away or not.
    """
    render = scene.render
    origin = strips.content_range(strip)[0]
    record = {
        "size": [render.resolution_x, render.resolution_y, render.fps, round(render.fps_base, 6)],
        "pixels": [round(render.pixel_aspect_x, 4), round(render.pixel_aspect_y, 4)],
        "space": scene.sequencer_colorspace_settings.name,
        "begin": round(begin - origin, 3),
        "strip": _strip(scene, strip, origin),
    }
    return hashlib.blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=16).hexdigest()


def may_change_unseen(strip: Any) -> bool:
    """True where a scene, a mask or a movie clip shows through the strip: a change inside of it is not noticed."""
    if strip.type in _UNSEEN:
        return True
    parts = strips.contents(strip) if strip.type == "META" else strips.inputs(strip)
    return any(may_change_unseen(part) for part in parts)


def _strip(scene: Any, strip: Any, origin: float) -> dict[str, Any]:
    """Everything about one strip and those that show through it; times count from ``origin``."""
    curves = _curves(scene, strip, origin)
    record: dict[str, Any] = {
        "type": strip.type,
        "content": [round(strips.content_range(strip)[0] - origin, 3), strips.content_range(strip)[1]],
        "values": _values(strip, strip.path_from_id(), set(curves), 0),
        "curves": curves,
        "media": _media(strip),
        "keys": [round(key.timeline_frame - origin, 3) for key in getattr(strip, "retiming_keys", ())],
    }
    if strip.type == "META":
        inner = sorted(strips.contents(strip), key=lambda part: (part.channel, strips.first_frame(part)))
        record["inside"] = [[_place(part, origin), _strip(scene, part, origin)] for part in inner]
    else:
        record["below"] = [_strip(scene, part, origin) for part in strips.inputs(strip)]
    return record


def _place(part: Any, origin: float) -> list[Any]:
    """Where a strip inside a meta strip lies and how it covers those below it."""
    span = [round(frame - origin, 3) for frame in (strips.first_frame(part), strips.end_frame(part))]
    return [*span, part.channel, part.mute, part.blend_type, round(part.blend_alpha, 6)]


def _values(owner: Any, path: str, animated: set[str], depth: int) -> dict[str, Any]:
    """The values of all properties that are not animated; those of parts, such as transform and modifiers, too."""
    found: dict[str, Any] = {}
    for prop in owner.bl_rna.properties:
        name = prop.identifier
        if name in _OF_NO_PICTURE or f"{path}.{name}" in animated:
            continue
        if depth == 0 and (name in _NOT_OF_THE_PICTURE or name.startswith(_NOT_EITHER)):
            continue
        value = getattr(owner, name, None)
        if prop.type == "POINTER":
            if value is not None and hasattr(value, "name_full"):
                found[name] = value.name_full
            elif value is not None and depth < _DEEPEST and _belongs_to(value, owner):
                found[name] = _values(value, f"{path}.{name}", animated, depth + 1)
        elif prop.type == "COLLECTION":
            if depth < _DEEPEST:
                parts = (_values(part, f'{path}.{name}["{_name(part)}"]', animated, depth + 1) for part in value)
                found[name] = list(parts)
        else:
            found[name] = _plain(value)
    return found


def _belongs_to(value: Any, owner: Any) -> bool:
    """False for a pointer to another strip: that one is not a part."""
    return not isinstance(value, strips.strip_class()) and value != owner


def _name(part: Any) -> str:
    return str(getattr(part, "name", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str | int | bool) or value is None:
        return value
    if isinstance(value, set):
        return sorted(value)
    return [_plain(one) for one in value] if hasattr(value, "__iter__") else str(value)


def _curves(scene: Any, strip: Any, origin: float) -> dict[str, Any]:
    """What animates the strip, by path; opacity and muting are taken off while it is painted."""
    own = strip.path_from_id() + "."
    neutral = {own + "blend_alpha", own + "mute"}
    found: dict[str, Any] = {}
    for _, curve in strips.animations(scene):
        if not curve.data_path.startswith(own) or curve.data_path in neutral:
            continue
        points = [[round(number, 4) for number in (point.co.x - origin, point.co.y)] for point in curve.keyframe_points]
        driver = getattr(curve, "driver", None)
        told = [curve.array_index, curve.mute, points, driver.expression if driver is not None else ""]
        found.setdefault(curve.data_path, []).append(told)
    return found


def _media(strip: Any) -> list[list[Any]]:
    """Each file the strip reads: its name, size and time of change in whole seconds. Where it lies does not matter."""
    found: list[list[Any]] = []
    for path in extract.media_of(strip):
        try:
            told = path.stat()
            found.append([path.name, told.st_size, int(told.st_mtime)])
        except OSError:
            found.append([path.name, -1, -1])
    return found
