# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays one scenario inside a Blender: ``play.py SCENARIO WORK_FOLDER RESULT_FILE OPTIONS``.

A scenario is a file beside this one with a function ``play(work, options) -> dict``; what it returns is written as JSON
for the test that started it. Option ``addon: false`` plays in a Blender that has never heard of Brushflow.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.brushflow"


def main(scenario: str, work: str, result_file: str, options_text: str) -> int:
    """Plays it; 1 when it raised."""
    options = json.loads(options_text)
    if options.get("addon", True):
        bpy.ops.preferences.addon_enable(module=MODULE)
    try:
        result = importlib.import_module(scenario).play(Path(work), options)
    except Exception:
        traceback.print_exc()
        return 1
    Path(result_file).write_text(json.dumps(result), "utf-8")
    return 0


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the bpy module of 4.2 and 4.5 crashes or hangs in an ordinary exit while a handler is registered
