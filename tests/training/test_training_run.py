# SPDX-License-Identifier: GPL-3.0-or-later
"""A run: it reads its recipe, learns, and goes on where it was stopped."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from safetensors.torch import load_file  # noqa: E402

from core.errors import SettingsError  # noqa: E402
from core.training.checkpoint import (  # noqa: E402
    HousePainter,
    adopt_shipped,
    load_checkpoint,
    restore_optimiser,
    save_checkpoint,
)
from core.training.data import ContentWindows  # noqa: E402
from core.training.recipe import read_recipe  # noqa: E402
from core.training.train import Run, style_at  # noqa: E402

RECIPE = Path(__file__).parents[2] / "core" / "training" / "recipes" / "house.toml"
ASSETS = Path(__file__).parents[3] / "shared" / "assets"
needs_assets = pytest.mark.skipif(not (ASSETS / "photos").is_dir(), reason=f"no training pictures at {ASSETS}")


def test_the_recipe_names_each_style_once() -> None:
    recipe = read_recipe(RECIPE)
    assert len({style.id for style in recipe.styles}) == len(recipe.styles) >= 4


def test_a_recipe_with_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text("speed = 3\n" + RECIPE.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ValueError, match="speed"):
        read_recipe(path)


def test_a_checkpoint_gives_everything_back(tmp_path: Path) -> None:
    painter = HousePainter(2)
    optimiser = torch.optim.Adam(painter.parameters(), 1e-3)
    (painter.gamma.square().sum() + painter.network.colour.weight.sum()).backward()
    optimiser.step()
    save_checkpoint(tmp_path, painter, painter.state_dict(), optimiser, {"step": 1})
    saved = load_checkpoint(tmp_path)
    assert all(torch.equal(saved["painter"][name], value) for name, value in painter.state_dict().items())
    again = torch.optim.Adam(painter.parameters(), 1e-3)
    restore_optimiser(again, saved["adam"])
    wanted, got = optimiser.state_dict()["state"], again.state_dict()["state"]
    assert wanted.keys() == got.keys()
    assert all(torch.equal(wanted[index]["exp_avg"], got[index]["exp_avg"]) for index in wanted)


def test_a_run_may_start_from_the_shipped_models() -> None:
    models = Path(__file__).parents[2] / "models"
    painter = HousePainter(2)
    adopt_shipped(painter, models, ["the-scream", "not-there"])
    weights = load_file(models / "house" / "weights.safetensors")
    assert torch.equal(painter.network.colour.weight, weights["colour.weight"].float())
    assert torch.equal(painter.gamma[0], load_file(models / "styles" / "the-scream.safetensors")["gamma"])
    shipped = [load_file(path)["beta"] for path in sorted((models / "styles").glob("*.safetensors"))]
    torch.testing.assert_close(painter.beta[1].detach(), torch.stack(shipped).mean(0))


def test_every_third_style_is_any_picture_and_all_are_learnt_alike() -> None:
    turns = [style_at(turn, named=4, others=10, seed=3) for turn in range(60)]
    others = turns[2::3]
    assert all(style >= 4 for style in others) and sorted(set(others)) == list(range(4, 14))
    named = [style for style in turns if style < 4]
    assert len(named) == 40 and {named.count(style) for style in range(4)} == {10}
    assert all(style_at(turn, named=4, others=0, seed=3) < 4 for turn in range(60))


@needs_assets
def test_content_windows_of_one_seed_are_always_the_same() -> None:
    first, second = (ContentWindows(ASSETS / "photos" / "bsds500", 64, (80, 120), 5).batches(1, 2) for _ in range(2))
    assert torch.equal(next(first), next(second))


@needs_assets
def test_the_loss_falls_and_a_stopped_run_goes_on(tmp_path: Path) -> None:
    recipe = read_recipe(RECIPE)
    recipe = replace(
        recipe, styles=recipe.styles[:1], any_styles="", styles_per_step=1, crop=64, content_short_side=(80, 120)
    )
    recipe = replace(recipe, photographs="photos/bsds500", final_learning_rate=recipe.learning_rate)
    run = Run(recipe, ASSETS, tmp_path, torch.device("cpu"))
    batch = next(run.windows.batches(1, recipe.crops_per_style))
    torch.manual_seed(0)
    before = run.teacher.losses(run.painter, batch, [0])["style"].item()
    run.train(most_steps=40)
    assert run.teacher.losses(run.painter, batch, [0])["style"].item() < 0.8 * before
    resumed = Run(recipe, ASSETS, tmp_path, torch.device("cpu"))
    assert resumed.facts["step"] == run.facts["step"] == 40
    assert torch.equal(resumed.painter.gamma, run.painter.gamma)
    assert list(tmp_path.glob("sheet-*.png"))


@needs_assets
def test_another_loss_network_teaches_with_its_own_layers(tmp_path: Path) -> None:
    recipe = read_recipe(RECIPE)
    recipe = replace(
        recipe, styles=recipe.styles[:1], any_styles="", styles_per_step=1, crop=96, content_short_side=(100, 120)
    )
    recipe = replace(recipe, photographs="photos/bsds500", loss_network="squeezenet")
    recipe = replace(recipe, final_learning_rate=recipe.learning_rate)
    with pytest.raises(SettingsError, match=r"relu3_1.*conv1, fire2, fire5, fire9"):
        Run(recipe, ASSETS, tmp_path / "first", torch.device("cpu"))
    run = Run(replace(recipe, content_layers=("fire2", "fire5")), ASSETS, tmp_path / "second", torch.device("cpu"))
    batch = next(run.windows.batches(1, recipe.crops_per_style))
    before = run.teacher.losses(run.painter, batch, [0])["style"].item()
    run.train(most_steps=80)
    assert run.teacher.losses(run.painter, batch, [0])["style"].item() < 0.95 * before
