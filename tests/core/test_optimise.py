# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting by optimisation, piece by piece: targets, numbers, losses, carried paint and the order of frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_clips import moving_square, panning, texture

torch = pytest.importorskip("torch", reason="optimising needs torch")
pytest.importorskip("safetensors", reason="the critic's weights are in that format")

from core.errors import ModelError, SettingsError, StyleError  # noqa: E402
from core.flow.dis import DisFlow  # noqa: E402
from core.optimise.brush import MasterBrush, MasterPlan, master_size  # noqa: E402
from core.optimise.carried import PaintedFrame, begun_with, carried_from  # noqa: E402
from core.optimise.chain import needed, steps_of  # noqa: E402
from core.optimise.descent import descend, steps_cost  # noqa: E402
from core.optimise.materials import CRITIC, TARGETS, style_targets  # noqa: E402
from core.optimise.objective import CarriedPaint, LossWeights, Objective  # noqa: E402
from core.optimise.spectrum import Spectrum  # noqa: E402
from core.optimise.targets import key_of_targets, read_targets, targets_of, write_targets  # noqa: E402
from core.settings import StylizeSettings  # noqa: E402
from core.shots.cuts import Shot  # noqa: E402
from core.styles.weights import ModelLibrary  # noqa: E402
from core.training.critics.choice import open_loss_network  # noqa: E402
from core.training.data import style_picture, to_tensor  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.style_meter import style_source  # noqa: E402

ASSETS = Path(__file__).parents[3] / "shared" / "assets"


@pytest.fixture(scope="module")
def critic() -> torch.nn.Module:
    return open_loss_network("distilled-pictures", Path(), torch.float32)


@pytest.fixture(scope="module")
def leaves(critic: torch.nn.Module) -> dict:
    return targets_of(to_tensor(dead_leaves(3, 128, 160)), critic)


def test_kept_targets_come_back_in_half_precision_and_only_for_their_critic(
    critic: torch.nn.Module, leaves: dict, library: ModelLibrary, tmp_path: Path
) -> None:
    weights = library.folder / CRITIC
    write_targets(tmp_path / "targets.safetensors", {"leaves": leaves, "other": leaves}, weights)
    found = read_targets(tmp_path / "targets.safetensors", "leaves", weights)
    assert {scale: set(one) for scale, one in found.items()} == {scale: set(one) for scale, one in leaves.items()}
    for scale, of_scale in leaves.items():
        for layer, target in of_scale.items():
            for part in ("gram", "mean", "deviation"):
                wanted, got = getattr(target, part), getattr(found[scale][layer], part)
                torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-4)
    assert key_of_targets(found) == key_of_targets(leaves)
    with pytest.raises(StyleError, match="'leave'"):
        read_targets(tmp_path / "targets.safetensors", "leave", weights)
    (tmp_path / "critic").write_bytes(b"another")
    with pytest.raises(ModelError, match="another critic"):
        read_targets(tmp_path / "targets.safetensors", "leaves", tmp_path / "critic")
    (tmp_path / "targets.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be read"):
        read_targets(tmp_path / "targets.safetensors", "leaves", weights)


def test_every_preset_has_its_targets_and_they_are_its_own(library: ModelLibrary, critic: torch.nn.Module) -> None:
    names = [record["id"] for record in library.style_records()]
    keys = {key_of_targets(style_targets(name, library, MasterPlan())) for name in names}
    assert len(keys) == len(names)
    assert library.shipped_file(TARGETS).stat().st_size < 4e6
    if (ASSETS / "styles").is_dir():
        picture = style_picture(style_source(names[1]), ASSETS)
        seen, kept = targets_of(picture, critic), style_targets(names[1], library, MasterPlan())
        torch.testing.assert_close(kept[4]["relu4_1"].gram, seen[4]["relu4_1"].gram, rtol=2e-2, atol=1e-3)


@pytest.mark.parametrize("size", [(32, 48), (33, 47)])
def test_numbers_stand_for_one_picture(size: tuple[int, int]) -> None:
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    spectrum = Spectrum(size, torch.device("cpu"))
    torch.testing.assert_close(spectrum.picture(spectrum.of(picture)), picture, rtol=1e-4, atol=1e-4)
    change = torch.randn(spectrum.of(picture).shape, generator=torch.Generator().manual_seed(2)) / 2**0.5
    moved = spectrum.picture(spectrum.of(picture) + change) - picture
    assert 0.5 < moved.std() < 2.0, "a step of the numbers is about as large a step of the pixels"
    coarse = torch.nn.functional.avg_pool2d(moved, 4)
    assert coarse.std() > 0.4 * moved.std(), "white noise would keep a quarter"


def test_the_loss_falls_and_all_levels_take_part(critic: torch.nn.Module, leaves: dict) -> None:
    frame = to_tensor(texture(64, 96))
    objective = Objective(critic, leaves, frame, LossWeights())
    assert objective.levels == (2, 1), "a quarter of it would be too small to look at"
    told: list[tuple[int, float]] = []
    painting = descend(
        frame, objective, {4: 5, 2: 8, 1: 6}, lambda level, losses: told.append((level, losses["total"]))
    )
    assert [level for level, _ in told] == [2] * 8 + [1] * 6
    before, after = (objective.at(1, picture)["total"].item() for picture in (frame, painting))
    assert after < 0.6 * before
    assert painting.shape == frame.shape and painting.min() >= 0 and painting.max() <= 1
    assert torch.equal(painting, descend(frame, objective, {4: 5, 2: 8, 1: 6}, lambda *_: None))


