# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic motion: the flow is exact, and no pixel that was hidden is called visible."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.training.synthetic_motion import moving_pair, smooth_flow, warp  # noqa: E402

HEIGHT, WIDTH = 64, 96


def places() -> "torch.Tensor":
    """A picture whose value at a pixel is its place: (1, 2, H, W), x then y."""
    y, x = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    return torch.stack([x, y])[None].float()


def test_warp_samples_at_the_place_the_flow_points_to_x_before_y() -> None:
    flow = torch.zeros(1, 2, HEIGHT, WIDTH)
    flow[:, 0] = 3.0
    moved = warp(places(), flow)
    torch.testing.assert_close(moved[0, 0, :, : WIDTH - 3], places()[0, 0, :, 3:], atol=1e-4, rtol=0)
    torch.testing.assert_close(moved[0, 1], places()[0, 1], atol=1e-4, rtol=0)


def test_flow_is_exact_to_a_thousandth_of_a_pixel() -> None:
    flow = smooth_flow(1, HEIGHT, WIDTH, torch.Generator().manual_seed(3))
    wanted = places() + flow
    inside = (wanted[:, :1] >= 0) & (wanted[:, :1] <= WIDTH - 1) & (wanted[:, 1:] >= 0) & (wanted[:, 1:] <= HEIGHT - 1)
    assert inside.float().mean() > 0.5
    error = (warp(places(), flow) - wanted).abs() * inside
    assert error.max().item() < 1e-3


def test_whatever_was_hidden_or_outside_is_not_called_visible() -> None:
    generator = torch.Generator().manual_seed(7)
    background, thing = torch.zeros(24, 3, HEIGHT, WIDTH), torch.ones(24, 3, HEIGHT, WIDTH)
    pair = moving_pair(background, thing, generator)
    assert 0.1 < (pair.previous.amax((1, 2, 3)) > 0).float().mean() < 0.9, "some have an object, some have none"
    carried = warp(pair.previous, pair.flow_cur_to_prev)
    wrong = ((carried - pair.current).abs().amax(1, keepdim=True) > 2e-3).float()
    assert wrong.sum() > 0, "the test must contain occlusion"
    assert (wrong * pair.visible).sum().item() == 0
    assert pair.visible.mean().item() > 0.6


def test_the_same_seed_gives_the_same_motion() -> None:
    first, second = (smooth_flow(2, 16, 16, torch.Generator().manual_seed(9)) for _ in range(2))
    assert torch.equal(first, second)
