# SPDX-License-Identifier: GPL-3.0-or-later
"""The export: PyTorch, OpenCV and ONNX Runtime paint the same, and the index tells the truth."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("onnx", reason="the export needs onnx")
onnxruntime = pytest.importorskip("onnxruntime", reason="compared with ONNX Runtime")
cv2 = pytest.importorskip("cv2", reason="compared with OpenCV")

from safetensors.numpy import load_file  # noqa: E402

from core.paint import house_network as house  # noqa: E402
from core.training import export  # noqa: E402
from core.training.checkpoint import HousePainter, save_checkpoint  # noqa: E402
from core.training.recipe import read_recipe  # noqa: E402
from core.training.samples import shipped_canvas  # noqa: E402

RECIPE = Path(export.__file__).parent / "recipes" / "house.toml"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models exported from an untrained painter whose styles differ."""
    folder = tmp_path_factory.mktemp("export")
    torch.manual_seed(11)
    painter = HousePainter(len(read_recipe(RECIPE).styles))
    with torch.no_grad():
        painter.gamma += 0.2 * torch.randn(painter.gamma.shape)
        painter.beta += 0.2 * torch.randn(painter.beta.shape)
    facts = {"step": 20, "crops": 80, "seconds": 30.0}
    save_checkpoint(folder, painter, painter.state_dict(), torch.optim.Adam(painter.parameters()), facts)
    (folder / "log.jsonl").write_text(json.dumps({"noise": 0.01, "motion": 0.01, **facts}) + "\n", encoding="utf-8")
    picture = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    cv2.imwrite(str(folder / "picture.png"), picture)
    run, models = str(folder), str(folder / "models")
    export.main(["--run", run, "--models", models, "--thumbnail", str(folder / "picture.png")])
    return folder / "models"


def shipped_network(models: Path) -> "house.HouseNetwork":
    network = house.HouseNetwork().eval().requires_grad_(False)
    weights = load_file(models / "house" / "weights.safetensors")
    network.load_state_dict({name: torch.from_numpy(value.astype(np.float32)) for name, value in weights.items()})
    return network


@pytest.mark.parametrize("size", [(64, 96), (120, 56)])
def test_pytorch_and_opencv_paint_the_same(exported: Path, size: tuple[int, int]) -> None:
    network = shipped_network(exported)
    modulation = load_file(exported / "styles" / "great-wave.safetensors")
    gamma, beta = (torch.from_numpy(modulation[name])[None] for name in ("gamma", "beta"))
    frame = torch.rand(1, 3, *size)
    canvas = shipped_canvas(frame)
    mean, variance = network.statistics(frame, canvas, gamma, beta)
    scale, shift = house.affine(gamma, beta, mean, variance)
    engine = export.by_opencv(exported / "house")
    painted = engine.paint(frame.numpy(), canvas.numpy(), scale.numpy(), shift.numpy())
    assert np.abs(inner(painted) - inner(network(frame, canvas, scale, shift).numpy())).max() < 1e-4
    got = engine.statistics(frame.numpy(), canvas.numpy(), gamma.numpy(), beta.numpy())
    for value, wanted in zip(got, (mean, variance), strict=True):
        np.testing.assert_allclose(value.reshape(wanted.shape), wanted.numpy(), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("size", [(64, 96), (120, 56)])
def test_onnx_runtime_reads_the_files_too(exported: Path, size: tuple[int, int]) -> None:
    network = shipped_network(exported)
    frame, ones, zeros = torch.rand(1, 3, *size), torch.ones(1, house.CHANNELS), torch.zeros(1, house.CHANNELS)
    canvas = shipped_canvas(frame)
    seen = {"frame": frame.numpy(), "canvas": canvas.numpy()}
    found = {}
    for name, inputs in (("painter", seen), ("statistics", {**seen, "gamma": ones.numpy(), "beta": zeros.numpy()})):
        file = exported / "house" / f"{name}.onnx"
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        found[name] = session.run(None, inputs)
    painted = 1 / (1 + np.exp(-found["painter"][0]))
    assert np.abs(inner(painted) - inner(network(frame, canvas, ones, zeros).numpy())).max() < 1e-4
    for value, wanted in zip(found["statistics"], network.statistics(frame, canvas, ones, zeros), strict=True):
        np.testing.assert_allclose(value.reshape(wanted.shape), wanted.numpy(), atol=1e-4, rtol=1e-4)


def test_one_engine_serves_changing_frame_sizes(exported: Path) -> None:
    engine = export.by_opencv(exported / "house")
    network = shipped_network(exported)
    scale, shift = torch.rand(1, house.CHANNELS), torch.rand(1, house.CHANNELS) - 0.5
    for size in ((64, 64), (96, 160), (64, 64)):
        frame = torch.rand(1, 3, *size)
        canvas = shipped_canvas(frame)
        painted = engine.paint(frame.numpy(), canvas.numpy(), scale.numpy(), shift.numpy())
        assert np.abs(inner(painted) - inner(network(frame, canvas, scale, shift).numpy())).max() < 1e-4


def inner(painted: np.ndarray) -> np.ndarray:
    """Without the border, which is cropped."""
    return painted[..., house.BORDER : -house.BORDER, house.BORDER : -house.BORDER]


def test_index_names_every_file_with_its_hash(exported: Path) -> None:
    index = json.loads((exported / "index.json").read_text(encoding="utf-8"))
    there = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert set(index["sha256"]) == {name for name in there if not name.endswith(".md") and name != "index.json"}
    for name, digest in index["sha256"].items():
        assert hashlib.sha256((exported / name).read_bytes()).hexdigest() == digest
    for entry in [*index["styles"], index["networks"]["house"]]:
        assert (exported / entry["card"]).is_file()
    assert index["networks"]["house"]["margin"] % index["networks"]["house"]["stride"] == 0


def test_a_thumbnail_is_what_its_style_paints_and_differs_from_the_next(exported: Path) -> None:
    thumbnails = [cv2.imread(str(path)) for path in sorted((exported / "styles").glob("*.jpg"))]
    assert {picture.shape for picture in thumbnails} == {(export.THUMBNAIL_SIDE, export.THUMBNAIL_SIDE, 3)}
    assert np.abs(thumbnails[0].astype(int) - thumbnails[1]).mean() > 1
