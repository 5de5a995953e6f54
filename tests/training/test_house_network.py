# SPDX-License-Identifier: GPL-3.0-or-later
"""The house network: painting is local within the margin, and both ways of normalising agree."""

import pytest

torch = pytest.importorskip("torch", reason="the network's definition needs torch")

from core.paint import house_network as house  # noqa: E402
from core.paint.canvas import STEP  # noqa: E402
from core.training.samples import shipped_canvas  # noqa: E402


@pytest.fixture(scope="module")
def painter() -> "tuple[house.HouseNetwork, torch.Tensor, torch.Tensor]":
    torch.manual_seed(4)
    network = house.HouseNetwork().eval().requires_grad_(False)
    return network, 1 + 0.3 * torch.randn(1, house.CHANNELS), 0.3 * torch.randn(1, house.CHANNELS)


def fixed(painter, frame):  # type: ignore[no-untyped-def]
    network, gamma, beta = painter
    return house.affine(gamma, beta, *network.statistics(frame, shipped_canvas(frame), gamma, beta))


def test_a_pixel_farther_than_the_margin_changes_nothing(painter) -> None:  # type: ignore[no-untyped-def]
    margin = house.receptive_radius()
    frame = torch.rand(1, 3, 1, 2 * margin + 64)
    frame = frame.expand(1, 3, 40, -1).contiguous()
    scale, shift = fixed(painter, frame)
    before = painter[0](frame, shipped_canvas(frame), scale, shift)
    column = frame.shape[3] // 2
    changed = frame.clone()
    changed[..., column] = 1 - changed[..., column]
    difference = (painter[0](changed, shipped_canvas(frame), scale, shift) - before).abs().amax((0, 1, 2))
    reach = (difference > 0).nonzero().flatten() - column
    assert reach.abs().max().item() <= margin
    assert reach.abs().max().item() > margin - 32, "a margin much larger than needed makes tiles slow"


def test_tiles_with_the_margin_join_without_a_seam(painter) -> None:  # type: ignore[no-untyped-def]
    margin = house.receptive_radius()
    frame = torch.rand(1, 3, 48, 2 * margin + 160)
    scale, shift = fixed(painter, frame)
    canvas = shipped_canvas(frame)
    whole = painter[0](frame, canvas, scale, shift)
    middle = frame.shape[3] // 2 // house.STRIDE * house.STRIDE
    left_part, right_part = slice(0, middle + margin), slice(middle - margin, None)
    on_canvas = slice(0, (middle + margin) // STEP), slice((middle - margin) // STEP, None)
    left = painter[0](frame[..., left_part], canvas[..., on_canvas[0]], scale, shift)[..., :middle]
    right = painter[0](frame[..., right_part], canvas[..., on_canvas[1]], scale, shift)[..., margin:]
    torch.testing.assert_close(torch.cat([left, right], 3), whole, atol=2e-6, rtol=0)


def test_fixed_statistics_of_a_frame_paint_it_as_its_own_normalisation_does(painter) -> None:  # type: ignore[no-untyped-def]
    network, gamma, beta = painter
    frame = torch.rand(1, 3, 48, 64)
    canvas = shipped_canvas(frame)
    own, mean, variance = network.paint(frame, canvas, gamma, beta)
    assert mean.shape == variance.shape == (1, house.CHANNELS)
    torch.testing.assert_close(
        network(frame, canvas, *house.affine(gamma, beta, mean, variance)), own, atol=1e-5, rtol=0
    )


def test_pooled_statistics_are_those_of_all_places_of_the_group() -> None:
    values = torch.randn(4, 3, 5, 6)
    mean, variance = house._pooled_statistics(values, 2)
    together = values[:2].transpose(0, 1).flatten(1)
    torch.testing.assert_close(mean[0], together.mean(1))
    torch.testing.assert_close(variance[1], together.var(1, correction=0))


def test_painting_stays_within_range_and_size(painter) -> None:  # type: ignore[no-untyped-def]
    frame = torch.rand(1, 3, 40, 72)
    painted = painter[0](frame, shipped_canvas(frame), *fixed(painter, frame))
    assert painted.shape == frame.shape
    assert painted.min() >= 0 and painted.max() <= 1
    assert painted.std() > 1e-3


def test_strokes_grow_from_the_canvas_where_a_frame_is_flat(painter) -> None:  # type: ignore[no-untyped-def]
    frame = torch.full((1, 3, 64, 96), 0.5)
    scale, shift = fixed(painter, torch.rand(1, 3, 64, 96))
    canvas = shipped_canvas(frame)
    with_grain, without = (painter[0](frame, one, scale, shift)[..., 24:40, 24:72] for one in (canvas, 0 * canvas))
    assert without.std((2, 3)).max() < 1e-5
    assert with_grain.std((2, 3)).max() > 1e-4
