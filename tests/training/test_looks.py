# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of paintings and style pictures: every pixel in turn, and each group against its own style."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.training.looks import (  # noqa: E402
    CLOSE_LOOK,
    SCALES,
    looks_at,
    scaled_targets,
    style_of_looks,
    tiles,
    window_side,
)


def colours_and_edges(pictures: "torch.Tensor") -> "dict[str, torch.Tensor]":
    """A loss network without borders: the colours, and how much they differ to the right."""
    return {"colours": pictures, "edges": (pictures[..., 1:] - pictures[..., :-1]).abs()}


def test_windows_cover_a_picture_evenly() -> None:
    picture = torch.arange(100.0 * 130).reshape(1, 1, 100, 130)
    windows = tiles(picture, 48)
    assert windows.shape == (3 * 3, 1, 48, 48)
    assert torch.equal(windows.unique(), picture.unique()), "every pixel is in a window"
    assert windows[0, 0, 0, 0] == 0 and windows[-1, 0, -1, -1] == picture.max()
    assert tiles(picture, 120).shape == (2, 1, 100, 120), "where there are not as many pixels, all that are there"
    assert [window_side(192, scale) for scale in SCALES] == [CLOSE_LOOK, 96, 48]
    assert window_side(64, 1) == 64


def test_the_close_look_goes_everywhere_and_is_the_same_for_all() -> None:
    row = torch.arange(120.0).expand(1, 3, 200, 120)
    pictures, random = torch.cat([row, row]), torch.Generator().manual_seed(3)
    firsts = set()
    for _ in range(200):
        close, half, quarter = looks_at(pictures, random)
        assert close.shape == (2, 3, CLOSE_LOOK, CLOSE_LOOK)
        assert torch.equal(close[0], close[1])
        firsts.add(int(close[0, 0, 0, 0]))
    assert firsts == set(range(120 - CLOSE_LOOK + 1))
    assert half.shape[-2:] == (100, 60) and quarter.shape[-2:] == (50, 30)
    assert looks_at(pictures[..., :40, :40], random)[0].shape[-2:] == (40, 40), "a small one is seen whole"


def test_each_group_is_held_against_its_own_style() -> None:
    random = torch.Generator().manual_seed(3)
    styles = [torch.rand(1, 3, 192, 192, generator=random) ** power for power in (1.0, 3.0)]
    wanted = [scaled_targets(style, colours_and_edges, 192) for style in styles]
    assert [len(targets) for targets in wanted] == [len(SCALES)] * 2
    painted = torch.cat([styles[0], styles[0], styles[1], styles[1]])
    seen = [colours_and_edges(look) for look in looks_at(painted, random)]
    right, wrong = style_of_looks(seen, wanted, 2), style_of_looks(seen, wanted[::-1], 2)
    assert right.shape == (2,)
    assert float(right.max()) < 0.1 * float(wrong.min())
