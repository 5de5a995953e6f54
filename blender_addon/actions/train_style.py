# SPDX-License-Identifier: GPL-3.0-or-later
"""What one press of Train This Style does, without the button: scripts and tests may call it directly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

from .. import preferences
from ..core_link import errors, protocol, user_styles
from ..jobs import timer
from ..jobs.job import TrainingJob
from ..jobs.queue import QUEUE
from ..storage import run_folder
from ..timeline import strips
from . import stylize

NAME_A_PYTHON = 'Training needs torch: name a "Python with Torch" in the add-on\'s preferences'


def start(context: Any, picture: str, title: str = "", *, minutes: float, fresh: bool = False) -> TrainingJob:
    """Queues the training of a style, practised on the selected movie strip; returns before anything is learnt.

    Args:
        context: Blender's context; the timeline it shows is meant.
        picture: path of the picture; one that begins with "//" lies beside the .blend.
        title: the style's name; empty = after the picture.
        minutes: how long to learn.
        fresh: forget an unfinished training of this name, and replace a finished style of it.

    Raises:
        BrushflowError: there is nothing to train with; says what is missing.
    """
    if preferences.torch_python() is None:
        raise errors.EngineError(f"{NAME_A_PYTHON}.")
    path = Path(os.path.abspath(bpy.path.abspath(picture)))
    if not path.is_file():
        raise errors.MediaError(f"{picture!r} is no picture file.", "Choose the picture whose manner is to be learnt.")
    request = protocol.TrainStyle(
        job_id=run_folder.new_uid(),
        picture=str(path),
        title=title.strip() or user_styles.title_of(path),
        styles_dir=str(preferences.user_folder("styles")),
        footage=footage(strips.timeline_scene(context)),
        minutes=minutes,
        device=preferences.preferences().device,
        fresh=fresh,
    )
    job = TrainingJob(request)
    QUEUE.add([job])
    timer.start()
    return job


def footage(scene: Any) -> str:
    """The file of the first selected movie strip, a painted one's source included; empty where there is none."""
    try:
        sources = stylize.chosen_sources(scene) if scene is not None else []
    except errors.BrushflowError:
        return ""
    movies = [source for source in sources if source.type == "MOVIE"]
    return os.path.abspath(bpy.path.abspath(movies[0].filepath, library=scene.library)) if movies else ""
