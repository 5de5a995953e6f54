# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow estimators by name. Free of bpy; torch is imported when RAFT is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import SettingsError
from ..settings import FLOWS
from .dis import DisFlow
from .motion import FlowEstimator
from .raft import RaftFlow

DEFAULT_FLOW = "dis"

_DIS: dict[str, Callable[[], FlowEstimator]] = {
    "dis": DisFlow,
    "dis-fast": lambda: DisFlow("fast"),
    "dis-fine": lambda: DisFlow("fine"),
}
_RAFT = {"raft-small": "small", "raft-large": "large"}


def make_estimator(
    name: str, weights: Path | None = None, device: str = "cpu", *, may_fetch: bool = True
) -> FlowEstimator:
    """The estimator of that name.

    Args:
        name: one of ``core.settings.FLOWS``.
        weights: RAFT's weights; None takes torchvision's own.
        device: where RAFT runs: "cpu", "cuda" or "mps".
        may_fetch: whether torchvision may fetch its weights where it has not yet.

    Raises:
        SettingsError: the name is not known, or weights are named that it does not take.
        EngineError, ModelError: see ``RaftFlow``.
    """
    if name in _RAFT:
        return RaftFlow(_RAFT[name], weights, device, may_fetch=may_fetch)
    if name not in _DIS:
        raise SettingsError(f"The flow is {name!r}; one of {', '.join(FLOWS)} was expected.")
    if weights is not None:
        raise SettingsError(f"The flow {name} takes no weights.", f"Leave {weights} out, or choose raft-small.")
    return _DIS[name]()
