# SPDX-License-Identifier: GPL-3.0-or-later
"""Every method that keeps strokes on things, by the name that reports call it. Free of bpy and torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..settings import StylizeSettings

METHODS: Mapping[str, Mapping[str, Any]] = {
    "anchors": {"settling": "anchors"},
    "recurrence": {"settling": "recurrence"},
    "features": {"settling": "features", "engine": "torch", "device": "cpu"},
    "surfaces": {"settling": "surfaces"},
    "on twos": {"hold_strokes": "twos"},
    "on threes": {"hold_strokes": "threes"},
}
"""The settings that choose each method, where they are not those of ``settings_of``."""


def settings_of(style: str, chosen: Mapping[str, Any]) -> StylizeSettings:
    """The settings of a measurement: on the processor with OpenCV, so that every machine measures the same, and what
    the method chooses."""
    return StylizeSettings(**{"style": style, "engine": "opencv", **chosen})
