# SPDX-License-Identifier: GPL-3.0-or-later
"""The critic: cheap, in the same few dimensions as what it learnt, and taught by VGG-19."""

import itertools
import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.styles.weights import MODELS_FOLDER  # noqa: E402
from core.training import distil_critic  # noqa: E402
from core.training.critics.distilled import WIDTHS, WORK_OF_VGG19, Critic, distilled  # noqa: E402
from core.training.distil_critic import (  # noqa: E402
    Distillation,
    distillation_losses,
    lacking_losses,
    write_critic,
)
from core.training.losses import feature_moments, style_target  # noqa: E402

ASSETS = Path(__file__).parents[3] / "shared" / "assets"
needs_assets = pytest.mark.skipif(not (ASSETS / "photos").is_dir(), reason=f"no training pictures at {ASSETS}")


def pictures(seed: int) -> "torch.Tensor":
    return torch.rand(2, 3, 64, 48, generator=torch.Generator().manual_seed(seed))


def vgg_like(features: "dict[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """More channels, each a fixed mix of the given ones."""
    random = torch.Generator().manual_seed(7)
    mixes = {layer: torch.randn(3 * v.shape[1], v.shape[1], generator=random) for layer, v in features.items()}
    return {layer: torch.einsum("vc,bchw->bvhw", mix, features[layer]) + 1.0 for layer, mix in mixes.items()}


def test_it_makes_an_eighth_of_the_work_of_vgg19() -> None:
    assert WORK_OF_VGG19 / Critic().work_for_a_pixel() >= 8.0


def test_its_layers_shrink_as_those_of_vgg19() -> None:
    shapes = [tuple(values.shape) for values in Critic()(pictures(1)).values()]
    assert shapes == [(2, width + 1, 64 >> place, 48 >> place) for place, width in enumerate(WIDTHS)]


def test_it_stops_at_the_last_layer_wanted() -> None:
    assert list(Critic()(pictures(1), "relu2_1")) == ["relu1_1", "relu2_1"]


def test_narrowing_keeps_distances_of_features_and_of_gram_matrices() -> None:
    torch.manual_seed(20)
    critic = Critic()
    critic.widen(pictures(3), vgg_like(critic(pictures(3))))
    wide = [critic(pictures(seed)) for seed in (1, 2)]
    critic.narrow()
    narrow = [critic(pictures(seed)) for seed in (1, 2)]
    for layer in wide[0]:
        apart, apart_now = ((one[layer] - other[layer]).norm() for one, other in (wide, narrow))
        torch.testing.assert_close(apart_now, apart, rtol=1e-3, atol=0.0)
        apart, apart_now = (
            (feature_moments(one[layer])[0] - feature_moments(other[layer])[0]).norm() for one, other in (wide, narrow)
        )
        torch.testing.assert_close(apart_now, apart, rtol=1e-3, atol=0.0)


def test_distillation_is_content_with_the_teacher_himself() -> None:
    features = Critic()(pictures(1))
    assert max(value.item() for value in distillation_losses(features, features).values()) == pytest.approx(0.0)
    others = Critic()(pictures(2))
    assert min(value.item() for value in distillation_losses(others, features).values()) > 0.01


def test_a_critic_that_finds_nothing_lacking_is_wrong_by_all_there_is() -> None:
    paintings, style = Critic()(pictures(1)), Critic()(pictures(2))
    taught = {layer: style_target(values) for layer, values in style.items()}
    right = lacking_losses(paintings, paintings, taught, taught)
    assert max(value.item() for value in right.values()) == pytest.approx(0.0)
    as_painted = {layer: style_target(values) for layer, values in paintings.items()}
    blind = lacking_losses(paintings, paintings, as_painted, taught)
    assert set(blind) == {f"lacking.{layer}" for layer in taught}
    # Of Gram matrices and of means; a little less than all of each, since the style picture's size counts too.
    assert all(0.2 < value.item() < 2.0 for value in blind.values())


@needs_assets
def test_it_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few small pictures by heart, the deep layers first: those of all pictures take minutes."""
    monkeypatch.setattr(distil_critic, "CROP", 64)
    monkeypatch.setattr(distil_critic, "LOG_EVERY", 20)
    run = Distillation(ASSETS, minutes=20.0, seed=1)
    run.batches = itertools.repeat(next(run.batches))
    run.learn(tmp_path / "log.jsonl", most_steps=60)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[-1]["feature.relu4_1"] < 0.95 * lines[0]["feature.relu4_1"]
    assert lines[-1]["gram.relu4_1"] < 0.9 * lines[0]["gram.relu4_1"]
    assert lines[-1]["lacking.relu4_1"] < 0.9 * lines[0]["lacking.relu4_1"]
    write_critic(run.critic, tmp_path)
    again = distilled(tmp_path / "weights.safetensors", torch.float32)
    seen, wanted = again(pictures(3)), run.critic(pictures(3))
    for layer in wanted:
        assert (seen[layer] - wanted[layer]).norm() < 0.01 * wanted[layer].norm()


@needs_assets
def test_an_earlier_critic_learns_on_from_what_it_knew() -> None:
    earlier = Distillation(ASSETS, minutes=20.0, seed=1, earlier=MODELS_FOLDER / "critic" / "weights.safetensors")
    from_nothing = Distillation(ASSETS, minutes=20.0, seed=1)
    crops = torch.cat(next(earlier.batches))
    with torch.no_grad():
        taught = earlier.teacher(crops)
        knew, new = (distillation_losses(run.critic(crops), taught) for run in (earlier, from_nothing))
    for layer in ("relu2_1", "relu3_1", "relu4_1"):
        assert knew[f"feature.{layer}"] < 0.9 * new[f"feature.{layer}"]
