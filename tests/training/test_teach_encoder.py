# SPDX-License-Identifier: GPL-3.0-or-later
"""The style encoder taught alone: another basis is the same head, and the painter stays what it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from safetensors.torch import load_file  # noqa: E402

from core.styles.weights import MODELS_FOLDER  # noqa: E402
from core.training.checkpoint import HousePainter, adopt_shipped  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.recipe import read_recipe  # noqa: E402
from core.training.style_encoder import MOMENTS, StyleHead  # noqa: E402
from core.training.teach_encoder import EncoderRun, WhitenedHead  # noqa: E402

ASSETS = Path(__file__).parents[3] / "shared" / "assets"
RECIPE = Path(__file__).parents[2] / "core" / "training" / "recipes" / "house.toml"
needs_assets = pytest.mark.skipif(not (ASSETS / "photos").is_dir(), reason=f"no training pictures at {ASSETS}")


def shipped_head() -> StyleHead:
    painter = HousePainter(1)
    adopt_shipped(painter, MODELS_FOLDER, [""])
    return painter.head.requires_grad_(False)


def some_moments(head: StyleHead, count: int) -> torch.Tensor:
    """Of no picture, but as far from the usual ones as pictures are."""
    random = torch.Generator().manual_seed(5)
    return head.usual + head.spread.clamp_max(1.0) * torch.randn(count, MOMENTS, generator=random)


def test_in_another_basis_and_back_it_is_the_same_head() -> None:
    head = shipped_head()
    moments = some_moments(head, 40)
    whitened = WhitenedHead(head, moments)
    with torch.no_grad():
        for one in (whitened, whitened.folded()):
            for found, wanted in zip(one(moments), head(moments), strict=True):
                torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-3)


def test_what_was_learnt_is_kept_along_directions_that_vary() -> None:
    head = shipped_head()
    moments = some_moments(head, 400)
    whitened = WhitenedHead(head, moments)
    quiet, loud = 0, -1  # directions are in the order of how much they vary
    with torch.no_grad():
        for direction, kept in ((loud, 0.9), (quiet, 0.0)):
            whitened.weight[:, direction] += 1.0
            there = torch.eye(whitened.weight.shape[1])[direction] @ torch.linalg.pinv(whitened.whitening)
            seen = (whitened.folded().last.weight - head.last.weight) @ there
            assert kept <= float(seen.mean()) < kept + 0.1
            whitened.weight[:, direction] -= 1.0
        whitened.bias.add_(0.5)
        for found, wanted in zip(whitened.folded()(moments), head(moments), strict=True):
            torch.testing.assert_close(found, wanted + 0.5, rtol=1e-3, atol=2e-3)


def test_no_direction_speaks_louder_than_others() -> None:
    head = shipped_head()
    moments = some_moments(head, 400)
    whitened = WhitenedHead(head, moments)
    with torch.no_grad():
        before = head.before_last(moments)
        after = (before - whitened.centre) @ whitened.whitening
    loud, louder = (torch.linalg.eigvalsh(torch.cov(values.T)) for values in (after, before))
    assert loud.max() < 1.001 and (loud > 0.5).sum() > 2 * (louder > 0.5 * louder.max()).sum()


@needs_assets
def test_the_head_learns_and_goes_on_and_the_painter_stays(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    for number in range(4):
        picture = np.asarray(dead_leaves(number, 300, 320), np.uint8)
        cv2.imwrite(str(tmp_path / "art" / f"{number}.jpg"), picture)
    recipe = read_recipe(RECIPE)
    recipe = replace(recipe, styles=recipe.styles[:1], any_styles=str(tmp_path / "art"), any_variants=1, crop=64)
    recipe = replace(recipe, photographs="photos/bsds500", content_short_side=(80, 120), learning_rate=3e-3)
    run = EncoderRun(replace(recipe, minutes=20.0), ASSETS, tmp_path / "run", torch.device("cpu"), MODELS_FOLDER)
    before = {name: value.clone() for name, value in run.painter.state_dict().items()}
    batch = next(run.windows.batches(2, recipe.crops_per_style))
    torch.manual_seed(0)
    first = run.teacher.losses(run.painter, batch, [1, 2])["style"].mean().item()
    run.train(most_steps=60)
    assert run.teacher.losses(run.painter, batch, [1, 2])["style"].mean().item() < 0.95 * first
    changed = {name for name, value in run.painter.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"head.weight", "head.bias"}
    again = EncoderRun(recipe, ASSETS, tmp_path / "run", torch.device("cpu"), MODELS_FOLDER)
    assert again.facts["step"] == 60
    moments = run.teacher.styles.moments
    for found, wanted in zip(again.folded()(moments), run.folded()(moments), strict=True):
        assert torch.equal(found, wanted)
    shipped = load_file(MODELS_FOLDER / "encoder" / "weights.safetensors")
    assert run.folded().state_dict().keys() == shipped.keys()
