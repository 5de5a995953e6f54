# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit with keyframed strength: painted, rendered, saved. ``render_only`` then renders the saved file elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import timeline

FIRST, COUNT = 5, 12


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stylizes, keyframes the strength, stylizes in another style, renders, saves."""
    scene = timeline.new()
    clip = timeline.strips(scene).new_movie(
        name="clip", filepath=str(Path(options["media"], "clip.mkv")), channel=1, frame_start=FIRST
    )
    timeline.set_end(clip, FIRST + COUNT)
    timeline.select(scene, "clip")
    frames = range(FIRST, FIRST + COUNT)
    blend = work / "edit.blend"
    timeline.save(blend)
    source = timeline.render(scene, work / "source", frames)
    errors = [timeline.stylize(style="starry-night")]
    result = timeline.strips(scene)["clip (Brushflow)"]
    first = timeline.last_job()
    keys = {int(frame): value for frame, value in options["keys"].items()}
    timeline.key_opacity(scene, result, keys)
    errors.append(timeline.stylize(style="great-wave"))
    rendered = timeline.render(scene, work / "rendered", frames)
    timeline.save(blend)
    return {
        "errors": errors,
        "blend": str(blend),
        "jobs": [first, timeline.last_job()],
        "result": timeline.describe(scene, "clip (Brushflow)"),
        "names": timeline.names(scene),
        "source": source,
        "rendered": rendered,
    }
