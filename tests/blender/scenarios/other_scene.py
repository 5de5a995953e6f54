# SPDX-License-Identifier: GPL-3.0-or-later
"""Since 5.0 the sequencer shows a scene of its own, which need not be the one that the window shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stylizes on the sequencer's timeline while the window shows another scene with a timeline of its own."""
    scene = timeline.new()
    strip = timeline.strips(scene).new_movie(
        name="clip", filepath=str(Path(options["media"], "clip.mkv")), channel=1, frame_start=1
    )
    timeline.set_end(strip, 5)
    other = bpy.data.scenes.new("Other")
    other.sequence_editor_create()
    timeline.effect(timeline.strips(other), "COLOR", "colour", 1, 1, 4)
    timeline.save(work / "edit.blend")
    window = bpy.context.window_manager.windows[0]
    window.scene = other
    error = timeline.stylize(style="starry-night")
    shown = getattr(window.workspace, "sequencer_scene", None)
    return {
        "error": error,
        "timeline": timeline.names(scene),
        "other": timeline.names(other),
        "window shows": window.scene.name,
        "sequencer shows": shown.name if shown else "",
        "scene": scene.name,
        "job": timeline.last_job(),
    }
