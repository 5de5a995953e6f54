# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the current frame: what Try on This Frame and Preview start, without the buttons.

They have a child Blender and a worker of their own, so that a look is not made to wait by a strip that is painted. Both
end when nothing was looked at for a minute.
"""

from __future__ import annotations

import json
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .. import preferences
from ..core_link import errors
from ..jobs.timer import redraw
from ..processes import worker_start
from ..processes.child_command import child_command
from ..processes.frame_reader import FrameReader
from ..processes.worker_client import WorkerClient
from ..storage import run_folder
from ..styles.style_list import STYLES
from ..timeline import extract, strips
from . import choices, stylize
from .look import Look, LookDesk, LookStage, refuse_beside

_SCRIPT = Path(__file__).resolve().parents[1] / "child_blender" / "look.py"
_TICK_SECONDS = 0.03
_REST_TICK_SECONDS = 1.0
_REST_SECONDS = 60.0
_FOLDER = "looks"

watchers: list[Callable[[], None]] = []
"""Called in each tick of the timer; ``preview`` follows the playhead by it."""

_used_at = 0.0


def _make_reader() -> FrameReader:
    return FrameReader(child_command(_SCRIPT), worker_start.log_file("look-read"))


def _make_worker() -> WorkerClient:
    return worker_start.make_client(worker_start.chosen_python(), "look-paint")


DESK = LookDesk(_make_reader, _make_worker)


def start_trial(context: Any, styles: list[str]) -> Look:
    """Begins to paint the current frame of the selected strip in these styles, small; returns at once.

    Raises:
        BrushflowError: there is nothing to try them on; says why.
    """
    if not styles:
        raise errors.StyleError("There are no styles to try.", "Clear the search, or show all styles.")
    look = _look(context, tuple(styles), _settings(context, styles[0]))
    _begin(look)
    STYLES.show_trial({})
    return look


def start_preview(context: Any) -> Look:
    """Begins to paint the current frame of the selected strip in the chosen style; returns at once.

    Raises:
        BrushflowError: nothing can be painted; says why.
    """
    look = _look(context, (), _settings(context, ""))
    _begin(look)
    return look


def _settings(context: Any, style: str) -> dict[str, Any]:
    chosen = choices.of(_scene(context), style)
    return dict(chosen.to_json())


def _scene(context: Any) -> Any:
    scene = strips.timeline_scene(context)
    if scene is None or scene.sequence_editor is None:
        raise errors.BrushflowError("There is no timeline.", "Add a strip in the sequencer first.")
    return scene


def _look(context: Any, styles: tuple[str, ...], chosen: dict[str, Any]) -> Look:
    scene = _scene(context)
    source = source_under_playhead(scene)
    try:
        home = preferences.user_folder(_FOLDER)
        run_folder.sweep(home, days=1)
        folder = Path(tempfile.mkdtemp(dir=home))
    except OSError as error:
        raise run_folder.cache_error(Path(_FOLDER), error) from error
    return Look(
        name=source.name,
        scene=scene.name,
        frame=scene.frame_current,
        copy=extract.save_copy(folder),
        settings=chosen,
        styles=styles,
        through_view=not is_plain_view(scene),
    )


def source_under_playhead(scene: Any) -> Any:
    """The selected strip that the playhead is over; a selected result stands for its source.

    Raises:
        BrushflowError: there is none, or it cannot be painted.
    """
    sources = [source for source in stylize.chosen_sources(scene) if source.type != "SOUND"]
    if not sources:
        raise errors.MediaError("Only sound is selected; there is nothing to paint.", "Select the movie strip.")
    frame = scene.frame_current
    under = [one for one in sources if strips.first_frame(one) <= frame < strips.end_frame(one)]
    source = (under or sources)[0]
    refuse_beside(source.name, frame, strips.first_frame(source), strips.end_frame(source))
    extract.check(scene, source)
    return source


def is_plain_view(scene: Any) -> bool:
    """True where the preview region shows pictures as they are: there is no view transform to go through."""
    view = scene.view_settings
    plain = view.view_transform == "Standard" and view.look == "None" and view.exposure == 0.0 and view.gamma == 1.0
    special = view.use_curve_mapping or getattr(view, "use_white_balance", False)
    return plain and not special and scene.display_settings.display_device == "sRGB"


def key_of(context: Any) -> str:
    """What a preview shows: another key, another picture. Empty where nothing can be painted."""
    try:
        scene = _scene(context)
        source = source_under_playhead(scene)
        return json.dumps([scene.name, source.name, scene.frame_current, _settings(context, "")])
    except errors.BrushflowError:
        return ""


def _begin(look: Look) -> None:
    try:
        DESK.begin(look)
    except OSError as error:
        problem = f"A child of Blender could not be started ({error.strerror or error})."
        raise errors.EngineError(problem, "Free some memory and try it again.") from error
    _start_timer()


def run_blocking(seconds: float = 600.0) -> None:
    """Works until every look has ended; for background mode, where timers never run."""
    until = time.monotonic() + seconds
    while DESK.is_busy and time.monotonic() < until:
        _tick()
        time.sleep(0.005)


def _start_timer() -> None:
    global _used_at
    _used_at = time.monotonic()
    if not bpy.app.background and not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, first_interval=0.0, persistent=True)


def _tick() -> None:
    if not DESK.tick():
        return
    if DESK.trial is not None:
        STYLES.show_trial(DESK.trial.painted)
    redraw(pictures=False)  # what is drawn over the preview region asks for that itself


def _on_timer() -> float | None:
    global _used_at
    try:
        _tick()
        for watcher in list(watchers):
            watcher()
    except Exception as error:  # a fault of ours must not leave a look "running" for ever
        traceback.print_exc()
        for look in DESK.looks:
            look.end(
                LookStage.FAILED, f"Brushflow itself failed ({type(error).__name__}: {error}).", "Please report this."
            )
    if DESK.is_busy or watchers:
        _used_at = time.monotonic()
        return _TICK_SECONDS
    if time.monotonic() - _used_at < _REST_SECONDS:
        return _REST_TICK_SECONDS
    DESK.rest()
    return None


@persistent
def _before_load(*_arguments: Any) -> None:
    DESK.close()
    STYLES.show_trial({})


def register() -> None:
    """Watches for other files being loaded."""
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """Stops everything that runs, and deletes the pictures."""
    DESK.close()
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    bpy.app.handlers.load_pre.remove(_before_load)
