# SPDX-License-Identifier: GPL-3.0-or-later
"""Loss networks behind one interface: what each offers, what it is fed, and which weights it refuses."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from made_weights import made_up_squeezenet, made_up_vgg

torch = pytest.importorskip("torch", reason="training needs torch")

from core.errors import EngineError, ModelError, SettingsError  # noqa: E402
from core.training.critics import from_torchvision  # noqa: E402
from core.training.critics.choice import LOSS_NETWORKS, open_loss_network  # noqa: E402
from core.training.critics.cost import cost_of  # noqa: E402
from core.training.critics.tapped import Feeding, TappedNetwork  # noqa: E402

ASSETS = Path(__file__).parents[3] / "shared" / "assets"
needs_assets = pytest.mark.skipif(not (ASSETS / "weights").is_dir(), reason=f"no loss networks at {ASSETS}")
needs_torchvision = pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed"
)


def test_a_chain_is_fed_as_it_wants_and_stops_at_the_last_layer_asked_for() -> None:
    feeding = Feeding(255.0, (1.0, 2.0, 3.0), (2.0, 2.0, 2.0), is_bgr=True)
    chain = TappedNetwork(
        [("a", torch.nn.Identity()), ("", torch.nn.ReLU()), ("b", torch.nn.Flatten())], feeding, torch.float32
    )
    red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    features = chain(red)
    assert features["a"].flatten().tolist() == [-0.5, -1.0, 126.0]
    assert features["b"].flatten().tolist() == [0.0, 0.0, 126.0]
    assert list(chain(red, "a")) == ["a"] and chain.layers == ("a", "b")
    with pytest.raises(ValueError, match=r"relu9_9.*a, b"):
        chain(red, "relu9_9")


@pytest.mark.parametrize("chosen", ["vgg19:own.pth", "own.pth"])
def test_vgg19_from_a_file_gives_its_four_layers_each_at_half_the_size(tmp_path: Path, chosen: str) -> None:
    made_up_vgg(tmp_path / "own.pth")
    network = open_loss_network(chosen, tmp_path, torch.float32)
    features = network(torch.rand(2, 3, 32, 48))
    assert network.layers == tuple(features) == ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
    assert [tuple(values.shape) for values in features.values()] == [
        (2, 64, 32, 48), (2, 128, 16, 24), (2, 256, 8, 12), (2, 512, 4, 6)
    ]  # fmt: skip
    assert all(values.min() >= 0 and values.max() > 0 for values in features.values())


def test_a_loss_network_teaches_the_picture_and_not_itself(tmp_path: Path) -> None:
    network = open_loss_network(f"vgg19:{made_up_vgg(tmp_path / 'own.pth')}", tmp_path)
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    network(picture)["relu4_1"].float().sum().backward()
    assert picture.grad is not None and picture.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in network.parameters())  # type: ignore[attr-defined]


def test_squeezenet_from_a_file_gives_the_first_layer_at_each_resolution(tmp_path: Path) -> None:
    network = open_loss_network(f"squeezenet:{made_up_squeezenet(tmp_path / 'own.npz')}", tmp_path, torch.float32)
    features = network(torch.rand(1, 3, 64, 96))
    assert {name: values.shape[1] for name, values in features.items()} == {
        "conv1": 96, "fire2": 128, "fire5": 256, "fire9": 512
    }  # fmt: skip
    assert network.layers == tuple(features)
    # conv1 is all ones, so every number of fire2 is known: 96 ones are squeezed, 16 of them expanded by 1 and by 9.
    inside = features["fire2"][0, :, 2:-2, 2:-2]
    torch.testing.assert_close(inside[:64], torch.full_like(inside[:64], 96 * 0.01 * 16 * 0.01))
    torch.testing.assert_close(inside[64:], torch.full_like(inside[64:], 96 * 0.01 * 16 * 0.01 * 9))


@needs_torchvision
@pytest.mark.parametrize("which", ["vgg16", "vgg19", "inception_v3"])
def test_torchvisions_networks_give_what_torchvision_itself_computes(tmp_path: Path, which: str) -> None:
    torch.manual_seed(1)
    whole = from_torchvision._torchvision().models.get_model(which, weights=None, init_weights=False).eval()
    kept = {name: value for name, value in whole.state_dict().items() if not name.startswith(("classifier", "fc"))}
    torch.save(kept, tmp_path / "own.pth")
    network = open_loss_network(f"torchvision-{which}:own.pth", tmp_path, torch.float32)
    picture = torch.rand(1, 3, 80, 96)
    features = network(picture)
    assert network.layers == tuple(features) and len(features) == 4
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    fed = (picture - mean.view(1, 3, 1, 1)) / deviation.view(1, 3, 1, 1)
    with torch.no_grad():
        if which == "inception_v3":
            whole.transform_input = True  # as it is with torchvision's own weights
            values = whole._transform_input(fed)
            for name, layer in whole.named_children():
                values = layer(values)
                if name == network.layers[-1]:
                    break
        else:
            values = whole.features[: 19 if which == "vgg16" else 21](fed)
    torch.testing.assert_close(features[network.layers[-1]], values, rtol=1e-4, atol=1e-6)


def test_without_torchvision_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(EngineError, match=r"no torchvision.*vgg19 or squeezenet"):
        open_loss_network("torchvision-vgg16", tmp_path)


def test_an_unknown_name_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape(", ".join(LOSS_NETWORKS))):
        open_loss_network("resnet", tmp_path)


def test_weights_that_are_missing_damaged_or_anothers_are_refused(tmp_path: Path) -> None:
    bias = "features.5.bias"
    made_up_vgg(tmp_path / "wrong_shape.pth", **{bias: torch.zeros(3)})
    made_up_vgg(tmp_path / "torchvisions.pth", **{"features.21.weight": torch.zeros(3)})
    whole = made_up_vgg(tmp_path / "whole.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "notes.txt").write_text("no weights")
    torch.save({"weights": [1, 2]}, tmp_path / "lists.pth")
    made_up_squeezenet(tmp_path / "squeezenet.npz")
    for file, said in {
        "nothing.pth": "no weights at",
        "wrong_shape.pth": r"features\.5\.bias is \(3,\), \(128,\) was expected",
        "torchvisions.pth": r"torchvision-vgg19:torchvisions\.pth",
        "cut.pth": "cannot be read as weights",
        "notes.txt": "does not end in",
        "lists.pth": "more than tensors",
        "squeezenet.npz": r"conv1\.bias",
    }.items():
        with pytest.raises(ModelError, match=said):
            open_loss_network(f"vgg19:{file}", tmp_path)


def test_a_file_that_would_run_something_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    class Malice:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"features.0.weight": Malice()}, tmp_path / "bad.pth")
    np.savez(tmp_path / "bad.npz", **{"conv1.weight": np.array([Malice()], object)})
    for chosen in ("vgg19:bad.pth", "squeezenet:bad.npz"):
        with pytest.raises(ModelError, match="cannot be read as weights"):
            open_loss_network(chosen, tmp_path)
    assert not (tmp_path / "ran").exists()


def test_the_cost_of_a_convolution_is_its_products() -> None:
    layer = torch.nn.Conv2d(3, 8, 3, 1, 1)
    network = TappedNetwork([("only", layer)], Feeding(1.0, (0.0, 0.0, 0.0)), torch.float32)
    cost = cost_of(network)
    assert cost.multiply_adds == 256 * 256 * 3 * 8 * 9 and cost.seconds > 0


@needs_assets
def test_squeezenet_of_the_assets_is_sixteen_times_cheaper_than_vgg19() -> None:
    vgg, squeeze = (cost_of(open_loss_network(name, ASSETS)) for name in ("vgg19", "squeezenet"))
    assert 14 < vgg.multiply_adds / squeeze.multiply_adds < 18
    assert squeeze.seconds < vgg.seconds
