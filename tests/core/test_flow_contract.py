# SPDX-License-Identifier: GPL-3.0-or-later
"""What every flow estimator promises, held against each of them alike.

RAFT's weights are made up: torchvision's own cannot be had on every machine. So what is shown of it is that shapes,
order, direction and odd pictures are right, and that it gives what torchvision's network gives; not that it finds
motion.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_clips import panning, texture

from core.errors import ModelError, SettingsError
from core.flow.choice import make_estimator
from core.flow.grid import grid_size
from core.flow.motion import FlowEstimator, Motion
from core.settings import FLOWS
from core.warp import resize_flow

# What the estimators reach on textured pictures without occlusion, with room for another machine.
END_POINT_ERROR = 0.15
needs_torchvision = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "torchvision", "safetensors")),
    reason="RAFT needs torch, torchvision and safetensors",
)
EVERY = [pytest.param(name, marks=[needs_torchvision] if name.startswith("raft") else []) for name in FLOWS]
DIS = [name for name in FLOWS if name.startswith("dis")]

Make = Callable[[str], FlowEstimator]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """An estimator by name, the same one each time; RAFT with made-up weights."""
    made: dict[str, FlowEstimator] = {}
    folder = tmp_path_factory.mktemp("weights")

    def make_one(name: str) -> FlowEstimator:
        if name not in made:
            weights = made_up_weights(name, folder / f"{name}.pth") if name.startswith("raft") else None
            made[name] = make_estimator(name, weights)
        return made[name]

    return make_one


def made_up_weights(name: str, path: Path, seed: int = 4) -> Path:
    """A file of the shapes of RAFT's weights, with made-up numbers that give some motion."""
    import torch

    from core.training.torchvision_link import open_torchvision

    torch.manual_seed(seed)
    net = open_torchvision("").models.get_model(name.replace("-", "_"), weights=None)
    torch.save(net.state_dict(), path)
    return path


def fields_of(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    return motion.flow_cur_to_prev, motion.flow_prev_to_cur


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("size", [(64, 96), (33, 47), (150, 131), (32, 640)])
def test_shape_type_and_grid(make: Make, name: str, size: tuple[int, int]) -> None:
    prev, cur = panning(2, *size, (3, 1))
    for flow in fields_of(make(name).estimate(prev, cur)):
        assert flow.shape == (2, *grid_size(*size)) and flow.dtype == np.float32
        assert np.isfinite(flow).all() and flow.any()


@pytest.mark.parametrize("name", DIS)
@pytest.mark.parametrize("step", [(2, 1), (-3, 0), (0, 4), (5, -5)])
def test_a_known_translation_is_found_both_ways(make: Make, name: str, step: tuple[int, int]) -> None:
    prev, cur = panning(2, 128, 192, step)
    motion = make(name).estimate(prev, cur)
    # The camera moves by step, so what is at p in cur was at p + step in prev.
    expected = np.array(step, np.float32)[:, None, None]
    inner = (slice(12, -12), slice(12, -12))
    for flow, sign in zip(fields_of(motion), (1, -1), strict=True):
        error = np.sqrt(np.square(resize_flow(flow, 128, 192) - sign * expected).sum(axis=0))[inner]
        assert error.mean() < END_POINT_ERROR
    assert not motion.occlusion_mask()[6:-6, 6:-6].any()


@pytest.mark.parametrize("name", EVERY)
def test_a_held_frame_does_not_move_at_all(make: Make, name: str) -> None:
    picture = texture(96, 128)
    motion = make(name).estimate(picture, picture.copy())
    assert not any(flow.any() for flow in fields_of(motion))
    assert not motion.occlusion_mask().any()


@pytest.mark.parametrize("name", EVERY)
def test_motion_backward_in_time_is_motion_of_the_frames_exchanged(make: Make, name: str) -> None:
    prev, cur = panning(2, 64, 96)
    there, back = make(name).estimate(prev, cur).backward(), make(name).estimate(cur, prev)
    for one, other in zip(fields_of(there), fields_of(back), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert not np.allclose(there.flow_cur_to_prev, there.flow_prev_to_cur, atol=1e-2)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_asked_twice_is_answered_alike_from_any_thread(make: Make, name: str) -> None:
    prev, cur = panning(2, 64, 96)
    expected, answers = make(name).estimate(prev, cur).to_bytes(), []
    threads = [
        threading.Thread(target=lambda: answers.append(make(name).estimate(prev, cur).to_bytes())) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 3


@pytest.mark.parametrize("name", EVERY)
def test_black_white_and_noise_give_numbers(make: Make, name: str) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(2)]
    black, white = np.zeros((48, 64, 3), np.uint8), np.full((48, 64, 3), 255, np.uint8)
    for prev, cur in (noise, (black, white), (black, noise[0]), (noise[0], black)):
        motion = make(name).estimate(prev, cur)
        assert all(np.isfinite(flow).all() for flow in fields_of(motion))
        assert motion.occlusion_mask().shape == grid_size(48, 64)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (2, 2), (7, 9), (31, 31), (32, 32), (700, 33)])
