# SPDX-License-Identifier: GPL-3.0-or-later
"""The style picture stays found when the .blend is saved elsewhere: Blender moves along only paths it knows itself."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent

_before: dict[str, str] = {}
"""What each scene held before the save, by the scene's name."""


@persistent
def _before_save(path: Any, *_arguments: Any) -> None:
    """Paths beside the old place become paths from the new one, in time to be written."""
    _before.clear()
    new, old = Path(str(path or "")), Path(bpy.data.filepath)
    if not str(path or "") or not bpy.data.filepath or new.parent == old.parent:
        return
    for scene in bpy.data.scenes:
        stored = scene.brushflow.picture
        if not stored.startswith("//"):
            continue
        whole = os.path.abspath(bpy.path.abspath(stored))
        _before[scene.name] = stored
        scene.brushflow.picture = whole
        with contextlib.suppress(ValueError):  # it lies on another drive: then the whole path it is
            scene.brushflow.picture = bpy.path.relpath(whole, start=str(new.parent))


@persistent
def _after_save(path: Any, *_arguments: Any) -> None:
    """A copy was written, or nothing: the open file still lies where it lay."""
    if Path(bpy.data.filepath) != Path(str(path or "")) or not bpy.data.filepath:
        _restore()
    _before.clear()


@persistent
def _after_failure(*_arguments: Any) -> None:
    _restore()
    _before.clear()


def _restore() -> None:
    for name, stored in _before.items():
        if name in bpy.data.scenes:
            bpy.data.scenes[name].brushflow.picture = stored


def register() -> None:
    """Watches for saves."""
    bpy.app.handlers.save_pre.append(_before_save)
    bpy.app.handlers.save_post.append(_after_save)
    if hasattr(bpy.app.handlers, "save_post_fail"):
        bpy.app.handlers.save_post_fail.append(_after_failure)


def unregister() -> None:
    """Watches no more."""
    if hasattr(bpy.app.handlers, "save_post_fail"):
        bpy.app.handlers.save_post_fail.remove(_after_failure)
    bpy.app.handlers.save_post.remove(_after_save)
    bpy.app.handlers.save_pre.remove(_before_save)
