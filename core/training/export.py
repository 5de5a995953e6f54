# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn a run into the shipped models: python -m core.training.export --run runs/house --models models (needs torch).

Writes the two ONNX files, the weights, the styles, the thumbnails, the cards and models/index.json, and refuses to
finish when OpenCV does not paint what PyTorch paints.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as functional
from safetensors.torch import save_file
from torch import Tensor, nn

from ..paint.house_network import BORDER, CHANNELS, EPSILON, STRIDE, HouseNetwork, affine, receptive_radius
from ..paint.opencv_engine import OpenCVEngine
from ..styles.weights import NetworkFiles
from .cards import house_card, style_card
from .checkpoint import HousePainter, load_checkpoint
from .data import read_picture, to_tensor
from .export_encoder import encoder_entry, write_encoder
from .painter_graph import PainterGraph
from .recipe import Recipe, read_recipe
from .samples import paint_picture, shipped_canvas

THUMBNAIL_SIDE = 192
VIDEO_SUFFIXES = {".mp4", ".mov", ".mkv", ".webm"}
FILES = "painter.onnx", "statistics.onnx", "weights.safetensors"
"""The house network in models/house."""

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch's and OpenCV's painting, of 0…1."""


class Statistics(nn.Module):
    """What models/house/statistics.onnx computes, see HouseNetwork.statistics."""

    def __init__(self, network: HouseNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, frame: Tensor, canvas: Tensor, gamma: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.statistics(frame, canvas, gamma, beta)


def rounded_painter(run: Path, styles: int) -> HousePainter:
    """The run's averaged painter with network weights rounded to float16, so every shipped form holds the same."""
    painter = HousePainter(styles)
    painter.load_state_dict(load_checkpoint(run)["average"])
    for parameter in painter.network.parameters():
        parameter.data = parameter.data.half().float().contiguous()
    return painter.eval().requires_grad_(False)


def write_onnx(network: HouseNetwork, folder: Path) -> None:
    """painter.onnx and statistics.onnx, height and width free."""
    frame = torch.rand(1, 3, 64, 96)
    canvas = shipped_canvas(frame)
    ones, zeros = torch.ones(1, CHANNELS), torch.zeros(1, CHANNELS)
    size = {2: "height", 3: "width"}
    places = {2: "canvas_height", 3: "canvas_width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The TorchScript exporter is deprecated but needs no further package.
        torch.onnx.export(
            PainterGraph(network),
            (frame, canvas),
            folder / "painter.onnx",
            input_names=["frame", "canvas"],
            output_names=["painted"],
            dynamic_axes={"frame": size, "canvas": places, "painted": size},
            opset_version=17,
            dynamo=False,
        )
        torch.onnx.export(
            Statistics(network),
            (frame, canvas, ones, zeros),
            folder / "statistics.onnx",
            input_names=["frame", "canvas", "gamma", "beta"],
            output_names=["mean", "variance"],
            dynamic_axes={"frame": size, "canvas": places},
            opset_version=17,
            dynamo=False,
        )


def by_opencv(folder: Path) -> OpenCVEngine:
    """What paints with the two ONNX files of a folder."""
    painter, statistics, weights = (folder / name for name in FILES)
    numbers = STRIDE, receptive_radius(), BORDER, CHANNELS, EPSILON
    return OpenCVEngine(NetworkFiles("house", painter, statistics, weights, *numbers, key="not shipped yet"))


def largest_difference(painter: HousePainter, folder: Path) -> dict[str, float]:
    """Largest difference of OpenCV from PyTorch for both files, over two frame sizes and the first style; of a painting
    without the border, which is cropped."""
    gamma, beta = painter.gamma[:1], painter.beta[:1]
    engine = by_opencv(folder)
    found = {"painted": 0.0, "mean": 0.0, "variance": 0.0}
    for height, width in ((64, 96), (136, 200)):
        frame = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height))
        canvas = shipped_canvas(frame)
        mean, variance = painter.network.statistics(frame, canvas, gamma, beta)
        scale, shift = affine(gamma, beta, mean, variance)
        given = frame.numpy(), canvas.numpy()
        wanted = {"painted": painter.network(frame, canvas, scale, shift), "mean": mean, "variance": variance}
        got = {"painted": engine.paint(*given, scale.numpy(), shift.numpy())}
        got["mean"], got["variance"] = engine.statistics(*given, gamma.numpy(), beta.numpy())
        for values in (wanted, got):
            values["painted"] = values["painted"][..., BORDER:-BORDER, BORDER:-BORDER]
        # Statistics are compared relative to the size of what they are of: some channels reach far above 1.
        size = torch.sqrt(torch.square(mean) + variance).clamp_min(1)
        sizes = {"painted": torch.ones(()), "mean": size, "variance": torch.square(size)}
        for name, value in wanted.items():
            difference = np.abs(got[name].reshape(value.shape) - value.numpy()) / sizes[name].numpy()
            found[name] = max(found[name], float(difference.max()))
    return found


def write_styles(painter: HousePainter, recipe: Recipe, folder: Path, frame: Tensor) -> list[dict[str, Any]]:
    """Modulations, thumbnails and cards; returns the styles' entries for the index."""
    entries = []
    for index, style in enumerate(recipe.styles):
        if not style.shipped:
            continue
        gamma, beta = painter.gamma[index : index + 1].float(), painter.beta[index : index + 1].float()
        modulation = {"gamma": gamma[0].contiguous().clone(), "beta": beta[0].contiguous().clone()}
        save_file(modulation, folder / f"{style.id}.safetensors")
        write_thumbnail(painter.network, at_brush(frame, style.brush), gamma, beta, folder / f"{style.id}.jpg")
        (folder / f"{style.id}.md").write_text(style_card(style), encoding="utf-8")
        entries.append(
            {
                "id": style.id,
                "title": style.title,
                "artist": style.artist,
                "year": style.year,
                "source": style.source,
                "licence": style.licence,
                "brush": style.brush,
                "network": "house",
                "modulation": f"styles/{style.id}.safetensors",
                "thumbnail": f"styles/{style.id}.jpg",
                "card": f"styles/{style.id}.md",
            }
        )
    return entries


