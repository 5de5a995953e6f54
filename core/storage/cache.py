# SPDX-License-Identifier: GPL-3.0-or-later
"""The cache: what each stage made, under a key of everything it depends on. Free of bpy and torch.

A key is a hash; the same key always means the same content, so nothing in the cache is ever changed, only added and,
when the folder outgrows its limit, removed again, least recently used first. Files are whole or absent, carry their own
check, and one that fails it counts as absent; so several Blenders may share a folder.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import CacheError
from .whole_file import cannot_write, place_copy, write_whole

_FOLDER = "stages"
_DIGEST_BYTES = 16
# Ancillary, private, and not to be copied by a program that changes the picture (PNG specification, section 5.4).
_PNG_SEAL = b"bfSL"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def cache_key(*parts: object) -> str:
    """One key from everything a result depends on; 32 hexadecimal digits. Floats count with all their digits."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        text = repr(part).encode()
        digest.update(len(text).to_bytes(8, "little"))  # so that ("ab", "c") and ("a", "bc") differ
        digest.update(text)
    return digest.hexdigest()


class Cache:
    """A folder of stage results.

    Args:
        root: the cache folder; made when absent.
        limit_bytes: the size that ``trim`` keeps; 0 = no limit.

    Raises:
        CacheError: the folder cannot be made or written.
    """

    def __init__(self, root: Path, limit_bytes: int = 0) -> None:
        self.root = root
        self.limit_bytes = limit_bytes
        self._stages = root / _FOLDER
        try:
            self._stages.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self._stages, error) from error
        if not os.access(self._stages, os.W_OK):
            raise CacheError(
                f"The cache folder {root} is read-only.", "Choose a folder that you may write to in the preferences."
            )

    def path(self, stage: str, key: str, suffix: str) -> Path:
        """Where a result lies or would lie; ``suffix`` is ".png" or ".bin"."""
        return self._stages / stage / key[:2] / (key + suffix)

    def read(self, stage: str, key: str, suffix: str) -> bytes | None:
        """The bytes of a result, or None when it is absent or damaged. Reading counts as use."""
        path = self.path(stage, key, suffix)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        content = _checked(data, suffix)
        if content is None:
            path.unlink(missing_ok=True)
            return None
        _touch(path)
        return content

    def write(self, stage: str, key: str, suffix: str, content: bytes, *, lasting: bool = True) -> None:
        """Keep a result. Raises ``CacheError`` when the folder cannot be written or the disk is full.

        Args:
            lasting: see ``write_whole``. A result that nobody but the cache reads need not last through a power cut:
                torn, it fails its check and counts as absent.
        """
        write_whole(self.path(stage, key, suffix), _sealed(content, suffix), lasting=lasting)

    def holds(self, stage: str, key: str, suffix: str) -> bool:
        """Whether a whole, undamaged result is there."""
        return self.read(stage, key, suffix) is not None

    def give(self, stage: str, key: str, suffix: str, target: Path) -> bool:
        """Place a result at ``target``, where others read it; False when it is absent or damaged."""
        if not self.holds(stage, key, suffix):
            return False
        try:
            place_copy(self.path(stage, key, suffix), target)
        except FileNotFoundError:  # trimmed by another Blender in between
            return False
        return True

    def entries(self, stage: str, suffix: str) -> Iterator[tuple[str, bytes]]:
        """Key and content of every whole result of a stage, in the order of the keys."""
        for path in sorted((self._stages / stage).glob(f"??/*{suffix}")):
            content = self.read(stage, path.stem, suffix)
            if content is not None:
                yield path.stem, content

    def size_bytes(self) -> int:
        """Bytes that all results take on the disk."""
        return sum(size for _, size, _ in self._files())

    def trim(self) -> None:
        """Remove the least recently used results until the limit is kept with a tenth to spare."""
        if not self.limit_bytes:
            return
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        if total <= self.limit_bytes:
            return
        for _, size, path in files:
            path.unlink(missing_ok=True)
            total -= size
            if total <= self.limit_bytes * 0.9:
                return

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._stages.rglob("*"):
            try:
                status = path.stat()
            except OSError:  # removed meanwhile
                continue
            if path.is_file():
                yield status.st_mtime, status.st_size, path


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:  # removed meanwhile, or another user's file: its age is then a little wrong
        return


def _sealed(content: bytes, suffix: str) -> bytes:
    """The content with its own hash. A PNG file stays one: the hash is a private chunk before its end, which other
    programs leave out when they save the picture, so that their version is not taken for ours."""
    if suffix == ".png":
        body = content[: -len(_PNG_END)]
        return body + _png_seal(body) + _PNG_END
    return _digest(content) + content


def _checked(data: bytes, suffix: str) -> bytes | None:
    """The content without its seal, or None when the check fails."""
    if suffix == ".png":
        seal_bytes = len(_png_seal(b""))
        body, end = data[: -seal_bytes - len(_PNG_END)], data[-seal_bytes - len(_PNG_END) :]
        return body + _PNG_END if end == _png_seal(body) + _PNG_END else None
    seal, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    return content if _digest(content) == seal else None


def _png_seal(body: bytes) -> bytes:
    """A chunk with the hash of everything before it (PNG specification, section 5.3: length, type, data, CRC-32)."""
    typed = _PNG_SEAL + _digest(body)
    return struct.pack(">I", _DIGEST_BYTES) + typed + struct.pack(">I", zlib.crc32(typed))


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
