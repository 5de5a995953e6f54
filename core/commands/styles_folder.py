# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the editor's own styles lie on this machine. Needs platformdirs; Blender never comes here."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from ..styles.user_styles import folder_from_environment


def styles_folder(named: str | None) -> Path:
    """The folder that is named, else what ``BRUSHFLOW_STYLES`` says, else the user's data folder."""
    own = folder_from_environment() or platformdirs.user_data_path("brushflow") / "styles"
    return Path(named) if named else own
