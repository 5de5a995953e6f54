# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the protocol that tries many styles on one frame; ``core.worker.protocol`` takes it in. Free of bpy."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from .json_lines import Line


@dataclasses.dataclass(frozen=True)
class TryStyles(Line):
    """Paint one frame small, in many styles, so that an editor can choose by eye.

    Answers ``Accepted``, then ``StyleTried`` for each style as soon as it is there and ``Warned`` for each that cannot
    be painted; ``Done`` counts the pictures.

    Attributes:
        job_id: Blender's name for this job; every answer carries it.
        source: the frame, a picture.
        output_dir: folder for the pictures; exists already.
        styles: identifiers of styles or paths of pictures, the most wanted first.
        settings: fields of ``core.settings.StylizeSettings``; its style is not heeded.
        width: pixels across of each picture; a smaller frame keeps its own.
    """

    kind: ClassVar[str] = "try_styles"
    job_id: str
    source: str
    output_dir: str
    styles: tuple[str, ...]
    settings: dict[str, Any]
    width: int = 320


@dataclasses.dataclass(frozen=True)
class StyleTried(Line):
    """The frame lies painted in one style, whole, at ``path``. The editor sees it as the style's thumbnail."""

    kind: ClassVar[str] = "style_tried"
    job_id: str
    style: str
    path: str
