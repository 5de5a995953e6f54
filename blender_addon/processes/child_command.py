# SPDX-License-Identifier: GPL-3.0-or-later
"""How a child Blender is started: the same program, without a window, the editor's add-ons, or the network."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

_OPTIONS = ("--background", "--factory-startup", "--offline-mode", "--python-exit-code", "1", "--python")


def child_command(script: Path, *arguments: str) -> list[str]:
    """The command that runs a script of ``child_blender`` in another Blender.

    Where Blender is a Python module, it is that Python.

    Args:
        script: the file.
        arguments: what the script finds at the end of ``sys.argv``.
    """
    if not bpy.app.binary_path:
        return [sys.executable, str(script), *arguments]
    return [bpy.app.binary_path, *_OPTIONS, str(script), *(["--", *arguments] if arguments else [])]
