# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a training stop in the middle of a step, which may take seconds on a slow machine (needs torch)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.modules.module import register_module_forward_pre_hook

from ..errors import Cancelled


class Stopper(Protocol):
    """Who may ask to stop."""

    def should_stop(self) -> bool:
        """Asked at every layer."""
        ...


@contextlib.contextmanager
def stops_when_asked(watch: Stopper) -> Iterator[None]:
    """Inside, ``Cancelled`` comes at the next layer of any network, there or back, once the watch asks to stop."""

    def look() -> None:
        if watch.should_stop():
            raise Cancelled("What was learnt is kept; run the same command to go on.")

    def before_layer(_layer: nn.Module, _inputs: object) -> None:
        look()

    def back(kept: Tensor) -> Tensor:
        look()
        return kept

    handle = register_module_forward_pre_hook(before_layer)
    try:
        # On the way back there are no layers; but every operation fetches what it kept on the way there.
        with saved_tensors_hooks(lambda kept: kept, back):
            yield
    finally:
        handle.remove()
