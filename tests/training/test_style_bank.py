# SPDX-License-Identifier: GPL-3.0-or-later
"""The bank of style pictures: what is held out stays out, and what was seen is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.storage.frames import Frame, write_frame  # noqa: E402
from core.training.critics.choice import open_loss_network  # noqa: E402
from core.training.data import style_picture  # noqa: E402
from core.training.looks import SCALES, reduced, tiles, window_side  # noqa: E402
from core.training.losses import style_loss, style_target  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.recipe import read_recipe  # noqa: E402
from core.training.style_bank import fill_bank, learnt_paintings  # noqa: E402
from core.training.style_encoder import MOMENTS  # noqa: E402

NONE = 1e-6
"""Less than this is no loss but rounding."""

RECIPE = Path(__file__).parents[2] / "core" / "training" / "recipes" / "house.toml"


def test_every_sixth_painting_is_held_out(tmp_path: Path) -> None:
    for number in range(13):
        (tmp_path / f"{number:02d}.jpg").touch()
    learnt, held_out = learnt_paintings(tmp_path), learnt_paintings(tmp_path, held_out=True)
    assert [path.stem for path in held_out] == ["00", "06", "12"]
    assert len(learnt) == 10 and not set(learnt) & set(held_out)


def test_named_styles_come_first_and_what_was_seen_is_kept(tmp_path: Path) -> None:
    for number in range(3):
        write_frame(tmp_path / "art" / f"{number}.png", Frame(dead_leaves(number, 160, 200)))
        (tmp_path / "art" / f"{number}.png").rename(tmp_path / "art" / f"{number}.jpg")
    recipe = read_recipe(RECIPE)
    style = replace(recipe.styles[0], file="art/0.jpg", short_side=120)
    recipe = replace(recipe, styles=(style,), any_styles="art", any_variants=2, loss_network="distilled")
    network, kept = open_loss_network("distilled", tmp_path), tmp_path / "kept.safetensors"
    bank = fill_bank(recipe, tmp_path, network, torch.device("cpu"), kept)
    assert bank.named == 1 and len(bank.targets) == 1 + 2 * 2 and bank.moments.shape == (4, MOMENTS)
    assert [sorted(scale) for scale in bank.targets[0]][1] == sorted(network.layers)
    assert len(bank.targets[0]) == len(SCALES) and torch.isfinite(bank.moments).all()
    written = kept.stat().st_mtime_ns
    again = fill_bank(recipe, tmp_path, network, torch.device("cpu"), kept)
    assert kept.stat().st_mtime_ns == written and torch.equal(again.moments, bank.moments)
    assert torch.equal(again.targets[3][2]["relu4_1"].gram, bank.targets[3][2]["relu4_1"].gram)
    fill_bank(replace(recipe, any_variants=1), tmp_path, network, torch.device("cpu"), kept)
    assert kept.stat().st_mtime_ns != written, "other pictures are looked at anew"


@pytest.mark.parametrize("place", range(len(SCALES)))
def test_a_style_picture_seen_as_a_painting_is_has_no_style_loss(tmp_path: Path, place: int) -> None:
    write_frame(tmp_path / "art.png", Frame(dead_leaves(3, 300, 380)))
    recipe = read_recipe(RECIPE)
    style = replace(recipe.styles[0], file="art.png", short_side=240)
    recipe = replace(recipe, styles=(style,), any_styles="", loss_network="distilled", crop=192)
    network = open_loss_network("distilled", tmp_path)
    bank = fill_bank(recipe, tmp_path, network, torch.device("cpu"))
    picture = reduced(style_picture(style, tmp_path), SCALES[place])
    windows = tiles(picture, window_side(recipe.crop, SCALES[place]))
    with torch.no_grad():
        seen, whole = network(windows), network(picture)
    for layer, values in seen.items():
        wanted = bank.targets[0][place][layer]
        assert float(style_loss(values, [wanted], len(windows))) < NONE
    deepest = network.layers[-1]
    off = float(style_loss(seen[deepest], [style_target(whole[deepest])], len(windows)))
    assert off > 1000 * NONE, "the whole picture, with less of a border, is another target"
