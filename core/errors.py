# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, told so that an editor knows what to do. Free of bpy and torch.

Each error carries two sentences: ``message`` names the value and what was expected, ``hint`` the remedy. The worker
sends both to Blender, the command line prints both.
"""

from __future__ import annotations


class BrushflowError(Exception):
    """Base of every error that is meant for the editor's eyes.

    Args:
        message: what is wrong, naming the value and the expectation.
        hint: what to do about it; may be empty when the message says it already.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(BrushflowError):
    """A setting has a value outside its range, or of the wrong kind."""


class ProtocolError(BrushflowError):
    """A line on the pipe is not a message of this protocol version."""


class MediaError(BrushflowError):
    """A picture or movie is missing, unreadable, or not what it should be."""


class ModelError(BrushflowError):
    """A model file is missing, damaged, or does not fit the network."""


class StyleError(BrushflowError):
    """The named style is not known."""


class CacheError(BrushflowError):
    """The cache folder cannot be written or read: permissions, or a full disk."""


class EngineError(BrushflowError):
    """The chosen engine or device is not available on this machine."""


class TrainingError(BrushflowError):
    """A style cannot be trained: the run diverged, or what it left does not fit what is asked for."""


class Cancelled(Exception):
    """Raised inside the pipeline or a training when the editor asked to stop. Not an error: what is done is kept."""