def test_carried_paint_holds_where_it_is_trusted_alone(critic: torch.nn.Module, leaves: dict) -> None:
    frame, wanted = to_tensor(texture(64, 96)), to_tensor(texture(64, 96, seed=4))
    trust = torch.zeros(1, 1, 64, 96)
    trust[..., :48] = 1
    objective = Objective(critic, leaves, frame, LossWeights(temporal=2000.0), [CarriedPaint(wanted, trust)])
    painting = descend(wanted, objective, {2: 5, 1: 5}, lambda *_: None)
    change = (painting - wanted).abs().mean((0, 1, 2))
    assert change[:40].mean() < 0.5 * change[56:].mean()


def test_paint_is_carried_along_the_motion_and_a_farther_frame_fills_what_a_nearer_one_cannot() -> None:
    frames, masks = moving_square(4, 96, 160, side=32, step=4)
    paintings = [255 - frame for frame in frames]  # moves as the frame does, and is none of its pictures
    others = [PaintedFrame(frames[i], paintings[i]) for i in (2, 1)]
    near, far = carried_from(others, frames[3], DisFlow())
    middle = masks[3] & (near.confidence > 0.9)
    assert middle.sum() > 200
    assert np.abs(near.paint - paintings[3] / 255)[middle].mean() < 0.04
    assert (near.confidence + far.confidence).max() <= 1.001, "a farther frame only adds what is missing"
    start = begun_with(np.zeros_like(frames[3]), [near, far])
    assert np.abs(start - paintings[3] / 255)[middle].mean() < 0.1


def test_a_frame_hangs_on_what_comes_before_it_and_in_more_passes_on_its_shot() -> None:
    own = {i: f"own{i}" for i in range(8)}

    def keys(shot: Shot, passes: int, is_carried: bool, changed: int = -1) -> dict[int, str]:
        known = {i: ("changed" if i == changed else key) for i, key in own.items()}
        return {step.frame_index: step.key for step in steps_of(shot, known, "brush", passes, is_carried)}

    whole = keys(Shot(0, 8), 1, True)
    assert len(set(whole.values())) == 8
    assert keys(Shot(0, 5), 1, True) == {i: whole[i] for i in range(5)}, "a trim at the end paints nothing anew"
    later = keys(Shot(0, 8), 1, True, changed=4)
    assert [whole[i] == later[i] for i in range(8)] == [True] * 4 + [False] * 4
    alone = keys(Shot(0, 8), 3, False)
    assert [alone[i] == keys(Shot(0, 8), 3, False, changed=4)[i] for i in range(8)] == [i != 4 for i in range(8)]
    twice = keys(Shot(0, 8), 2, True)
    assert not set(twice.values()) & set(keys(Shot(0, 8), 2, True, changed=7).values())


def test_only_the_steps_that_lead_to_a_missing_frame_are_done() -> None:
    own = {i: f"own{i}" for i in range(6)}
    one, two = (steps_of(Shot(0, 6), own, "brush", passes, True) for passes in (1, 2))
    assert [step.frame_index for step in needed(one, {2})] == [0, 1, 2]
    assert [(step.number, step.frame_index) for step in needed(two, {4})][6:] == [(2, 5), (2, 4)]
    assert [i for i, _ in two[6 + 2].neighbours] == [4, 5], "backward, what comes after is nearest"
    assert [i for i, _ in one[5].neighbours] == [4, 3, 1]
    assert list(needed(one, set())) == []
    alone = steps_of(Shot(0, 6), own, "brush", 1, False)
    assert [step.frame_index for step in needed(alone, {2, 4})] == [2, 4]


def test_sizes_are_those_of_the_house_network_in_whole_fours() -> None:
    assert master_size(360, 640, 1.0) == (360, 640)
    assert master_size(1080, 1920, 1.0) == (360, 640)
    assert master_size(1080, 1918, 2.0) == (180, 320)
    assert master_size(1, 1, 1.0) == (32, 32)
    assert steps_cost({4: 16, 2: 4, 1: 3}) == 5


def test_what_cannot_be_is_refused_with_a_sentence(library: ModelLibrary, leaves: dict) -> None:
    with pytest.raises(SettingsError, match="iterations is 0; a whole number from 1 to 1000"):
        MasterPlan(iterations=0)
    with pytest.raises(SettingsError, match="passes is 9"):
        MasterPlan(passes=9)
    with pytest.raises(SettingsError, match="quality is 'best'; one of draft, final, master"):
        StylizeSettings(quality="best")
    with pytest.raises(SettingsError, match="'great-wave' is not at hand") as caught:
        style_targets("great-wave", library, MasterPlan("vgg19"))
    assert "Name the picture itself" in caught.value.hint
    with pytest.raises(StyleError, match="Unknown style 'great-wav'"):
        style_targets("great-wav", library, MasterPlan())
    with pytest.raises(SettingsError, match="no loss network 'vgg20'"):
        MasterBrush(MasterPlan("vgg20"), leaves)
    with pytest.raises(ModelError, match="no weights at"):
        MasterBrush(MasterPlan("vgg19:/nowhere/vgg.pth"), leaves)


def test_a_panning_shot_keeps_what_it_paints() -> None:
    """Paint that moves with the picture is trusted nearly everywhere, so most of a frame is begun with it."""
    frames = panning(2, 96, 160, (4, 0))
    (near,) = carried_from([PaintedFrame(frames[0], frames[0])], frames[1], DisFlow())
    assert near.confidence.mean() > 0.8
    assert near.confidence[:, -3:].max() < 0.1, "what comes in at the border was never painted"
    own = np.full_like(frames[1], 200)
    start = begun_with(own, [near]) * 255
    assert np.abs(start - own)[:, -3:].max() < 0.1 * 255
    assert np.abs(start - frames[1])[:, 8:-8].mean() < 12
    half = begun_with(own, [near], share=0.5) * 255
    assert np.abs(half - (own + start) / 2).max() < 1.0
