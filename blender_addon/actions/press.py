# SPDX-License-Identifier: GPL-3.0-or-later
"""What every button that paints does after it was pressed: start, tell what is refused, wait where nobody looks."""

from collections.abc import Callable
from typing import Any

import bpy

from ..core_link import errors
from ..jobs.job import Notice
from ..jobs.job_state import Stage
from ..jobs.queue import QUEUE
from .stylize import Outcome


def press(operator: Any, start: Callable[[], Outcome]) -> set[str]:
    """Starts painting; in background mode also waits for its end.

    Args:
        operator: reports what is refused, and in background mode what failed.
        start: queues the painting, or raises ``BrushflowError``.

    Returns:
        What the operator's ``execute`` returns.
    """
    try:
        outcome = start()
    except errors.BrushflowError as error:
        QUEUE.notice = Notice(error.message, error.hint)
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    for refusal in outcome.refused:
        operator.report({"WARNING"}, str(refusal))
    if bpy.app.background:
        QUEUE.run_blocking()
        for job in outcome.jobs:
            if job.state.stage is Stage.FAILED:
                operator.report({"ERROR"}, f"{job.state.sentence} {job.state.hint}".strip())
    return {"FINISHED"}
