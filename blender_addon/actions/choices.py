# SPDX-License-Identifier: GPL-3.0-or-later
"""What is chosen in the panel, and whether it can be painted: refused on the press, before any work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from .. import preferences
from ..core_link import errors, settings
from ..styles.style_list import STYLES


def of(scene: Any, style: str = "") -> settings.StylizeSettings:
    """What the panel says to paint with, in the panel's style or another one; errors as of ``check_style``."""
    _known_styles()  # without any there is nothing to choose from
    chosen: settings.StylizeSettings = scene.brushflow.frozen(style, preferences.device())
    check_style(chosen)
    return chosen


def check_style(choice: settings.StylizeSettings) -> None:
    """Raises ``StyleError`` or ``MediaError`` where there is no such style, or no such picture."""
    known = _known_styles()
    picture = settings.picture_of(choice.style)
    if picture is not None:
        check_picture(picture)
    elif choice.style not in known:
        raise errors.StyleError(f"The style {choice.style!r} is not known.", f"The styles are: {', '.join(known)}.")


def check_quality(choice: settings.StylizeSettings) -> None:
    """Raises ``EngineError`` where it is seen beforehand that the worker will not be able to paint so."""
    if choice.quality == "master" and preferences.torch_python() is None:
        raise errors.EngineError(
            "The quality Master needs torch, and no Python that has it is named.",
            'Name one as "Python with Torch" in the add-on\'s preferences, or choose Final.',
        )


def _known_styles() -> list[str]:
    known = [preset.style for preset in STYLES.presets]
    if not known:
        raise STYLES.problem or errors.StyleError("There are no styles.", "Install the add-on again from its zip.")
    return known


def check_picture(picture: Path) -> None:
    """Raises ``MediaError`` where there is no such file, or Blender finds no picture in it."""
    if not picture.is_file():
        raise errors.MediaError(
            f"The picture {picture} that is to be the style is not there.", "Choose it anew with Use a Picture."
        )
    image = bpy.data.images.load(str(picture), check_existing=False)
    try:
        is_picture = min(image.size) > 0  # asking for the size is what makes Blender read the file
    finally:
        bpy.data.images.remove(image)
    if not is_picture:
        raise errors.MediaError(f"{picture} is not a picture, or is damaged.", "Choose another one.")
