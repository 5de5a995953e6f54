# SPDX-License-Identifier: GPL-3.0-or-later
"""A strip inside a meta strip that the editor has entered; the meta strip has a look of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import timeline

LENGTH = 4


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stylizes the inner strip; renders the whole timeline at strength 0 and 1, and without the meta strip's look."""
    scene = timeline.new()
    meta = timeline.strips(scene).new_meta(name="meta", channel=1, frame_start=1)
    inner = timeline.contents(meta)
    files = [Path(options["media"], f"images/{number:03}.png") for number in range(1, LENGTH + 1)]
    strip = timeline.image_strip(inner, "inner", files, 1, 1)
    timeline.image_strip(inner, "sibling", files[::-1], 3, 1).blend_alpha = 0.0
    timeline.set_end(meta, 1 + LENGTH)
    meta.transform.scale_x = 0.5
    meta.color_multiply = 0.5
    timeline.save(work / "edit.blend")
    source = timeline.render(scene, work / "source", [1, LENGTH])
    editor = scene.sequence_editor
    editor.display_stack(meta)
    for other in inner:
        other.select = other.name == "inner"
    editor.active_strip = strip
    error = timeline.stylize(style="starry-night")
    editor.display_stack(None)  # Blender renders the level that is shown
    result = inner["inner (Brushflow)"]
    told = {"error": error, "source": source, "names": sorted(other.name for other in inner), "channel": result.channel}
    result.blend_alpha = 0.0
    told["at 0"] = timeline.render(scene, work / "at0", [1, LENGTH])
    result.blend_alpha = 1.0
    meta.transform.scale_x = meta.color_multiply = 1.0
    told["plain"] = timeline.render(scene, work / "plain", [1, LENGTH])
    told["painted"] = [str(Path(timeline.last_job()["run"], name)) for name in ("000001.png", f"{LENGTH:06}.png")]
    return told