def at_brush(frame: Tensor, brush: float) -> Tensor:
    """The frame (1, 3, H, W) at the size at which it is painted with strokes of this width."""
    height, width = frame.shape[-2:]
    size = (round(height / brush), round(width / brush))
    return functional.interpolate(frame, size=size, mode="area") if brush != 1 else frame


def write_thumbnail(network: HouseNetwork, frame: Tensor, gamma: Tensor, beta: Tensor, path: Path) -> None:
    """The frame (1, 3, H, W) painted with gamma and beta (1, N), as a square JPEG."""
    painted = paint_picture(network, frame, gamma, beta)[0].permute(1, 2, 0).mul(255).round()
    small = square(painted.numpy(), THUMBNAIL_SIDE).astype(np.uint8)
    _, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    path.write_bytes(data.tobytes())


def write_index(models: Path, styles: list[dict[str, Any]]) -> None:
    """models/index.json: what is shipped and the SHA-256 of every file but cards and the index itself."""
    files = sorted(path for path in models.rglob("*") if path.is_file() and path.suffix != ".md")
    hashes = {
        path.relative_to(models).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "index.json"
    }
    house = {
        "painter": "house/painter.onnx",
        "statistics": "house/statistics.onnx",
        "weights": "house/weights.safetensors",
        "stride": STRIDE,
        "margin": receptive_radius(),
        "border": BORDER,
        "channels": CHANNELS,
        "epsilon": EPSILON,
        "card": "house/CARD.md",
    }
    index = {"format": 1, "networks": {"house": house}, "styles": styles, **encoder_entry(models), "sha256": hashes}
    (models / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """A square part left of the middle of a picture, (side, side, 3): Blender shows thumbnails in square frames."""
    shorter = min(picture.shape[:2])
    part = picture[:shorter, picture.shape[1] // 8 :][:, :shorter]
    return cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA).round()


def thumbnail_frame(path: Path, frame_index: int = 0) -> Tensor:
    """The middle 16:9 part of a picture, or of one frame of a video, as a small video frame (1, 3, 360, 640)."""
    if path.suffix.lower() in VIDEO_SUFFIXES:
        video = cv2.VideoCapture(str(path))
        video.set(cv2.CAP_PROP_POS_FRAMES, frame_index)
        found, picture = video.read()
        if not found:
            raise ValueError(f"{path} has no frame {frame_index}: name a readable video and a frame inside it.")
        values = np.ascontiguousarray(picture[:, :, ::-1])
    else:
        values = read_picture(path)
    height, width = values.shape[:2]
    factor = max(640 / width, 360 / height)
    values = cv2.resize(values, (max(640, round(width * factor)), max(360, round(height * factor))))
    y, x = (values.shape[0] - 360) // 2, (values.shape[1] - 640) // 2
    return to_tensor(np.ascontiguousarray(values[y : y + 360, x : x + 640]))


def main(arguments: list[str] | None = None) -> None:
    """The command line of the export."""
    parser = argparse.ArgumentParser(prog="python -m core.training.export", description=__doc__)
    default = Path(__file__).parent / "recipes" / "house.toml"
    parser.add_argument("--recipe", type=Path, default=default, help="the recipe the run was trained by")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--models", type=Path, required=True, help="folder to write, as shipped")
    parser.add_argument("--thumbnail", type=Path, required=True, help="picture or video the thumbnails show painted")
    parser.add_argument("--frame", type=int, default=0, help="frame of that video, from 0")
    chosen = parser.parse_args(arguments)
    recipe = read_recipe(chosen.recipe)
    painter = rounded_painter(chosen.run, len(recipe.styles))
    house, styles = chosen.models / "house", chosen.models / "styles"
    house.mkdir(parents=True, exist_ok=True)
    styles.mkdir(parents=True, exist_ok=True)
    write_onnx(painter.network, house)
    weights = {name: value.half().contiguous() for name, value in painter.network.state_dict().items()}
    save_file(weights, house / "weights.safetensors")
    differences = largest_difference(painter, house)
    if max(differences.values()) > TOLERANCE:
        raise RuntimeError(
            f"OpenCV differs from PyTorch by {differences}, at most {TOLERANCE} was expected: do not ship; compare the "
            "layers of painter.onnx one by one."
        )
    entries = write_styles(painter, recipe, styles, thumbnail_frame(chosen.thumbnail, chosen.frame))
    digest = hashlib.sha256((house / "weights.safetensors").read_bytes()).hexdigest()
    (house / "CARD.md").write_text(house_card(recipe, chosen.run, differences, digest), encoding="utf-8")
    for path in chosen.models.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # safetensors writes files only their owner can read
    write_index(chosen.models, entries)
    if recipe.any_styles and (chosen.models / "critic").is_dir():  # the encoder sees with the critic's eyes
        notes = chosen.run / "encoder-notes.md"
        write_encoder(painter.head, chosen.models, notes.read_text(encoding="utf-8") if notes.is_file() else "")


if __name__ == "__main__":
    main()
