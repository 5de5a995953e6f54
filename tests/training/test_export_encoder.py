# SPDX-License-Identifier: GPL-3.0-or-later
"""The style encoder as it is shipped: PyTorch, OpenCV and ONNX Runtime agree, and the index binds it to its network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("onnx", reason="the export needs onnx")
onnxruntime = pytest.importorskip("onnxruntime", reason="compared with ONNX Runtime")

from safetensors.torch import load_file  # noqa: E402

from build_addon import check_models  # noqa: E402
from core.errors import ModelError  # noqa: E402
from core.paint.encode_style import encoded, fitted, style_of_picture  # noqa: E402
from core.storage.frames import Frame, write_frame  # noqa: E402
from core.styles.weights import MODELS_FOLDER, ModelLibrary  # noqa: E402
from core.training.export import write_index  # noqa: E402
from core.training.export_encoder import TOLERANCE, encoder_entry, write_encoder  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.style_encoder import (  # noqa: E402
    SHORT_SIDE,
    STRIDE,
    StyleEncoder,
    StyleHead,
    open_eyes,
    picture_moments,
)


def begun_head() -> StyleHead:
    """A head that begins with the mean of the presets, and listens a little: every picture gives something else."""
    library = ModelLibrary()
    presets = [library.style(record["id"]) for record in library.style_records()]
    gamma, beta = (torch.from_numpy(np.stack([getattr(one, name) for one in presets])) for name in ("gamma", "beta"))
    critic = open_eyes(MODELS_FOLDER)
    pictures = [torch.from_numpy(fitted(dead_leaves(seed, 256, 320), SHORT_SIDE, STRIDE)) for seed in range(6)]
    torch.manual_seed(20)
    head = StyleHead()
    with torch.no_grad():
        head.begin(torch.cat([picture_moments(critic, picture) for picture in pictures]), gamma, beta)
        head.layers[-1].weight.normal_(0, 0.02)
    return head


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped models with an encoder written anew."""
    folder = tmp_path_factory.mktemp("encoder") / "models"
    shutil.copytree(MODELS_FOLDER, folder, ignore=shutil.ignore_patterns("encoder"))
    index = json.loads((folder / "index.json").read_text("utf-8"))
    index.pop("encoder", None)
    index["sha256"] = {name: digest for name, digest in index["sha256"].items() if not name.startswith("encoder/")}
    (folder / "index.json").write_text(json.dumps(index), "utf-8")
    assert write_encoder(begun_head(), folder, "A note.") <= TOLERANCE
    return folder


@pytest.mark.parametrize("size", [(64, 96), (256, 400), (768, 256)])
def test_pytorch_opencv_and_onnx_runtime_read_the_same_off_a_picture(models: Path, size: tuple[int, int]) -> None:
    head = StyleHead()
    head.load_state_dict(load_file(models / "encoder" / "weights.safetensors"))
    encoder = StyleEncoder(open_eyes(models), head).eval()
    picture = fitted(dead_leaves(9, *size), min(size), STRIDE)
    with torch.no_grad():
        wanted = [values[0].numpy() for values in encoder(torch.from_numpy(picture))]
    file = models / "encoder" / "encoder.onnx"
    by_opencv = encoded(file, picture)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    by_runtime = session.run(["gamma", "beta"], {"picture": picture})
    for name, values, by_other in zip(("gamma", "beta"), wanted, by_runtime, strict=True):
        assert np.abs(by_opencv[name] - values).max() < TOLERANCE
        assert np.abs(by_other[0] - values).max() < TOLERANCE


def test_the_written_models_are_whole_and_make_styles(models: Path, tmp_path: Path) -> None:
    check_models(models)
    record = json.loads((models / "index.json").read_text("utf-8"))["encoder"]
    assert all((models / record[name]).is_file() for name in ("file", "weights", "card"))
    card = (models / record["card"]).read_text("utf-8")
    assert record["network_key"] in card and card.endswith("A note.\n")
    keys = set()
    for seed in (1, 2):
        write_frame(tmp_path / f"{seed}.png", Frame(dead_leaves(seed, 200, 300)))
        keys.add(style_of_picture(tmp_path / f"{seed}.png", ModelLibrary(models)).key)
    assert len(keys) == 2, "each picture has its own"


def test_the_head_itself_stays_as_it_was(models: Path, tmp_path: Path) -> None:
    """Writing changes nothing: the training may go on. What never varied it does not listen to from the beginning."""
    head = begun_head()
    before = {name: value.clone() for name, value in head.state_dict().items()}
    folder = shutil.copytree(models, tmp_path / "models")
    write_encoder(head, folder)
    assert all(torch.equal(value, before[name]) for name, value in head.state_dict().items())
    assert before["spread"].min() > 1e-4 and before["spread"].max() > 1e3, "there is such a moment"
    for name in ("encoder.onnx", "weights.safetensors"):
        assert (folder / "encoder" / name).read_bytes() == (models / "encoder" / name).read_bytes(), (
            "the same each time"
        )


def test_a_network_exported_anew_does_not_take_an_old_encoder(models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models, tmp_path / "models"))
    key = encoder_entry(folder)["encoder"]["network_key"]
    styles = json.loads((folder / "index.json").read_text("utf-8"))["styles"]
    with (folder / "house" / "weights.safetensors").open("ab") as file:
        file.write(b"\0")
    write_index(folder, styles)
    check_models(folder)
    assert encoder_entry(folder)["encoder"]["network_key"] == key
    with pytest.raises(ModelError, match="another version of the network 'house'"):
        ModelLibrary(folder).encoder()
    write_encoder(begun_head(), folder)
    assert ModelLibrary(folder).encoder().network.name == "house"


def test_an_encoder_without_its_networks_is_refused(tmp_path: Path) -> None:
    assert encoder_entry(tmp_path) == {}
    with pytest.raises(ModelError, match=r"weights\.safetensors"):
        write_encoder(StyleHead(), tmp_path)
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "weights.safetensors").touch()
    with pytest.raises(ModelError, match=r"critic"):
        write_encoder(StyleHead(), tmp_path)
