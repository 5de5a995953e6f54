# SPDX-License-Identifier: GPL-3.0-or-later
"""What a loss network computes in while it teaches (free of bpy, needs torch)."""

from __future__ import annotations

import torch

# What torch is asked of a processor. Its own names, which may go: a processor that cannot be asked counts as without.
_ASKED = ("_is_amx_tile_supported",)


def fast_precision(device: torch.device) -> torch.dtype:
    """bfloat16 on a graphics card and a processor that multiply matrices in it, which halves the time; else float32.

    Other processors compute bfloat16 too, but slower: with AVX2 a convolution took nine to sixty times as long as in
    float32, with AVX512-BF16 and no AMX twice.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type != "cpu":
        return torch.float32
    answers = (getattr(torch.cpu, name, None) for name in _ASKED)
    return torch.bfloat16 if any(ask is not None and ask() for ask in answers) else torch.float32
