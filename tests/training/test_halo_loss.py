# SPDX-License-Identifier: GPL-3.0-or-later
"""The halo loss sees what the halo figure sees, and its gradient takes a rim away."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.training.halo_loss import halo_loss  # noqa: E402


def disc(radius: float, dark: float = 0.2, light: float = 0.8) -> "torch.Tensor":
    y, x = torch.meshgrid(torch.arange(96.0) - 48, torch.arange(96.0) - 48, indexing="ij")
    inside = (radius + 0.5 - torch.hypot(x, y)).clamp(0, 1)
    return (dark + (light - dark) * inside).expand(1, 3, -1, -1)


def test_a_clean_step_is_no_loss_and_a_rim_is_one() -> None:
    frame = disc(30)
    rim = disc(29, 0, 1) - disc(26, 0, 1)
    clean = halo_loss(frame, frame).item()
    assert clean < 1e-3
    losses = [halo_loss(frame + height * rim, frame).item() for height in (0.06, 0.12, 0.2)]
    assert clean + 1e-3 < losses[0] < losses[1] < losses[2]
    assert halo_loss(1 - frame - 0.12 * rim, frame).item() == pytest.approx(losses[1], rel=0.05)


def test_strokes_that_lie_anyhow_are_hardly_a_loss() -> None:
    frame, rim = disc(30), disc(29, 0, 1) - disc(26, 0, 1)
    strokes = torch.from_numpy(np.random.default_rng(2).normal(0, 0.1, (1, 1, 96, 96)).astype(np.float32))
    assert halo_loss(frame + strokes, frame).item() < 0.1 * halo_loss(frame + 0.12 * rim, frame).item()


def test_a_flat_frame_has_no_halo() -> None:
    flat = torch.full((2, 3, 64, 64), 0.5, requires_grad=True)
    loss = halo_loss(flat, torch.full((2, 3, 64, 64), 0.5))
    loss.backward()
    assert loss.item() == 0 and not flat.grad.any()


def test_following_the_gradient_takes_the_rim_away() -> None:
    frame, rim = disc(30), disc(29, 0, 1) - disc(26, 0, 1)
    painted = (frame + 0.2 * rim).clone().requires_grad_(True)
    optimiser = torch.optim.Adam([painted], 0.01)
    before = halo_loss(painted, frame).item()
    for _ in range(20):
        optimiser.zero_grad()
        halo_loss(painted, frame).backward()
        optimiser.step()
    assert halo_loss(painted, frame).item() < 0.1 * before
