# SPDX-License-Identifier: GPL-3.0-or-later
"""Which convolutions of the house network are normalised, and how many channels each has. Free of bpy and torch.

What PyTorch and OpenCV both go by: styles and a shot's statistics are rows of N numbers in this order.
"""

from __future__ import annotations

HALF, QUARTER, EIGHTH = 16, 32, 80
"""Channels at a half, a quarter and an eighth of the resolution."""

BLOCKS = 4
"""Residual blocks at an eighth of the resolution, of two convolutions each."""

NORMALISED: tuple[tuple[int, tuple[str, ...]], ...] = (
    (HALF, ("down_half",)),
    (QUARTER, ("down_quarter", "canvas_quarter")),
    (EIGHTH, ("down_eighth", "canvas_eighth")),
    *((EIGHTH, (f"trunk.{place}",)) for place in range(2 * BLOCKS)),
    (QUARTER, ("at_quarter",)),
    (HALF, ("to_half",)),
    (HALF, ("at_half",)),
)
"""For each normalised layer, its channels and the convolutions whose sum it is, the one with a bias first."""
