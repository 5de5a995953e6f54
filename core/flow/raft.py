# SPDX-License-Identifier: GPL-3.0-or-later
"""RAFT (Teed and Deng 2020), torchvision's network. Free of bpy; torch is imported when an estimator is made."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..errors import EngineError
from ..warp import resize_flow
from .grid import LONGEST_SIDE, at_working_size, grid_size, still_motion
from .motion import Motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What torchvision calls the two. The small one has 1.0 million parameters, the large one 5.3.
_NETWORKS = {"small": "raft_small", "large": "raft_large"}
_UPDATES = 12
# The network works on cells of 8 pixels, and its coarsest comparison needs 16 of them.
_CELL = 8
_SHORTEST_SIDE = 128
_VERSION = 1
_OTHERS = "Choose the flow dis, dis-fast or dis-fine, which need none."


class RaftFlow:
    """Flow by RAFT. Safe to use from several threads, which take turns: each estimate uses all cores, or the GPU.

    Args:
        size: "small" or "large".
        weights: a file of torchvision's weights (.pth, .pt, .npz or .safetensors; nothing is unpickled), or None to
            take torchvision's own from its cache.
        device: "cpu", "cuda" or "mps".
        may_fetch: let torchvision fetch them there first where they are missing.

    Raises:
        EngineError: torch or torchvision is not installed.
        ModelError: the weights cannot be fetched or read, or are another network's.
    """

    def __init__(self, size: str, weights: Path | None = None, device: str = "cpu", *, may_fetch: bool = True) -> None:
        self._device = device
        self._net = _network(_NETWORKS[size], weights, may_fetch).to(device).eval()
        self._turn = threading.Lock()
        # The file's name says nothing about what is in it.
        self.key = f"raft-{size}-{_digest(self._net)}-{LONGEST_SIDE}-{_VERSION}"

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        """See ``core.flow.motion.FlowEstimator``."""
        height, width = prev.shape[:2]
        small_prev, small_cur = at_working_size(prev), at_working_size(cur)
        still = still_motion(small_prev, small_cur, height, width)
        if still is not None:
            return still
        grid = grid_size(height, width)
        with self._turn:
            there, back = self._flow(small_cur, small_prev), self._flow(small_prev, small_cur)
        return Motion(resize_flow(there, *grid), resize_flow(back, *grid))

    def _flow(self, source: NDArray[np.uint8], target: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(2, H, W) float32: where each pixel of ``source`` is in ``target``, relative to itself."""
        import torch

        height, width = source.shape[:2]
        top, bottom, left, right = (*_margins(height), *_margins(width))
        pair = []
        for picture in (source, target):
            framed = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REPLICATE)
            pixels = torch.from_numpy(framed).to(self._device).permute(2, 0, 1)[None]
            pair.append(pixels.float() / 127.5 - 1.0)
        with torch.inference_mode():
            field = self._net(*pair, num_flow_updates=_UPDATES)[-1][0]
        inner = field[:, top : top + height, left : left + width].float().cpu().numpy()
        return np.ascontiguousarray(inner, np.float32)


def _network(name: str, weights: Path | None, may_fetch: bool) -> Any:
    """torchvision's network, in which every weight is from the file or from torchvision."""
    try:
        import torch

        from ..training.critics.weights_file import fill, read_weights
        from ..training.torchvision_link import fetched_weights, kept_weights, open_torchvision
    except ModuleNotFoundError as error:
        raise EngineError(f"RAFT needs the package {error.name}, which this Python lacks.", _OTHERS) from error
    models = open_torchvision(_OTHERS).models
    # Without memory for its weights: all of them come from elsewhere.
    with torch.device("meta"):
        net = models.get_model(name, weights=None)
    if weights is None and not may_fetch:
        weights = kept_weights(
            name, f"`python -m core stylize … --flow {name.replace('_', '-')}` fetches them. {_OTHERS}"
        )
    if weights is None:
        remedy = f"Fetch it elsewhere and name the file with --flow-weights. {_OTHERS}"
        fill(net, fetched_weights(name, remedy), Path(f"torchvision's {name}"))
    else:
        fill(net, read_weights(weights), weights)
    return net


def _digest(net: Any) -> str:
    """A short hash of every weight."""
    whole = hashlib.sha256()
    for name, value in sorted(net.state_dict().items()):
        whole.update(name.encode() + value.cpu().numpy().tobytes())
    return whole.hexdigest()[:16]


def _margins(length: int) -> tuple[int, int]:
    """What is to be added before and after so that the network can take it."""
    wanted = max(_SHORTEST_SIDE, -(-length // _CELL) * _CELL)
    return (wanted - length) // 2, (wanted - length + 1) // 2
