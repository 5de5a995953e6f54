# SPDX-License-Identifier: GPL-3.0-or-later
"""A style of the editor's own as one file, to give away and to take in. Free of bpy, numpy and torch.

The file is a zip with the three files of a style (``core.styles.user_styles``) and a card to read. Nothing in it is
ever run. What comes in is from strangers: only these four names are read, none longer than its limit; the numbers must
be the two tensors of the network we have, all finite, and the bytes the record vouches for; the thumbnail must be a
JPEG of ordinary size.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

from ..errors import StyleError
from .user_styles import MODULATION, RECORD, THUMBNAIL, UserStyle, checked_title, identifier_of, read_record

SUFFIX = ".brushstyle"
CARD = "CARD.md"

_LIMITS = {RECORD: 100_000, MODULATION: 1_000_000, THUMBNAIL: 2_000_000, CARD: 100_000}
_LARGEST_FILE = 4_000_000
_LARGEST_SIDE = 4096
_NUMBER = {"F16": "e", "F32": "f", "F64": "d"}
_SAME_TIME = (1980, 1, 1, 0, 0, 0)  # the same style gives the same bytes
_ASK_AGAIN = "Ask for the file once more, exported by Brushflow."


@dataclasses.dataclass(frozen=True)
class Network:
    """What a style must fit.

    Attributes:
        key: hash of the network's weights.
        channels: how many numbers gamma and beta have.
    """

    key: str
    channels: int


def export_style(style: UserStyle, target: Path) -> None:
    """Write a style as one file; it is whole or absent.

    Raises:
        StyleError: a part of the style cannot be read, or the file not be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        contents = {RECORD: style.record().encode(), MODULATION: style.modulation.read_bytes()}
        if style.thumbnail is not None:
            contents[THUMBNAIL] = style.thumbnail.read_bytes()
        contents[CARD] = _card(style).encode()
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in contents.items():
                package.writestr(zipfile.ZipInfo(name, _SAME_TIME), data, zipfile.ZIP_DEFLATED)
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True) if temporary.parent.is_dir() else None
        raise StyleError(
            f"The style {style.title!r} cannot be exported to {target} ({error.strerror or error}).",
            "Choose another place for the file.",
        ) from error


def import_style(package: Path, styles: Path, networks: Mapping[str, Network], taken: Collection[str]) -> UserStyle:
    """Put the style of a file into the folder ``styles``, under an identifier that is free; whole or not at all.

    Args:
        package: the file.
        styles: folder of the editor's own styles; is made where it is not there.
        networks: the networks there are, by name.
        taken: identifiers that are used already.

    Raises:
        StyleError: the file is no style, is damaged, holds anything else, or belongs to another network.
    """
    contents = _contents(package)
    try:
        written = json.loads(contents[RECORD])
        style = read_record(Path(str(written["id"])), contents[RECORD])
        identifier = _free(identifier_of(style.identifier), styles, taken)
        title = checked_title(style.title)
        _check(style, contents, networks)
    except StyleError as error:
        raise StyleError(f"{package.name} cannot be imported: {error.message}", error.hint or _ASK_AGAIN) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise StyleError(f"{package.name} is no style that can be imported ({error}).", _ASK_AGAIN) from error
    kept = dataclasses.replace(style, folder=styles / identifier, title=title)
    _keep(kept, contents)
    return kept


