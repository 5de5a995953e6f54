# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a .blend and renders its timeline; meant for a Blender without the add-on, as on a render farm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Renders the named frames."""
    scene = timeline.open_file(Path(options["blend"]))
    frames = range(options["first"], options["first"] + options["count"])
    return {
        "rendered": timeline.render(scene, work / "elsewhere", frames),
        "knows_brushflow": hasattr(bpy.types.Scene, "brushflow"),
    }
