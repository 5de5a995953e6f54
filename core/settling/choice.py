# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the way of settling that the settings ask for. Free of bpy and torch."""

from __future__ import annotations

from ..crew import Crew
from ..stages import Stages
from . import align, fill, settle
from .anchors import AnchorSettling
from .features import VERSION as FEATURES_VERSION
from .features import features
from .hold import HeldSettling
from .method import Settling
from .recurrence import VERSION as RECURRENCE_VERSION
from .recurrence import recurrence
from .surfaces import VERSION as SURFACES_VERSION
from .surfaces import SurfaceSettling

_EXPOSURES = {"every-frame": 1, "twos": 2, "threes": 3}


def settling_version() -> str:
    """Another text when any way of settling would give another picture, for what is kept of settled clips."""
    return f"{settle.VERSION}-{fill.VERSION}-{align.VERSION}-{SURFACES_VERSION}-{RECURRENCE_VERSION}-{FEATURES_VERSION}"


def make_settling(
    stages: Stages,
    crew: Crew,
    *,
    settling: str,
    hold_strokes: str,
    stability: float,
    anchor_spacing: int,
    is_draft: bool = False,
) -> Settling:
    """The way of settling for these settings; see ``core.settings.StylizeSettings`` for what they mean.

    In a draft no frame between two anchors is painted, see ``core.draft``.
    """
    if hold_strokes in _EXPOSURES:
        return HeldSettling(stages, stability, _EXPOSURES[hold_strokes], crew)
    if settling == "frames":
        return HeldSettling(stages, stability, 1, crew)
    if settling == "anchors":
        return AnchorSettling(stages, stability, anchor_spacing, crew, is_draft=is_draft)
    if settling == "recurrence":
        return recurrence(stages, stability, crew)
    if settling == "features":
        return features(stages, stability, crew)
    return SurfaceSettling(stages, stability, anchor_spacing, crew, is_draft=is_draft)
