# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the house network with PyTorch, on a GPU where there is one. Free of bpy; torch is imported when first used."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np

from ..errors import EngineError
from ..styles.weights import NetworkFiles, read_safetensors
from .painter import Begun

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

_HINT = (
    "Choose the device auto (in the preferences: Automatic), or name a Python with a torch for it as "
    '"Python with Torch" there.'
)


def torch_is_installed() -> bool:
    """Whether this Python could import torch; does not import it."""
    return importlib.util.find_spec("torch") is not None


def best_device() -> str:
    """The first of "cuda", "mps", "cpu" that works here. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def working_device(device: str) -> str:
    """The device itself, or the best one for "auto". Imports torch.

    Raises:
        EngineError: it is not there.
    """
    import torch

    if device == "auto":
        return best_device()
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # the latter from a torch that was built without CUDA
        reason = str(error).splitlines()[0]
        raise EngineError(f"The device {device!r} is not available ({reason}).", _HINT) from error
    return device


class TorchEngine:
    """The network in PyTorch.

    Args:
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        EngineError: torch is not installed, or the device is not there.
    """

    name = "torch"

    def __init__(self, network: NetworkFiles, device: str = "auto") -> None:
        if not torch_is_installed():
            raise EngineError("This Python has no torch.", _HINT)
        import torch

        from .house_network import HouseNetwork

        self.device = best_device() if device == "auto" else device
        self._net = HouseNetwork()
        tensors = read_safetensors(network.weights)
        self._net.load_state_dict({name: torch.from_numpy(value.astype(np.float32)) for name, value in tensors.items()})
        try:
            self._net.to(self.device).eval()
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise EngineError(f"The device {self.device!r} is not available ({reason}).", _HINT) from error

    def paint(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """See ``core.paint.painter.Engine``."""
        import torch

        with torch.inference_mode():
            painted = self._net(*(self._put(values) for values in (frame, canvas, scale, shift)))
        return _array(painted)

    def begin(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> Begun:
        """See ``core.paint.painter.SplitEngine``."""
        import torch

        with torch.inference_mode():
            return Begun(
                *map(_array, self._net.begin(*(self._put(values) for values in (frame, canvas, scale, shift))))
            )

    def finish(
        self,
        frame: NDArray[np.float32],
        begun: Begun,
        scale: NDArray[np.float32],
        shift: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """See ``core.paint.painter.SplitEngine``."""
        import torch

        given = frame, begun.half, begun.quarter, begun.eighth, scale, shift
        with torch.inference_mode():
            return _array(self._net.finish(*map(self._put, given)))

    def statistics(
        self,
        frame: NDArray[np.float32],
        canvas: NDArray[np.float32],
        gamma: NDArray[np.float32],
        beta: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See ``core.paint.painter.Engine``."""
        import torch

        with torch.inference_mode():
            mean, variance = self._net.statistics(*(self._put(values) for values in (frame, canvas, gamma, beta)))
        return _array(mean), _array(variance)

    def _put(self, values: NDArray[np.float32]) -> torch.Tensor:
        import torch

        return torch.tensor(values, device=self.device)


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.float().cpu().numpy(), np.float32)
