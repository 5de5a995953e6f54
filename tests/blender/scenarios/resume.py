# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that is cancelled, one that takes up its work, and one after a single source picture changed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import timeline

COUNT = 120


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Cancels after the first frames, goes on, changes one picture, paints again."""
    scene = timeline.new(160, 120)
    pictures = work / "pictures"
    shutil.copytree(options["pictures"], pictures)
    files = sorted(pictures.iterdir())[:COUNT]
    timeline.image_strip(timeline.strips(scene), "pictures", files, 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(work / "edit.blend")
    scene.brushflow.anchor_spacing = options["spacing"]
    queue = timeline.addon("jobs.queue").QUEUE

    job = timeline.press(style="starry-night").jobs[0]
    timeline.tick_until(lambda: len(job.state.finished) >= 3)
    asked = time.monotonic()
    queue.cancel_all()
    ended_at_once = job.state.has_ended
    timeline.tick_until(lambda: queue.is_settled)
    told: dict[str, Any] = {"cancelled": timeline.state(job), "seconds_to_stop": time.monotonic() - asked}
    told["ended at once"] = ended_at_once
    told["temporary"] = [path.name for path in job.places.cache.joinpath("temporary").iterdir()]

    told["error"] = timeline.stylize(style="starry-night")
    told["resumed"] = timeline.last_job()

    shutil.copyfile(options["other_picture"], files[options["changed"]])
    timeline.stylize(style="starry-night")
    told["changed"] = timeline.last_job()
    timeline.stylize(style="starry-night")
    told["unchanged"] = timeline.last_job()
    return told