def test_no_size_is_too_odd(make: Make, name: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    prev, cur = (rng.integers(0, 256, (*size, 3), np.uint8) for _ in range(2))
    motion = make(name).estimate(prev, cur)
    for flow in fields_of(motion):
        assert flow.shape == (2, *grid_size(*size)) and np.isfinite(flow).all()
    assert motion.occlusion_mask().shape == grid_size(*size)


@pytest.mark.parametrize("name", EVERY)
def test_each_has_a_key_of_its_own(make: Make, name: str) -> None:
    others = [other.values[0] for other in EVERY if other.values[0] != name and not other.marks]
    assert make(name).key not in [make(str(other)).key for other in others]


def test_the_default_keeps_the_key_under_which_caches_hold_its_motion() -> None:
    assert make_estimator(FLOWS[0]).key == "dis-medium-960-5"


def test_names_and_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'farneback'; one of dis, dis-fast"):
        make_estimator("farneback")
    with pytest.raises(SettingsError, match="dis-fine takes no weights"):
        make_estimator("dis-fine", tmp_path / "some.pth")


@needs_torchvision
def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    small = made_up_weights("raft-small", tmp_path / "small.pth")
    with pytest.raises(ModelError, match=r"small\.pth does not fit: .* was expected"):
        make_estimator("raft-large", small)
    with pytest.raises(ModelError, match=r"There are no weights at .*gone\.pth"):
        make_estimator("raft-small", tmp_path / "gone.pth")
    (tmp_path / "torn.pth").write_bytes(small.read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"torn\.pth cannot be read as weights"):
        make_estimator("raft-small", tmp_path / "torn.pth")


@needs_torchvision
def test_rafts_key_hangs_on_its_weights_and_not_on_their_file(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    first, second = (made_up_weights("raft-small", tmp_path / f"{seed}.pth", seed) for seed in (1, 2))
    save_file(torch.load(first, weights_only=True), tmp_path / "first.safetensors")
    keys = [make_estimator("raft-small", path).key for path in (first, second, tmp_path / "first.safetensors")]
    assert keys[0] == keys[2] != keys[1]


@needs_torchvision
def test_raft_gives_what_torchvision_itself_computes(make: Make, tmp_path: Path) -> None:
    """Direction, range of the pixels and border: of a size that needs no border, in torchvision's own words."""
    import torch

    from core.training.torchvision_link import open_torchvision

    net = open_torchvision("").models.optical_flow.raft_small().eval()
    net.load_state_dict(torch.load(made_up_weights("raft-small", tmp_path / "own.pth"), weights_only=True))
    prev, cur = panning(2, 136, 160, (4, 2))
    fed = [torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255 * 2 - 1 for picture in (cur, prev)]
    with torch.no_grad():
        expected = net(*fed, num_flow_updates=12)[-1][0].numpy()
    found = make_estimator("raft-small", tmp_path / "own.pth").estimate(prev, cur).flow_cur_to_prev
    np.testing.assert_allclose(found, resize_flow(expected, *grid_size(136, 160)), atol=1e-3)
