# SPDX-License-Identifier: GPL-3.0-or-later
"""Started by Blender itself: plays one scenario, step by step from a timer so that the window lives in between.

A scenario is a generator: it yields the seconds until its next step and returns what it found out, which is written
to a file as JSON. Arguments after ``--``: the order, as JSON.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))


def main(order: dict) -> None:
    """Starts the scenario that the order names."""
    view = bpy.context.preferences.view
    view.show_splash = False
    bpy.context.preferences.use_preferences_save = False  # nothing of this is to stay
    steps = importlib.import_module(order["scenario"]).play(Path(order["out"]), order)

    def step() -> float | None:
        try:
            return next(steps)
        except StopIteration as end:
            Path(order["answer"]).write_text(json.dumps(end.value, indent=1), "utf-8")
            leave(0)
        except Exception:
            traceback.print_exc()
            leave(1)
        return None

    bpy.app.timers.register(step, first_interval=0.5, persistent=True)


def leave(status: int) -> None:
    """Ends Blender: properly, so that faults at exit are seen, unless something went wrong already."""
    sys.stdout.flush()
    sys.stderr.flush()
    if status:
        os._exit(status)
    bpy.ops.wm.quit_blender()


main(json.loads(sys.argv[sys.argv.index("--") + 1]))
