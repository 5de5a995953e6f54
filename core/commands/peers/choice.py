# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers by name. Free of bpy; what one needs is imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import SettingsError

Paint = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

PEERS = {
    "johnson": "Johnson et al. 2016",
    "adain": "AdaIN, Huang and Belongie 2017",
    "microast": "MicroAST, Wang et al. 2023",
    "magenta": "Magenta, Ghiasi et al. 2017",
}
OF_ONE_STYLE = frozenset({"johnson"})
"""Peers whose style is in their weights: the picture they learnt is not at hand, so style loss means nothing."""


def open_peer(name: str, assets: Path, style: NDArray[np.uint8]) -> Paint:
    """A peer that paints frames, (H, W, 3) uint8 RGB, in the style of a picture of the same kind.

    Raises:
        SettingsError: there is no such peer.
        ModelError: its weights are missing, damaged, or another network's.
        EngineError: what runs it is not installed.
    """
    if name == "magenta":
        from .magenta import Magenta

        return Magenta(assets, style)
    from ...training.data import to_tensor

    if name == "johnson":
        from .johnson import Johnson

        return Johnson(assets)
    if name == "adain":
        from .adain import AdaIn

        return AdaIn(assets, to_tensor(style))
    if name == "microast":
        from .microast import MicroAst

        return MicroAst(assets, to_tensor(style))
    raise SettingsError(f"There is no peer {name!r}.", f"There are {', '.join(PEERS)}.")
