# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as the numbers that are optimised: frequencies instead of pixels (free of bpy, needs torch).

Adam moves every number by about the same amount. Where the numbers are pixels, that is white noise: a small loss
network is soon content with speckle that no one would call paint. Pictures have about as much contrast in every octave
of size (Field 1987); with frequencies weighted like that, strokes and shapes are moved as soon as grain is (the
preconditioning of Olah et al. 2017). Colours are taken apart as those of pictures vary, brightness first (Ohta et al.
1980), for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# Brightness, blue against red, green against both: orthonormal, so that the inverse is the transpose.
_AXES = ((1.0, 1.0, 1.0), (1.0, 0.0, -1.0), (1.0, -2.0, 1.0))
_SPREADS = (1.0, 0.4, 0.25)
"""How much pictures vary along each axis, relative to the first."""


class Spectrum:
    """The way between pictures (1, 3, H, W) and numbers (1, 3, H, W // 2 + 1, 2) of one size.

    When all numbers change by 1 at random, pixels change by about 1.
    """

    def __init__(self, size: Sequence[int], device: torch.device) -> None:
        self._size = (size[0], size[1])
        down = torch.fft.fftfreq(size[0], device=device)[:, None]
        across = torch.fft.rfftfreq(size[1], device=device)[None]
        frequency = torch.sqrt(down**2 + across**2).clamp_min(1.0 / max(size))
        weight = 1.0 / frequency
        weight = weight / torch.sqrt((weight**2).mean())
        spreads = torch.tensor(_SPREADS, device=device)
        spreads = spreads / torch.sqrt((spreads**2).mean())
        self._weight = spreads[None, :, None, None] * weight
        axes = torch.tensor(_AXES, device=device)
        self._axes = axes / torch.linalg.vector_norm(axes, dim=1, keepdim=True)

    def picture(self, numbers: Tensor) -> Tensor:
        """The picture that numbers stand for."""
        waves = torch.view_as_complex(numbers.contiguous()) * self._weight
        parts = torch.fft.irfft2(waves, s=self._size, norm="ortho")
        return torch.einsum("ac,bahw->bchw", self._axes, parts)

    def of(self, picture: Tensor) -> Tensor:
        """The numbers that stand for a picture."""
        parts = torch.einsum("ac,bchw->bahw", self._axes, picture)
        waves = torch.fft.rfft2(parts, norm="ortho") / self._weight
        return torch.view_as_real(waves).contiguous()
