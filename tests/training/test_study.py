# SPDX-License-Identifier: GPL-3.0-or-later
"""The study: its trainings are alike but for what is compared, its figures are right, and it goes on if stopped."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from made_weights import made_up_adain_decoder, made_up_squeezenet, made_up_vgg

torch = pytest.importorskip("torch", reason="the study needs torch")
pytest.importorskip("rich", reason="the study reads clips with rich's progress")

from core.commands.peers.adain import AdaIn  # noqa: E402
from core.commands.study import precision  # noqa: E402
from core.commands.study.command import write_study  # noqa: E402
from core.commands.study.courses import Course, Imitation, read_painter, recipe_of, take  # noqa: E402
from core.commands.study.distillation import DIRECT, DISTILLED, LARGE, distillation_rows  # noqa: E402
from core.commands.study.judge import Judge, Marks, artist_of  # noqa: E402
from core.commands.study.loss_networks import loss_network_rows  # noqa: E402
from core.commands.study.study import SPAN, Plan, Study, mean_of  # noqa: E402
from core.commands.study.tables import Row, table_of  # noqa: E402
from core.commands.study.temporal import WAYS, temporal_rows  # noqa: E402
from core.errors import MediaError, SettingsError  # noqa: E402
from core.storage.frames import Frame, write_frame  # noqa: E402
from core.styles.weights import MODELS_FOLDER  # noqa: E402
from core.training import trainer  # noqa: E402
from core.training.checkpoint import HousePainter, adopt_shipped  # noqa: E402
from core.training.critics.choice import is_at_hand  # noqa: E402
from core.training.data import ContentWindows  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.style_meter import style_source  # noqa: E402
from core.training.synthetic_motion import MovingPair  # noqa: E402

ASSETS = Path(__file__).parents[3] / "shared" / "assets"
needs_assets = pytest.mark.skipif(not (ASSETS / "photos").is_dir(), reason=f"no training pictures at {ASSETS}")
STYLE = "starry-night"


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made photographs, clips, style picture, and networks of others with made-up weights."""
    folder = tmp_path_factory.mktemp("assets")
    for name in ("weights", "peers/adain", "styles/named"):
        (folder / name).mkdir(parents=True)
    made_up_vgg(folder / "weights" / "vgg19_normalised_to_relu4_1.pth")
    made_up_squeezenet(folder / "weights" / "squeezenet_v1.0.npz")
    made_up_adain_decoder(folder / "peers" / "adain" / "decoder_fp16.npz")
    for number in range(4):
        write_frame(folder / "photos" / f"{number}.png", Frame(dead_leaves(number, 200, 220)))
    for number in range(12):  # a camera that moves a pixel a frame
        wide = dead_leaves(9, 64, 120)
        write_frame(folder / "clips" / "pan" / f"{number:02d}.png", Frame(wide[:, number : number + 64].copy()))
    style = folder / style_source(STYLE).file
    write_frame(style.with_suffix(".png"), Frame(dead_leaves(5, 120, 160)))
    style.with_suffix(".png").rename(style)
    return folder


