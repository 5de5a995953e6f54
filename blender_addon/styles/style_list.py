# SPDX-License-Identifier: GPL-3.0-or-later
"""The styles there are, as a menu with thumbnails: presets, the editor's own, and any picture."""

import zlib
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from .. import core_link, preferences
from ..core_link import errors, settings
from .titles import short_title

PICTURE = "PICTURE"
"""The menu's last entry: the style is the picture whose path is stored beside. No style's identifier has capitals."""

_DEFAULTS = settings.StylizeSettings()


class StyleList:
    """The presets and the editor's own styles as a menu, with their thumbnails as icons."""

    def __init__(self) -> None:
        self.presets: list[core_link.Preset] = []
        self.problem: errors.ModelError | None = None  # why there are no presets; the panel shows it
        self.damaged: list[errors.StyleError] = []  # what is wrong with some of the editor's own
        self._items: dict[str, list[tuple[str, str, str, int, int]]] = {}  # Blender needs the very strings to stay
        self._past: list[object] = []
        self._icons: Any = None
        self._tried: dict[str, Path] = {}  # the current frame in each style, where it was tried
        self._tried_icons: Any = None
        self._shipped: list[core_link.Preset] = []

    def load(self) -> None:
        """Reads presets and own styles. Without presets the panel says why; everything else still works."""
        from bpy.utils import previews

        self._icons, self._tried_icons = previews.new(), previews.new()
        self.problem = None
        try:
            self._shipped = core_link.read_presets()
        except errors.ModelError as error:
            self.problem = error
        self.load_own()

    def load_own(self) -> None:
        """Reads the editor's own styles anew."""
        own, self.damaged = core_link.read_own_styles(preferences.user_folder("styles", create=False))
        self.presets = [*self._shipped, *own]
        self._forget_items()

    def show_trial(self, painted: Mapping[str, Path]) -> None:
        """Shows these pictures as the thumbnails of their styles; the pictures of an older trial are given up."""
        from bpy.utils import previews

        if self._tried_icons is not None and not self._tried.items() <= painted.items():
            previews.remove(self._tried_icons)
            self._tried_icons = previews.new()
        if self._tried != painted:
            self._tried = dict(painted)
            self._forget_items()

    def thumbnail_of(self, preset: core_link.Preset) -> int:
        """The number of the icon of a style: the current frame in it where it was tried; 0 when there is none."""
        if preset.style in self._tried:
            return self._icon_of(self._tried[preset.style], self._tried_icons)
        return self.icon_of(preset.thumbnail) if preset.thumbnail is not None else 0

    def _forget_items(self) -> None:
        self._past.append(self._items)  # a menu that is open still reads them
        self._items = {}

    def icon_of(self, picture: Path) -> int:
        """The number of an icon that shows a picture as it is now; 0 where it cannot be read."""
        return self._icon_of(picture, self._icons)

    def _icon_of(self, picture: Path, icons: Any) -> int:
        try:
            key = f"{picture} {picture.stat().st_mtime_ns}"  # a picture that was written anew is another icon
        except OSError:
            return 0
        if key not in icons:
            icons.load(key, str(picture), "IMAGE")
        return int(icons[key].icon_id)

    def unload(self) -> None:
        """Frees the icons."""
        from bpy.utils import previews

        for icons in (self._icons, self._tried_icons):
            if icons is not None:
                previews.remove(icons)
        self._icons = self._tried_icons = None
        self._tried = {}
        self._shipped, self.presets, self._items, self._past = [], [], {}, []

    def title(self, style: str) -> str:
        """What the editor reads for a style; for a picture its name, whatever system its path is from."""
        if settings.picture_of(style) is not None:
            return PureWindowsPath(style).name
        return next((preset.title for preset in self.presets if preset.style == style), style)

    def is_own(self, style: str) -> bool:
        """True for one of the editor's own styles."""
        return any(one.style == style for one in self.presets[len(self._shipped) :])

    def default(self) -> str:
        """The style to begin with; empty when there is none."""
        known = [preset.style for preset in self.presets]
        return _DEFAULTS.style if _DEFAULTS.style in known else next(iter(known), "")

    def items(self, picture: str) -> list[tuple[str, str, str, int, int]]:
        """The menu's entries: the presets, and the picture at this path, empty = none is chosen yet.

        A sidebar is narrow: the name leaves the artist out, the tooltip tells all.
        """
        if picture not in self._items and self.presets:
            entries = [
                (one.style, short_title(one.title), one.title, self.thumbnail_of(one), number_of(one.style))
                for one in self.presets
            ]
            title = self.title(picture) if picture else "Any Picture"
            icon = self.icon_of(Path(picture)) if picture else 0
            self._items[picture] = [*entries, (PICTURE, title, "", icon, number_of(PICTURE))]
        return self._items.get(picture, [])


STYLES = StyleList()


def number_of(style: str) -> int:
    """What a .blend stores for a style: it follows the style's name, not its place in the list."""
    return zlib.crc32(style.encode()) & 0x7FFFFFFF
