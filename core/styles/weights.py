# SPDX-License-Identifier: GPL-3.0-or-later
"""The models: which networks and styles there are, and their numbers. Free of bpy and torch.

``models/index.json`` names every shipped file with its SHA-256; the editor's own styles lie elsewhere, see
``core.styles.user_styles``. Tensors lie in safetensors files, which hold numbers and
nothing that could run; they are read here with numpy so that the add-on's zip needs no further package.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError, StyleError
from .user_styles import UserStyle, find_user_style, folder_from_environment, list_user_styles, network_key, train_again

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "models"

_REINSTALL = "Reinstall the add-on: a file of it is missing or was changed."
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1"}
_LARGEST_HEADER_BYTES = 10_000_000


@dataclasses.dataclass(frozen=True)
class NetworkFiles:
    """A painting network on disk.

    Attributes:
        painter, statistics: ONNX files; their inputs and outputs are named in ``core.paint.feedforward``.
        weights: the same numbers as safetensors, for torch.
        stride: height and width must be multiples of this many pixels.
        margin: no pixel farther away than this changes a painted pixel; a multiple of ``stride``.
        border: the frame is reflected by this many pixels at its borders before painting, as in training; a multiple of
            ``stride``.
        channels: N, the number of normalised channels of all layers.
        epsilon: added to the variance before its root.
        key: hash of the weights, for cache keys.
    """

    name: str
    painter: Path
    statistics: Path
    weights: Path
    stride: int
    margin: int
    border: int
    channels: int
    epsilon: float
    key: str


@dataclasses.dataclass(frozen=True)
class StylePreset:
    """A style that can be chosen.

    Attributes:
        brush: width of the strokes that suits it; Brush Size 1 stands for it.
        clarity: how much of what is painted is to be seen in it; Clarity 0 stands for it.
        gamma, beta: (N,) float32, scale and shift of the normalised channels (Dumoulin et al. 2017).
        key: hash of gamma and beta, for cache keys.
    """

    identifier: str
    title: str
    artist: str
    year: str
    network: NetworkFiles
    gamma: NDArray[np.float32]
    beta: NDArray[np.float32]
    key: str
    brush: float = 1.0
    clarity: float = 0.0

    @classmethod
    def of(
        cls,
        tensors: Mapping[str, NDArray[Any]],
        network: NetworkFiles,
        identifier: str,
        title: str,
        artist: str = "",
        year: str = "",
        *,
        brush: float = 1.0,
        clarity: float = 0.0,
        remedy: str,
    ) -> StylePreset:
        """The style whose ``tensors`` are gamma and beta.

        Raises:
            ModelError: they do not fit the network, or are not numbers; ``remedy`` is its hint.
        """
        found = []
        for name in ("gamma", "beta"):
            values = tensors.get(name)
            if values is None or values.shape != (network.channels,) or not np.isfinite(values).all():
                raise ModelError(
                    f"Style {identifier!r} does not fit the network {network.name!r}: "
                    f"{name} of {network.channels} numbers was expected.",
                    remedy,
                )
            found.append(values.astype(np.float32))
        gamma, beta = found
        key = hashlib.blake2b(gamma.tobytes() + beta.tobytes(), digest_size=16).hexdigest()
        return cls(identifier, title, artist, year, network, gamma, beta, key, brush, clarity)


@dataclasses.dataclass(frozen=True)
class EncoderFiles:
    """The network that turns any picture into a style.

    Attributes:
        file: an ONNX file; its input and outputs are named in ``core.paint.encode_style``.
        network: the network whose styles it gives.
        short_side: pixels to which the shorter side of a picture is brought.
        stride: height and width of what it takes are multiples of this many pixels.
    """

    file: Path
    network: NetworkFiles
    short_side: int
    stride: int


class ModelLibrary:
    """The networks and styles of one models folder, and the editor's own styles.

    Args:
        folder: the shipped models.
        user_folder: the editor's styles; what ``BRUSHFLOW_STYLES`` names when left out, else none.

    Raises:
        ModelError: the index is missing or damaged.
    """

    def __init__(self, folder: Path = MODELS_FOLDER, user_folder: Path | None = None) -> None:
        self.folder = folder
        self.user_folder = user_folder or folder_from_environment()
        path = folder / "index.json"
        try:
            self._index: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            for name, kind in (("styles", list), ("networks", dict), ("sha256", dict)):
                if not isinstance(self._index, dict) or not isinstance(self._index.get(name), kind):
                    raise ValueError(f"it lacks {name!r}")
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"The list of models {path} cannot be read ({error}).", _REINSTALL) from error

    def style_records(self) -> list[dict[str, Any]]:
        """What the index says of each style: id, title, artist, year, thumbnail …"""
        return list(self._index["styles"])

    def user_styles(self) -> tuple[list[UserStyle], list[StyleError]]:
        """The editor's own styles, looked up anew, and what is wrong with those that cannot be read."""
        return list_user_styles(self.user_folder)

    def style(self, identifier: str) -> StylePreset:
        """A preset or one of the editor's own styles, with its network.

        Raises:
            StyleError: no style of that name, or its record is damaged.
            ModelError: a file is missing, damaged, or does not fit its network.
        """
        try:
            records = {record["id"]: record for record in self.style_records()}
            if identifier in records:
                return self._preset(identifier, records[identifier])
            own = find_user_style(self.user_folder, identifier)
            if own is not None:
                return self._own(own)
            names = [*records, *(style.identifier for style in self.user_styles()[0])]
            raise StyleError(f"Unknown style {identifier!r}.", f"The styles are: {', '.join(names)}.")
        except (KeyError, TypeError) as error:
            raise ModelError(f"The list of models of {self.folder} is damaged ({error!r}).", _REINSTALL) from error

    def _preset(self, identifier: str, record: dict[str, Any]) -> StylePreset:
        network = self.network(record["network"])
        tensors = read_safetensors(self._verified(record["modulation"]))
        names = record["title"], record["artist"], str(record["year"])
        brush = float(record.get("brush", 1.0))
        return StylePreset.of(tensors, network, identifier, *names, brush=brush, remedy=_REINSTALL)

    def _own(self, style: UserStyle) -> StylePreset:
        remedy = train_again(style.folder)
        known = style.network in self._index["networks"]
        if not known or self.network(style.network).key != style.network_key:
            raise ModelError(
                f"Your style {style.identifier!r} belongs to another version of the network {style.network!r}.", remedy
            )
        network = self.network(style.network)
        try:
            tensors = read_safetensors(_verified(style.modulation, style.modulation_sha256))
        except ModelError as error:
            raise ModelError(error.message, remedy) from error
        return StylePreset.of(tensors, network, style.identifier, style.title, remedy=remedy)

    def encoder(self) -> EncoderFiles:
        """What turns any picture into a style, with its network.

        Raises:
            StyleError: none is shipped.
            ModelError: a file is missing or damaged, or the encoder belongs to another version of its network.
        """
        record = self._index.get("encoder")
        if record is None:
            raise StyleError(
                f"The models in {self.folder} hold no style encoder, so a picture cannot be a style here.",
                "Choose one of the presets, or install the add-on again.",
            )
        try:
            network = self.network(record["network"])
            if record["network_key"] != network.key:
                raise ModelError(
                    f"The style encoder belongs to another version of the network {network.name!r}.", _REINSTALL
                )
            return EncoderFiles(self._verified(record["file"]), network, record["short_side"], record["stride"])
        except (KeyError, TypeError) as error:
            raise ModelError(f"The list of models of {self.folder} is damaged ({error!r}).", _REINSTALL) from error

    def network(self, name: str) -> NetworkFiles:
        """A network's files, checked against their hashes. Raises ``ModelError`` when one is missing or changed."""
        record = self._index["networks"][name]
        return NetworkFiles(
            name=name,
            painter=self._verified(record["painter"]),
            statistics=self._verified(record["statistics"]),
            weights=self._verified(record["weights"]),
            stride=record["stride"],
            margin=record["margin"],
            border=record["border"],
            channels=record["channels"],
            epsilon=record["epsilon"],
            key=network_key(self._index, name),
        )

    def shipped_file(self, name: str) -> Path:
        """Any file of the models folder, checked against its hash. Raises ``ModelError`` as ``network`` does."""
        return self._verified(name)

    def _verified(self, name: str) -> Path:
        return _verified(self.folder / name, self._index["sha256"].get(name))


