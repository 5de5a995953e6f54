# SPDX-License-Identifier: GPL-3.0-or-later
"""One strip painted as the controls come, with the colours locked, with a wide brush, on twos, and in a quality that
Blender's own Python cannot paint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import timeline

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Sets the controls of the panel as an editor does, and notes what the worker was asked for and gave."""
    scene = timeline.new(*options["size"])
    files = sorted(Path(options["pictures"]).iterdir())
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    # Without a Python with torch it is not asked for.
    timeline.addon("preferences").preferences().device = "cuda"
    told: dict[str, Any] = {"source": timeline.render(scene, work / "source", [2])[0]}
    for name, controls in options["controls"].items():
        for control, value in controls.items():
            setattr(scene.brushflow, control, value)
        error = timeline.stylize(style="starry-night")
        result = timeline.describe(scene, RESULT)
        figures = Path(result["folder"], "quality.jsonl")
        told[name] = {
            "error": error,
            "job": timeline.addon("jobs.queue").QUEUE.jobs[-1].job_id,
            "folder": result["folder"],
            "asked": dict(timeline.addon("jobs.queue").QUEUE.jobs[-1].settings),
            "stored": json.loads(timeline.strips(scene)[RESULT].brushflow.settings),
            "figures": [json.loads(line) for line in figures.read_text().splitlines()] if figures.is_file() else [],
            "picture": str(Path(result["folder"], result["files"][1])),
        }
    return told
