# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C in the terminal while the operator blocks, as in a script without a window."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import mishaps
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Interrupts the first painting after two frames, then paints again."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may have it ignored
    scene = mishaps.Play(work, options).fresh("interrupted")
    queue = timeline.addon("jobs.queue").QUEUE

    def interrupt() -> None:
        while queue.current is None or len(queue.current.state.finished) < 2:
            time.sleep(0.002)
        worker = queue.worker.process_id
        os.kill(worker, signal.SIGSTOP)  # so that it can't be done before the key is seen
        os.kill(os.getpid(), signal.SIGINT)
        late = time.monotonic() + 30.0
        while queue.current is not None and time.monotonic() < late:
            time.sleep(0.002)
        os.kill(worker, signal.SIGCONT)

    threading.Thread(target=interrupt, daemon=True).start()
    error = timeline.stylize(style="starry-night")
    interrupted = timeline.last_job()
    again = timeline.stylize(style="starry-night")
    return {
        "errors": [error, again],
        "interrupted": interrupted,
        "again": timeline.last_job(),
        "names": timeline.names(scene),
    }
