"""Arrays of a TensorFlow checkpoint (the V2 "tensor bundle" that TensorFlow 1 and 2 write), without TensorFlow.

TensorFlow is a gigabyte, for one import. The format is small: `.index` is a table of
LevelDB's kind (blocks of prefix-compressed keys), whose values are protocol buffers that say where in `.data-...` an array
lies. Sources: leveldb's doc/table_format.md; tensorflow/core/protobuf/tensor_bundle.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vunet.errors import BadCheckpoint

MAGIC, FOOTER, TRAILER = 0xDB4775248B80FB57, 48, 5
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}
MAX_BYTES = 1 << 31


def read_bundle(path: Path) -> dict[str, np.ndarray]:
    """All arrays by name. path: the checkpoint's prefix, its .index file, or its folder. Raises `BadCheckpoint`."""
    prefix = _prefix(path)
    try:
        entries = dict(_table(_bytes(prefix.with_name(prefix.name + ".index"))))
        shards = dict(_fields(entries.pop(b""))).get(1, 1)
        files = [_bytes(prefix.with_name(f"{prefix.name}.data-{i:05d}-of-{shards:05d}")) for i in range(min(shards, 100))]
        return {name.decode(): _array(entry, files) for name, entry in entries.items() if _is_array(entry)}
    except (KeyError, IndexError, ValueError, TypeError, struct.error):
        raise BadCheckpoint(f"{prefix.name} is not a TensorFlow checkpoint that can be read, or it is damaged.") from None


def _prefix(path: Path) -> Path:
    if path.is_dir():
        found = sorted(path.glob("*.index"))
        if len(found) != 1:
            raise BadCheckpoint(f"{path} holds {len(found)} TensorFlow checkpoints: name the one to import.")
        path = found[0]
    return path.with_suffix("") if path.suffix == ".index" else path


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise BadCheckpoint(f"There is no {path}: a checkpoint has an .index file and .data files beside it.")
    if path.stat().st_size > MAX_BYTES:
        raise BadCheckpoint(f"{path.name} is larger than {MAX_BYTES >> 30} GB, which no VUNet is.")
    return path.read_bytes()


def _table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the whole table."""
    footer = data[-FOOTER:]
    if struct.unpack("<Q", footer[-8:])[0] != MAGIC:
        raise ValueError("no table")
    _, at = _handle(footer, 0)  # of the meta index, which holds nothing
    index, _ = _handle(footer, at)
    for _, value in _block(data, *index):
        yield from _block(data, *_handle(value, 0)[0])


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block: each key repeats `shared` bytes of the one before it."""
    block = data[offset : offset + size]
    if data[offset + size] != 0:
        raise ValueError("compressed")  # TensorFlow writes its indexes uncompressed
    (restarts,) = struct.unpack("<I", block[-4:])
    end, at, key = size - 4 * (restarts + 1), 0, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and values of a protocol buffer's fields."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        value: Any = None
        if kind == 0:
            value, at = _varint(message, at)
        elif kind == 2:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        else:
            at += {1: 8, 5: 4}[kind]
        if value is not None:
            yield tag >> 3, value


def _is_array(entry: bytes) -> bool:
    return dict(_fields(entry)).get(1) in DTYPES


def _array(entry: bytes, files: list[bytes]) -> np.ndarray:
    """One array, from where its entry (dtype 1, shape 2, shard 3, offset 4, size 5) says that it lies."""
    fields = dict(_fields(entry))
    shape = [dict(_fields(value)).get(1, 0) for number, value in _fields(fields.get(2, b"")) if number == 2]
    offset, size = fields.get(4, 0), fields.get(5, 0)
    content = files[fields.get(3, 0)][offset : offset + size]
    return np.frombuffer(content, DTYPES[fields[1]]).reshape(shape).copy()
