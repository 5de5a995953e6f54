# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every file: where painted frames go, how much room they may take, and what computes."""

import os
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from .core_link import errors, settings
from .storage import run_folder

_DEVICE_NAMES = {"auto": "Automatic", "cpu": "CPU", "cuda": "CUDA (NVIDIA)", "mps": "Metal (Apple)"}


class BrushflowPreferences(bpy.types.AddonPreferences):
    """The add-on's entry in the preferences."""

    bl_idname = __package__

    worker_report: ClassVar[str] = "Nothing was painted in this session yet"
    """What the worker said it can do; ``jobs`` writes it, so that this file need not know ``jobs``."""

    cache_folder: StringProperty(
        name="Cache Folder",
        description='Where painted frames are kept; empty: the folder "brushflow" beside the saved .blend',
        subtype="DIR_PATH",
    )
    cache_limit_gb: FloatProperty(
        name="Cache Limit",
        description="Gigabytes the work kept for later may take; the least recently used goes first, 0 = no limit",
        default=20.0,
        min=0.0,
        soft_max=500.0,
        precision=1,
    )
    device: EnumProperty(
        name="Device",
        description="What computes when a Python with torch is named; without one it is always the CPU",
        items=[(device, _DEVICE_NAMES.get(device, device), "") for device in settings.DEVICES],
    )
    torch_python: StringProperty(
        name="Python with Torch",
        description=(
            "A Python from 3.11 on with torch, numpy and OpenCV, for painting on a GPU "
            "and, with safetensors, for training styles; empty: Blender's own"
        ),
        subtype="FILE_PATH",
    )

    show_bars: BoolProperty(
        name="Painted Bars",
        description="Draw along each result strip what is painted, stale, to do or failed",
        default=True,
    )

    def draw(self, _context: Any) -> None:
        """The controls, and what the worker said of itself."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "cache_folder")
        layout.prop(self, "cache_limit_gb")
        layout.prop(self, "torch_python")
        layout.prop(self, "device")
        layout.prop(self, "show_bars")
        layout.label(text=self.worker_report, icon="INFO")

    @property
    def cache_limit_bytes(self) -> int:
        """The limit for the worker; 0 = none."""
        return int(self.cache_limit_gb * 1024**3)


def preferences() -> BrushflowPreferences:
    """The add-on's preferences.

    Raises:
        BrushflowError: a script registered the add-on without enabling it.
    """
    entry = bpy.context.preferences.addons.get(__package__)
    if entry is None:
        raise errors.BrushflowError(
            f"The add-on {__package__!r} is not enabled in the preferences.",
            "Scripts enable it with bpy.ops.preferences.addon_enable.",
        )
    return entry.preferences


def shows_bars() -> bool:
    """True where the timeline is to show what is painted; drawn where the add-on is enabled."""
    entry = bpy.context.preferences.addons.get(__package__)
    return entry is not None and bool(entry.preferences.show_bars)


def torch_python() -> Path | None:
    """The Python with torch that is named; None where none is."""
    named = preferences().torch_python.strip()
    return Path(bpy.path.abspath(named)) if named else None


def device() -> str:
    """What is to compute: as chosen where a Python with torch is named; Blender's own has the processor alone."""
    return str(preferences().device) if torch_python() is not None else "auto"


def cache_folder() -> Path:
    """Where this file's paintings go: the chosen folder, else beside the saved .blend, else the user's own folder."""
    chosen = preferences().cache_folder
    if chosen and (bpy.data.filepath or not chosen.startswith("//")):
        return Path(os.path.normpath(bpy.path.abspath(chosen)))
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent / "brushflow"
    return user_folder("cache")


def user_folder(name: str, *, create: bool = True) -> Path:
    """A folder of the add-on's own in the user's Blender folder.

    Raises:
        CacheError: it cannot be made.
    """
    try:
        return Path(bpy.utils.extension_path_user(__package__, path=name, create=create))
    except OSError as error:
        raise run_folder.cache_error(Path(error.filename or name), error) from error


def register() -> None:
    """Adds the entry in the preferences."""
    bpy.utils.register_class(BrushflowPreferences)


def unregister() -> None:
    """Takes it away again."""
    bpy.utils.unregister_class(BrushflowPreferences)
