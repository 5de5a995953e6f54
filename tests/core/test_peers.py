# SPDX-License-Identifier: GPL-3.0-or-later
"""The published painters: they are put together as their weights want it, and wrong weights are refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import texture

torch = pytest.importorskip("torch", reason="the peers need torch")

import torch.nn.functional as functional  # noqa: E402

from core.commands.peers.choice import PEERS, open_peer  # noqa: E402
from core.commands.peers.peer import Peer, match_moments  # noqa: E402
from core.errors import ModelError, SettingsError  # noqa: E402

ASSETS = Path(__file__).parents[3] / "shared" / "assets"
needs_assets = pytest.mark.skipif(not (ASSETS / "peers").is_dir(), reason=f"no peers at {ASSETS}")

# Kernel, stride (negative: enlarged), channels in and out of Johnson's convolutions.
JOHNSON = [(9, 1, 3, 32), (3, 2, 32, 64), (3, 2, 64, 128), *[(3, 1, 128, 128)] * 10]
JOHNSON += [(3, -2, 128, 64), (3, -2, 64, 32), (9, 1, 32, 3)]


def johnson_variables() -> list[torch.Tensor]:
    """Made-up weights in TensorFlow's order: kernel, shift and scale of each layer."""
    generator = torch.Generator().manual_seed(4)
    variables = []
    for kernel, stride, inputs, outputs in JOHNSON:
        shape = (kernel, kernel, inputs, outputs) if stride > 0 else (kernel, kernel, outputs, inputs)
        variables.append(torch.randn(shape, generator=generator))
        variables.append(0.3 * torch.randn(outputs, generator=generator))
        variables.append(0.5 + torch.rand(outputs, generator=generator))
    return variables


def write_johnson(assets: Path, variables: list[torch.Tensor]) -> None:
    (assets / "peers" / "johnson").mkdir(parents=True)
    names = ["Variable", *(f"Variable_{i}" for i in range(1, 48))]
    arrays = dict(zip(names, (value.numpy() for value in variables), strict=True))
    np.savez(assets / "peers" / "johnson" / "mathura.npz", **arrays)


def by_the_book(frame: torch.Tensor, variables: list[torch.Tensor]) -> torch.Tensor:
    """Johnson's network with TensorFlow's "SAME" padding, step by step."""
    values = 255.0 * frame
    kept = values
    for number, (kernel, stride, _, _) in enumerate(JOHNSON):
        weight, shift, scale = variables[3 * number : 3 * number + 3]
        if 3 <= number < 13 and number % 2:
            kept = values
        weight = weight.permute(3, 2, 0, 1)
        if stride < 0:
            height, width = values.shape[2:]
            values = functional.conv_transpose2d(values, weight, stride=2)[:, :, : 2 * height, : 2 * width]
        else:
            total = kernel - stride
            before, after = total // 2, total - total // 2
            values = functional.conv2d(functional.pad(values, (before, after, before, after)), weight, stride=stride)
        variance, mean = torch.var_mean(values, (2, 3), keepdim=True, unbiased=False)
        values = (values - mean) / torch.sqrt(variance + 1e-3) * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)
        is_last_of_block = 3 <= number < 13 and number % 2 == 0
        if is_last_of_block:
            values = kept + values
        elif number < len(JOHNSON) - 1:
            values = torch.relu(values)
    return (150.0 * torch.tanh(values) + 127.5) / 255.0


def test_johnsons_network_on_its_head_is_tensorflows(tmp_path: Path) -> None:
    variables = johnson_variables()
    write_johnson(tmp_path, variables)
    picture = texture(40, 56)
    painted = open_peer("johnson", tmp_path, picture)(picture)
    frame = torch.from_numpy(picture.astype(np.float32) / 255.0).permute(2, 0, 1)[None]
    wanted = 255.0 * by_the_book(frame, variables).clamp(0, 1)[0].permute(1, 2, 0).numpy()
    assert np.abs(painted - wanted).max() < 1.0
    assert painted.std() > 20


def test_a_peer_paints_pictures_of_any_size() -> None:
    class Negative(Peer):
        multiple = 8

        def paint(self, frame: torch.Tensor) -> torch.Tensor:
            assert frame.shape[2] % 8 == frame.shape[3] % 8 == 0
            return 1.0 - frame

    picture = texture(37, 61)
    np.testing.assert_array_equal(Negative()(picture), 255 - picture)


def test_matched_moments_are_those_wanted() -> None:
    torch.manual_seed(2)
    matched = match_moments(torch.randn(1, 4, 30, 30), 3.0 * torch.randn(1, 4, 20, 20) + 5.0)
    wanted = 3.0 * torch.randn(1, 4, 400, 400) + 5.0
    torch.testing.assert_close(matched.mean((2, 3)), wanted.mean((2, 3)), atol=0.5, rtol=0)
    torch.testing.assert_close(matched.std((2, 3)), wanted.std((2, 3)), atol=0.5, rtol=0)


def test_peers_without_weights_or_with_others_are_refused(tmp_path: Path) -> None:
    picture = texture(32, 32)
    for name in PEERS:
        with pytest.raises(ModelError, match="no weights at"):
            open_peer(name, tmp_path, picture)
    with pytest.raises(SettingsError, match=r"rembrandt.*johnson"):
        open_peer("rembrandt", tmp_path, picture)
    variables = johnson_variables()
    variables[3] = variables[3][..., :-1]
    write_johnson(tmp_path, variables)
    with pytest.raises(ModelError, match="does not fit"):
        open_peer("johnson", tmp_path, picture)


@needs_assets
@pytest.mark.parametrize("name", ["adain", "microast"])
def test_a_picture_in_its_own_style_shows_itself_up_to_its_borders(name: str) -> None:
    """Encoder, decoder, borders and the order of channels fit each other: the nearest thing to a proof there is."""
    picture = cv2.imread(str(ASSETS / "photos" / "bsds500" / "bsds500_0010.jpg"))[:256, :320, ::-1].copy()
    painted = open_peer(name, ASSETS, picture)(picture)
    for channel in range(3):
        assert np.corrcoef(painted[..., channel].ravel(), picture[..., channel].ravel())[0, 1] > 0.85
    error = np.abs(painted.astype(int) - picture).mean(2)
    assert error.mean() < np.abs(painted[..., ::-1].astype(int) - picture).mean()
    inside = error[16:-16, 16:-16]
    assert (error.sum() - inside.sum()) / (error.size - inside.size) < 1.15 * inside.mean()


@needs_assets
def test_magenta_takes_over_the_colours_of_the_style() -> None:
    pytest.importorskip("ai_edge_litert", reason="Magenta's files need ai-edge-litert")
    frame = cv2.imread(str(ASSETS / "photos" / "bsds500" / "bsds500_0010.jpg"))[:, :, ::-1].copy()
    red, blue = (
        np.roll(np.stack([texture(128, 128)[..., 0], *[np.zeros((128, 128), np.uint8)] * 2], 2), i, 2) for i in (0, 2)
    )
    of_red, of_blue = (open_peer("magenta", ASSETS, style)(frame).mean((0, 1)) for style in (red, blue))
    assert of_red.shape == (3,) and of_red[0] - of_red[2] > of_blue[0] - of_blue[2] + 40
