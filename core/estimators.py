# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow estimator that the settings ask for. Free of bpy; torch is imported when RAFT is asked for."""

from __future__ import annotations

from pathlib import Path

from .flow.choice import make_estimator
from .flow.motion import FlowEstimator
from .paint.torch_engine import torch_is_installed, working_device
from .settings import StylizeSettings


def estimator_of(settings: StylizeSettings, weights: Path | None = None, *, may_fetch: bool = False) -> FlowEstimator:
    """The estimator, where it is a network on the device of the settings.

    Args:
        weights, may_fetch: as of ``core.flow.choice.make_estimator``. Nothing is fetched unless it is said: in Blender
            it would be behind the editor's back.

    Raises:
        SettingsError: weights are named for an estimator that has none.
        EngineError, ModelError: RAFT cannot be had.
    """
    is_network = settings.flow.startswith("raft") and torch_is_installed()
    device = working_device(settings.device) if is_network else "cpu"
    return make_estimator(settings.flow, weights, device, may_fetch=may_fetch)
