# SPDX-License-Identifier: GPL-3.0-or-later
"""``--flow`` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..flow.choice import DEFAULT_FLOW, make_estimator
from ..flow.motion import FlowEstimator
from ..paint.torch_engine import torch_is_installed, working_device


def estimator_from(options: argparse.Namespace) -> FlowEstimator:
    """The flow estimator that the command line names, on the device it names.

    Raises:
        SettingsError: the name is unknown, or weights are named for an estimator that has none.
        EngineError, ModelError: RAFT cannot be had.
    """
    weights = Path(options.flow_weights) if options.flow_weights else None
    name = options.flow or DEFAULT_FLOW
    is_network = name.startswith("raft") and torch_is_installed()
    return make_estimator(name, weights, working_device(options.device) if is_network else "cpu")
