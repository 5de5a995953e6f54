# SPDX-License-Identifier: GPL-3.0-or-later
"""The training losses: hand-made gradients against autograd, and what each loss must and must not see."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.training.losses import (  # noqa: E402
    content_loss,
    contour_loss,
    feature_moments,
    style_loss,
    style_target,
    temporal_loss,
    total_variation,
)


def features(*shape: int, seed: int = 1) -> "torch.Tensor":
    return torch.relu(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize("group", [1, 2])
def test_feature_moments_and_their_gradient_equal_the_plain_formula(group: int) -> None:
    ours = features(4, 5, 6, 7).requires_grad_()
    plain = ours.detach().clone().requires_grad_()
    gram, mean = feature_moments(ours, group)
    places = plain.unflatten(0, (-1, group)).permute(0, 2, 1, 3, 4).flatten(2)
    wanted_gram, wanted_mean = places @ places.transpose(1, 2) / places.shape[2], places.mean(2)
    torch.testing.assert_close(gram, wanted_gram)
    torch.testing.assert_close(mean, wanted_mean)
    pull = torch.randn(gram.shape, generator=torch.Generator().manual_seed(2))
    ((gram * pull).sum() + (mean**3).sum()).backward()
    ((wanted_gram * pull).sum() + (wanted_mean**3).sum()).backward()
    torch.testing.assert_close(ours.grad, plain.grad)


def test_style_loss_is_zero_for_the_style_itself_and_not_for_another() -> None:
    style, other = features(1, 8, 12, 12), features(1, 8, 12, 12, seed=5) * 1.5
    target = style_target(style)
    assert style_loss(style, [target]).item() == pytest.approx(0.0, abs=1e-9)
    assert style_loss(other, [target]).item() > 0.1


def test_style_loss_does_not_ask_where_things_are() -> None:
    style = features(1, 8, 12, 12)
    moved = style.flip(2).transpose(2, 3)
    assert style_loss(moved, [style_target(style)]).item() == pytest.approx(0.0, abs=1e-9)


def test_a_group_is_judged_as_a_whole() -> None:
    style = features(1, 8, 12, 12)
    halves = torch.cat([style[..., :6], style[..., 6:]])
    assert style_loss(halves, [style_target(style)], group=2).item() == pytest.approx(0.0, abs=1e-9)
    assert style_loss(halves, [style_target(style)] * 2, group=1).min().item() > 1e-4


def test_content_loss_sets_brightness_and_contrast_of_each_channel_aside() -> None:
    wanted = features(2, 8, 12, 12)
    assert content_loss(3.0 * wanted + 1.0, wanted).max().item() == pytest.approx(0.0, abs=1e-6)
    assert content_loss(wanted.flip(3), wanted).min().item() > 0.5


def test_total_variation_of_a_ramp_is_its_slope() -> None:
    ramp = (torch.arange(8.0) * 0.1).expand(1, 3, 8, 8)
    assert total_variation(ramp).item() == pytest.approx(0.1, abs=1e-6)


def test_temporal_loss_counts_visible_pixels_only() -> None:
    current, carried = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    carried[..., 0, :] = 1.0
    visible = torch.ones(1, 1, 4, 4)
    assert temporal_loss(current, carried, visible).item() == pytest.approx(0.25)
    visible[..., 0, :] = 0.0
    assert temporal_loss(current, carried, visible).item() == 0.0


def a_contour(left: float, right: float) -> "torch.Tensor":
    picture = torch.full((1, 3, 48, 48), left)
    picture[..., 24:] = right
    return picture


def test_contour_loss_lets_both_sides_take_any_colour() -> None:
    painted = a_contour(0.9, 0.1)
    painted[:, 1] = a_contour(0.3, 0.5)[:, 0]
    assert contour_loss(painted, a_contour(0.2, 0.8)).item() < 0.01


@pytest.mark.parametrize("side", [slice(20, 24), slice(24, 28)])
def test_contour_loss_sees_a_rim_on_either_side(side: slice) -> None:
    rimmed = a_contour(0.2, 0.8)
    rimmed[..., side] += 0.2
    assert contour_loss(rimmed, a_contour(0.2, 0.8)).item() > 0.03


def test_contour_loss_leaves_strokes_alone_where_the_frame_is_flat() -> None:
    frame = a_contour(0.2, 0.8)
    strokes = a_contour(0.2, 0.8)
    strokes[..., :4] += 0.2 * (torch.arange(4.0) // 2)
    assert contour_loss(strokes, frame).item() < 0.01