def _contents(package: Path) -> dict[str, bytes]:
    """The files of a package, each within its limit and nothing else."""
    try:
        if package.stat().st_size > _LARGEST_FILE:
            raise ValueError(f"it is larger than {_LARGEST_FILE // 1_000_000} MB")
        found: dict[str, bytes] = {}
        with zipfile.ZipFile(package) as opened:
            for entry in opened.infolist():
                if entry.filename not in _LIMITS or entry.filename in found:
                    raise ValueError(f"it holds {entry.filename[:80]!r}")
                limit = _LIMITS[entry.filename]
                with opened.open(entry) as stream:  # what the zip says of its size need not be true
                    found[entry.filename] = stream.read(limit + 1)
                if len(found[entry.filename]) > limit:
                    raise ValueError(f"{entry.filename} is larger than {limit // 1000} kB")
        for name in (RECORD, MODULATION):
            if name not in found:
                raise ValueError(f"it lacks {name}")
        return found
    except OSError as error:
        raise StyleError(f"{package} cannot be read ({error.strerror or error}).", "Check that it exists.") from error
    except (ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise StyleError(f"{package.name} is no style that can be imported ({error}).", _ASK_AGAIN) from error


def _check(style: UserStyle, contents: Mapping[str, bytes], networks: Mapping[str, Network]) -> None:
    """Raises where the numbers or the thumbnail are not what they must be."""
    network = networks.get(style.network)
    if network is None or network.key != style.network_key:
        raise StyleError(
            f"it belongs to another version of the network {style.network[:80]!r}.",
            "Import it with the version of Brushflow it was made with, or train the style anew.",
        )
    if hashlib.sha256(contents[MODULATION]).hexdigest() != style.modulation_sha256:
        raise ValueError("its numbers are not those its record vouches for")
    _check_numbers(contents[MODULATION], network.channels)
    if THUMBNAIL in contents:
        width, height = jpeg_size(contents[THUMBNAIL])
        if not 0 < max(width, height) <= _LARGEST_SIDE:
            raise ValueError(f"a thumbnail of {width}x{height} pixels")
    contents.get(CARD, b"").decode()


def _check_numbers(data: bytes, channels: int) -> None:
    """Raises where the bytes are not a safetensors file of gamma and beta, ``channels`` finite numbers each."""
    (length,) = struct.unpack_from("<Q", data)
    if length > len(data) - 8:
        raise ValueError(f"a header of {length} bytes")
    header = json.loads(data[8 : 8 + length])
    body = data[8 + length :]
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    if set(tensors) != {"gamma", "beta"}:
        raise ValueError(f"tensors {', '.join(sorted(map(str, tensors)))[:80]}; gamma and beta were expected")
    for name, entry in tensors.items():
        letter = _NUMBER[entry["dtype"]]
        start, end = entry["data_offsets"]
        if entry["shape"] != [channels] or not 0 <= start <= end <= len(body):
            raise ValueError(f"{name} does not fit; {channels} numbers were expected")
        if not all(map(math.isfinite, struct.unpack(f"<{channels}{letter}", body[start:end]))):
            raise ValueError(f"{name} holds what is no number")


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height that a JPEG file tells in its frame header (ITU-T T.81, B.2.2), without decoding it.

    Raises:
        ValueError: it is no JPEG file.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("the thumbnail is no JPEG picture")
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + max(2, length)
    raise ValueError("the thumbnail is a damaged JPEG picture")


def _free(identifier: str, styles: Path, taken: Collection[str]) -> str:
    """The identifier, with a number behind it where it is used already."""
    number, candidate = 1, identifier
    while candidate in taken or (styles / candidate).exists():
        number += 1
        candidate = f"{identifier[:50].rstrip('-')}-{number}"
    return candidate


def _keep(style: UserStyle, contents: Mapping[str, bytes]) -> None:
    try:
        style.folder.parent.mkdir(parents=True, exist_ok=True)
        half_done = Path(tempfile.mkdtemp(prefix=f"{style.identifier}.", suffix=".part", dir=style.folder.parent))
        try:
            for name in (MODULATION, THUMBNAIL, CARD):
                if name in contents:
                    (half_done / name).write_bytes(contents[name])
            (half_done / RECORD).write_text(style.record(), encoding="utf-8")
            half_done.chmod(0o755)  # as the folders of trained styles are
            half_done.rename(style.folder)
        finally:
            shutil.rmtree(half_done, ignore_errors=True)
    except OSError as error:
        raise StyleError(
            f"The style cannot be written to {style.folder} ({error.strerror or error}).", "Make room on the disk."
        ) from error


def _card(style: UserStyle) -> str:
    return (
        f"# {style.title}\n\n"
        f"A style for Brushflow, learnt from the picture {style.source!r}. The rights in that picture are its "
        "maker's: ask before you give away what is painted with it.\n\n"
        f"- identifier: {style.identifier}\n"
        f"- network: {style.network}, weights SHA-256 {style.network_key}\n"
        f"- numbers: {MODULATION}, SHA-256 {style.modulation_sha256}\n"
    )
