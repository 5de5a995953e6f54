# SPDX-License-Identifier: GPL-3.0-or-later
"""``--flow`` and ``--flow-weights`` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..estimators import estimator_of
from ..flow.motion import FlowEstimator
from ..settings import StylizeSettings


def estimator_from(options: argparse.Namespace, settings: StylizeSettings) -> FlowEstimator:
    """The flow estimator that the command line names; torchvision fetches RAFT's weights where none are named.

    Raises:
        SettingsError, EngineError, ModelError: as of ``estimator_of``.
    """
    return estimator_of(settings, Path(options.flow_weights) if options.flow_weights else None, may_fetch=True)
