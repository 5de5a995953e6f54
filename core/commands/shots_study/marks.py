# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the real clips are cut, marked by looking at 20 to 40 frames of each. Free of bpy and torch.

The cut itself was placed by how much neighbouring frames differ.
"""

from __future__ import annotations

from collections.abc import Mapping

MARKED: Mapping[str, tuple[int, ...]] = {
    "bbb_cutBunny.mp4": (235,),
    "mdn_flower.mp4": (),
    "mdn_friday.mp4": (),
    "pexels_cottonbro.mp4": (),
    "pexels_koolshooters.mp4": (),
    "sam2_blocks.mp4": (),
    "sam2_coffee.mp4": (),
    "sam2_cups.mp4": (),
    "sintel_cave_3": (),
    "sintel_market_4": (),
    "sintel_mountain_2": (),
}
"""First frames of the shots but the first, of each clip of the assets. None of them has a dissolve."""
