# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender vanishes in the middle of a job, as in a crash."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import mishaps
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Either kills itself while extracting or painting, or paints what is left."""
    if options["act"] == "resume":
        scene = timeline.open_file(work / "edit" / "edit.blend")
        timeline.select(scene, "pictures")
        return {"error": timeline.stylize(style="starry-night"), "job": timeline.last_job()}
    played = mishaps.Play(work, options)
    played.fresh("edit")
    if options["act"] == "die extracting":
        job = timeline.press(style="starry-night").jobs[0]
        timeline.tick_until(lambda: job.extraction is not None and job.extraction.done >= 1)
        process = job.extraction.process_id
    else:
        job = played.in_the_middle()
        process = played.queue.worker.process_id
    timeline.save(work / "edit" / "edit.blend")
    told = {"process": process, "run": str(job.places.run), "finished": len(job.state.finished)}
    if options["act"] == "die painting":
        played.goes_on()
    (work / "closing.json").write_text(json.dumps(told), "utf-8")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}
