# SPDX-License-Identifier: GPL-3.0-or-later
"""The quality Master, where it is asked for. Free of bpy; torch is imported when a clip is painted."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from .desk import Summary, Watch
from .errors import EngineError
from .pipeline import ClipJob
from .settings import StylizeSettings
from .storage.cache import Cache
from .styles.weights import ModelLibrary

if TYPE_CHECKING:
    from .optimise.brush import MasterPlan

_NAME_A_PYTHON = (
    'Name a Python from 3.11 on with torch, safetensors, numpy and OpenCV as "Python with Torch" in the preferences, '
    "or choose the quality Final."
)


def stylize_master(
    job: ClipJob,
    settings: StylizeSettings,
    library: ModelLibrary,
    cache: Cache,
    watch: Watch,
    plan: MasterPlan | None = None,
) -> Summary:
    """Paint a clip by optimisation; see ``core.optimise.clip.paint_clip``.

    Args:
        plan: loss network, iterations and passes, where they are not to be the usual ones.

    Raises:
        EngineError: this Python lacks torch or safetensors, or the device is not there.
        Cancelled, BrushflowError: as of ``paint_clip``.
    """
    refuse_without_packages()
    try:
        from .optimise.brush import MasterPlan
        from .optimise.clip import paint_clip
        from .optimise.materials import master_materials
    except (ImportError, OSError) as error:  # the latter from a torch whose libraries do not load
        raise EngineError(f"{sys.executable} cannot load what Master needs ({error}).", _NAME_A_PYTHON) from error
    return paint_clip(job, master_materials(settings, library, plan or MasterPlan()), cache, watch)


def refuse_without_packages() -> None:
    """Raises ``EngineError`` where this Python cannot paint in this quality; imports nothing."""
    missing = [name for name in ("torch", "safetensors") if importlib.util.find_spec(name) is None]
    if missing:
        raise EngineError(
            f"The quality Master needs {' and '.join(missing)}, which {sys.executable} does not have.", _NAME_A_PYTHON
        )