def read_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    """All tensors of a safetensors file (https://github.com/huggingface/safetensors, format section), by name.

    Raises:
        ModelError: the file is missing or does not follow the format.
    """
    try:
        data = path.read_bytes()
        (header_bytes,) = struct.unpack_from("<Q", data)
        if header_bytes > min(_LARGEST_HEADER_BYTES, len(data) - 8):
            raise ValueError(f"a header of {header_bytes} bytes")
        header = json.loads(data[8 : 8 + header_bytes])
        body = memoryview(data)[8 + header_bytes :]
        return {name: _tensor(entry, body) for name, entry in header.items() if name != "__metadata__"}
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read ({error.strerror}).", _REINSTALL) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise ModelError(f"{path} is not a valid safetensors file ({error}).", _REINSTALL) from error


def _verified(path: Path, expected: str | None) -> Path:
    """The path of a model file whose SHA-256 is the expected one."""
    try:
        status = path.stat()
        found = _sha256(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read ({error.strerror}).", _REINSTALL) from error
    if found != expected:
        raise ModelError(f"The model file {path} is damaged: its SHA-256 is not the expected one.", _REINSTALL)
    return path


def _tensor(entry: dict[str, Any], body: memoryview) -> NDArray[Any]:
    start, end = entry["data_offsets"]
    shape = tuple(int(side) for side in entry["shape"])
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    if not 0 <= start <= end <= len(body) or end - start != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"offsets {start}…{end} for shape {shape}")
    return np.frombuffer(body[start:end], dtype).reshape(shape)


@functools.lru_cache(maxsize=256)
def _sha256(path: Path, modified_ns: int, size: int) -> str:
    """Hash of a file; time and size are arguments so that a changed file is hashed anew."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
