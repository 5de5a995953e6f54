# SPDX-License-Identifier: GPL-3.0-or-later
"""What draws over the strips of every timeline that is open."""

from __future__ import annotations

import abc
from typing import Any

import bpy


class OverTimeline(abc.ABC):
    """Something that Blender calls whenever it draws a timeline, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._draw = self.draw  # Blender knows a drawing function by the very object

    def start(self) -> None:
        """Draws from now on."""
        self._handle = bpy.types.SpaceSequenceEditor.draw_handler_add(self._draw, (), "WINDOW", "POST_VIEW")

    def stop(self) -> None:
        """Draws no more, and forgets what it drew."""
        if self._handle is not None:
            bpy.types.SpaceSequenceEditor.draw_handler_remove(self._handle, "WINDOW")
        self._handle = None
        self.forget()

    @abc.abstractmethod
    def draw(self) -> None:
        """Draws over one timeline; called by Blender."""

    @abc.abstractmethod
    def forget(self) -> None:
        """Lets go of what is kept from one drawing to the next."""