@pytest.fixture(scope="module")
def plan(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """One step of everything, on the made assets."""
    networks = ("distilled", "torchvision-vgg16:not_there.pth")
    return Plan(assets, tmp_path_factory.mktemp("study"), (STYLE,), 1, networks, assets / "clips" / "pan", 64)


@pytest.fixture(scope="module")
def report(plan: Plan) -> str:
    """The whole study, once for all tests."""
    return write_study(plan).read_text("utf-8")


def test_the_report_has_every_table_and_names_what_is_not_at_hand(report: str) -> None:
    titles = ["Which loss network", "Noise loss against motion loss", "How few bits", "A large painter in a small one"]
    assert [line[3:] for line in report.splitlines() if line.startswith("## ")] == titles
    assert "| torchvision-vgg16:not_there.pth: weights not at hand | - |" in report
    for name in ("vgg19", "distilled", *WAYS, *precision.FORMATS, LARGE, DISTILLED, DIRECT):
        assert f"| {name} | " in report
    assert "nan" not in report


def test_a_stopped_study_goes_on_and_what_is_finished_is_not_made_again(
    plan: Plan, report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write_study(plan).read_text("utf-8") == report
    assert capsys.readouterr().err == ""
    (plan.folder / "rows" / "precision-float16.json").unlink()
    assert write_study(plan).read_text("utf-8") == report
    assert capsys.readouterr().err.split("\n") == ["study: precision float16", ""]


def test_the_tables_rows_are_those_that_were_measured(plan: Plan, report: str) -> None:
    study = Study(plan)
    teacher, critic, missing = loss_network_rows(study)
    assert teacher.more == 0.0 and math.isnan(missing.style_loss)
    assert critic.more == pytest.approx(100 * (critic.style_loss / teacher.style_loss - 1))
    assert 8 < teacher.products / critic.products < 9 and min(teacher.megabytes, critic.megabytes) > 100
    both = {row.name: row for row in temporal_rows(study)}["both"]
    assert both.style_loss == teacher.style_loss and both.seconds_a_step == teacher.seconds_a_step
    exact, half, by_channel, by_layer = precision.precision_rows(study)
    assert exact.largest == exact.mean == 0.0 and half.mean <= by_channel.mean <= by_layer.mean > 0
    assert 1.9 < exact.kilobytes / half.kilobytes < 2.1 and 1.7 < half.kilobytes / by_channel.kilobytes < 2.1
    large, distilled, direct = distillation_rows(study)
    assert large.difference == 0.0 < distilled.difference and direct.style_loss == teacher.style_loss
    assert large.parameters > 5 * direct.parameters and large.products > 4 * direct.products


def test_more_seeds_are_more_trainings_and_tell_how_far_they_differ(plan: Plan, report: str) -> None:
    studies = [Study(dataclasses.replace(plan, seeds=seeds)) for seeds in (1, 2)]
    (one, critic_of_one), (two, critic_of_two) = (loss_network_rows(study)[:2] for study in studies)
    assert math.isnan(critic_of_one.more_deviation) and two.more == two.more_deviation == 0.0
    assert critic_of_two.more_deviation > 0 and critic_of_two.style_loss != critic_of_one.style_loss
    both = {row.name: row for row in temporal_rows(studies[1])}["both"]
    assert both.style_loss_deviation == pytest.approx(2**0.5 * abs(both.style_loss - one.style_loss))
    assert "±" in report and "with one seed" in report
    with pytest.raises(SettingsError, match="0 seeds"):
        dataclasses.replace(plan, seeds=0)


def test_courses_of_one_seed_see_the_same_motions_whatever_counts(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    made = trainer.moving_pair

    def noted(*arguments: torch.Tensor) -> MovingPair:
        pair = made(*arguments)
        seen.append(torch.cat([pair.previous.flatten(), pair.flow_cur_to_prev.flatten()]))
        return pair

    monkeypatch.setattr(trainer, "moving_pair", noted)
    for noise, seed in ((True, 0), (False, 0), (True, 1)):
        take(Course(STYLE, 2, "distilled", noise=noise, seed=seed), assets, tmp_path / "painter.safetensors")
    with_noise, without, of_other_seed = seen[:2], seen[2:4], seen[4:]
    assert all(torch.equal(*pair) for pair in zip(with_noise, without, strict=True))
    assert not any(torch.equal(*pair) for pair in zip(with_noise, of_other_seed, strict=True))
    assert not torch.equal(*with_noise)


def test_courses_differ_in_what_is_compared_alone(assets: Path) -> None:
    both, noise = (recipe_of(Course(STYLE, 1, "distilled", motion=motion), assets) for motion in (True, False))
    assert noise.loss_weights.motion == 0 < both.loss_weights.motion
    assert dataclasses.replace(noise, loss_weights=both.loss_weights) == both
    squeeze = recipe_of(Course(STYLE, 1, "squeezenet"), assets)
    assert squeeze.content_layers == ("fire2", "fire5", "fire9")
    assert dataclasses.replace(squeeze, loss_network="distilled", content_layers=both.content_layers) == both


def test_a_course_without_steps_is_the_shipped_network_and_a_step_changes_it(assets: Path, tmp_path: Path) -> None:
    shipped = HousePainter(1)
    adopt_shipped(shipped, MODELS_FOLDER, [""])
    for steps in (0, 1):
        take(Course(STYLE, steps, "distilled"), assets, tmp_path / "painter.safetensors")
        taken = read_painter(tmp_path / "painter.safetensors")
        equal = [torch.equal(value, shipped.state_dict()[name]) for name, value in taken.state_dict().items()]
        assert all(equal) == (steps == 0)


def test_the_small_painter_comes_nearer_to_the_large_one(assets: Path) -> None:
    recipe = recipe_of(Course(STYLE, 1, "distilled"), assets)
    teacher = Imitation(recipe, assets)
    photographs = ContentWindows(assets / "photos", 64, (80, 100), 1).batch_at(0, 1, recipe.crops_per_style)
    torch.manual_seed(0)
    painter = HousePainter(1)
    optimiser = torch.optim.Adam(painter.parameters(), 3e-3)
    totals = []
    for _ in range(12):
        losses = teacher.losses(painter, photographs, [0])
        assert float(losses["total"].detach()) == pytest.approx(float((losses["pixel"] + losses["feature"]).detach()))
        totals.append(float(losses["total"].detach()))
        optimiser.zero_grad()
        losses["total"].backward()
        optimiser.step()
    assert totals[-1] < 0.8 * totals[0]


def test_the_judge_knows_a_painter_that_does_nothing(assets: Path) -> None:
    judge = Judge(assets, assets / "clips" / "pan", SPAN, 64)
    marks = judge.marks(lambda shot: lambda rgb: rgb, STYLE)
    assert marks.noise_gain == 1.0 and marks.content_loss == 0.0 < marks.style_loss
    assert 0 < marks.warp_error < 0.001 and math.isfinite(marks.warp_error_far)
    white = judge.marks(lambda shot: lambda rgb: np.full_like(rgb, 255), STYLE)
    assert white.noise_gain == white.warp_error == 0.0 < white.content_loss


def test_whole_numbers_by_channel_are_within_half_a_step(assets: Path) -> None:
    kernel = torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(1)) * torch.arange(1.0, 7).view(6, 1, 1, 1)
    stored = precision.in_int8_by_channel(kernel)
    assert stored.values.dtype == torch.int8 and stored.scale is not None and stored.scale.shape == (6, 1, 1, 1)
    assert ((stored.restored() - kernel).abs() <= 0.5001 * stored.scale).all()
    one = precision.in_int8_by_layer(kernel)
    assert one.scale is not None and one.scale.numel() == 1
    assert torch.square(one.restored() - kernel).mean() > torch.square(stored.restored() - kernel).mean()
    assert precision.in_int8_by_channel(torch.ones(3)).values.dtype == torch.float16
    assert precision.in_int8_by_channel(torch.zeros(2, 1, 3, 3)).restored().abs().max() == 0


def test_a_loss_network_is_at_hand_where_its_file_is(assets: Path, tmp_path: Path) -> None:
    assert is_at_hand("distilled", tmp_path) and is_at_hand("vgg19", assets) and not is_at_hand("vgg19", tmp_path)
    own = "weights/vgg19_normalised_to_relu4_1.pth"
    assert is_at_hand(f"vgg19:{own}", assets) and is_at_hand(own, assets)
    assert not is_at_hand("torchvision-vgg16:own.pth", assets)


def test_a_plan_with_a_mistake_is_refused_before_anything_is_learnt(assets: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="0 steps"):
        Plan(assets, tmp_path, steps=0)
    with pytest.raises(MediaError, match="no clips at"):
        Plan(tmp_path, tmp_path)


def test_means_and_tables_go_field_by_field() -> None:
    assert mean_of([Marks(1, 2, 3, 4, 5), Marks(3, 2, 1, 0, 5)]) == Marks(2, 2, 2, 2, 5)

    @dataclasses.dataclass(frozen=True)
    class Loss(Row):
        style_loss: float

    table = table_of([Loss("a", 0.25), Loss("b", math.nan)], {"style_loss": ("style loss", ".1f")})
    assert table.headings == ("", "style loss") and table.rows == (("a", "0.2"), ("b", "-"))


@needs_assets
def test_the_real_large_painter_teaches_its_colours() -> None:
    """AdaIN's painting of a photograph, and the shipped network's: both are paintings of the same thing."""
    large = AdaIn(ASSETS, torch.rand(1, 3, 64, 64))
    recipe = recipe_of(Course(STYLE, 1, "distilled"), ASSETS)
    teacher = Imitation(recipe, ASSETS)
    windows = ContentWindows(ASSETS / "photos" / "bsds500", 96, (120, 140), 1)
    photographs = windows.batch_at(0, 1, recipe.crops_per_style)
    assert large.paint(photographs).shape == photographs.shape
    painter = HousePainter(1)
    adopt_shipped(painter, MODELS_FOLDER, [STYLE])
    with torch.no_grad():
        trained = teacher.losses(painter, photographs, [0])["pixel"]
        plain = teacher.losses(HousePainter(1), photographs, [0])["pixel"]
    assert trained < plain
    assert artist_of(painter)(np.zeros((64, 64, 3), np.uint8))(np.zeros((64, 64, 3), np.uint8)).shape == (64, 64, 3)
