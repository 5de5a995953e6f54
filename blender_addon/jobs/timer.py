# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the jobs going in a window (timers never run in background mode); drops them when another file is loaded."""

from __future__ import annotations

import traceback
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .job import Change
from .queue import QUEUE

_TICK_SECONDS = 0.05
_IDLE_TICK_SECONDS = 1.0


def start() -> None:
    """Makes the timer tick; it ends by itself when there has been nothing to do for a while."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, first_interval=0.0, persistent=True)


def redraw(*, pictures: bool = True) -> None:
    """Draws the sequencer anew: all of it, or only the sidebar."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type != "SEQUENCE_EDITOR":
                continue
            for region in area.regions:
                if region.type == "UI" or (pictures and region.type in {"WINDOW", "PREVIEW"}):
                    region.tag_redraw()


def renew_thumbnails() -> None:
    """Makes the timeline's thumbnails anew: Blender 5 otherwise keeps those of the placeholders."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type != "SEQUENCE_EDITOR" or area.spaces.active.view_type == "PREVIEW":
                continue
            region = next(region for region in area.regions if region.type == "WINDOW")
            with bpy.context.temp_override(window=window, area=area, region=region):
                if bpy.ops.sequencer.refresh_all.poll():
                    bpy.ops.sequencer.refresh_all()


def redraw_soon() -> None:
    """The same, from another thread: timers are the one thing of Blender that may be called from there."""
    bpy.app.timers.register(redraw, first_interval=0.0)


def _on_timer() -> float | None:
    try:
        change = QUEUE.tick()
    except Exception as error:  # a fault of ours must not end the timer and leave the job "running" for ever
        traceback.print_exc()
        QUEUE.fail_current(f"Brushflow itself failed ({type(error).__name__}: {error}).", "Please report this.")
        change = Change.PICTURES
    if change is not Change.NOTHING:
        redraw(pictures=change is Change.PICTURES)
    if change is Change.PICTURES and not QUEUE.is_busy:
        renew_thumbnails()
    is_idle = QUEUE.idle_too_long()
    return None if is_idle else _IDLE_TICK_SECONDS if QUEUE.is_settled else _TICK_SECONDS


@persistent
def _before_load(*_arguments: Any) -> None:
    QUEUE.drop_all()


@persistent
def _after_load(*_arguments: Any) -> None:
    QUEUE.painted.forget()


def register() -> None:
    """Watches for other files being loaded."""
    bpy.app.handlers.load_pre.append(_before_load)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Stops everything that runs."""
    QUEUE.drop_all()
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.load_pre.remove(_before_load)
