"""A hundred files that are not what they seem: malformed, truncated, hostile."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib import format as npy

MATRIX = np.arange(10, dtype=np.float32).reshape(5, 2) + 1
SAFE = {"dtype": "F32", "shape": [5, 2], "data_offsets": [0, 40]}


class Runs:
    """Pickled, it creates a file when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os

        return os.system, (self.command,)


def safetensors(header: object, data: bytes = bytes(40), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(text) if length is None else length
    return size.to_bytes(8, "little") + text + data


def npy_bytes(array: Any, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    npy.write_array(file, np.asarray(array), version=version)
    return file.getvalue()


def npy_with(header: str, data: bytes = bytes(40), magic: bytes = b"\x93NUMPY\x01\x00") -> bytes:
    text = header.encode("latin1") + b"\n"
    return magic + struct.pack("<H", len(text)) + text + data


def npz(compress: bool = False, **members: bytes) -> bytes:
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def _safetensors() -> Iterator[tuple[str, bytes]]:
    whole = safetensors({"W": SAFE})
    for end in (1, 7, 8, 9, 20, len(whole) // 2, len(whole) - 41, len(whole) - 1):
        yield f"cut after {end} bytes", whole[:end]
    yield "followed by more", whole + b"x"
    for length in (0, 1, 2**31, 2**63, 2**64 - 1):
        yield f"a header of {length} bytes", safetensors({"W": SAFE}, length=length)
    for dtype in ("I64", "U8", "BOOL", "C64", "F8_E5M2", "F4", "", "F32\n", 7, None):
        yield f"dtype {dtype!r}", safetensors({"W": {**SAFE, "dtype": dtype}})
    for shape in (
        *([5, 3], [10], [], [0, 2], [1] * 9, [2**62, 2**62], [-5, -2], [5.0, 2], [True, 10]),
        *("52", None, {"a": 1}, [[5], 2], [10**4000, 1]),
    ):
        yield f"shape {str(shape)[:20]}", safetensors({"W": {**SAFE, "shape": shape}})
    for offsets in ([0, 39], [1, 41], [40, 0], [0, 2**63], [-40, 0], [0], None):
        yield f"offsets {offsets}", safetensors({"W": {**SAFE, "data_offsets": offsets}})
    yield "an array over another", safetensors({"W": SAFE, "b": SAFE})
    yield "no arrays", safetensors({}, b"")
    yield "a list", safetensors([SAFE])
    yield "nested", safetensors(b"{" + b'"a":{' * 50_000)
    yield "a NaN", safetensors({"W": SAFE}, np.full(10, np.nan, np.float32).tobytes())
    yield "an infinity", safetensors({"W": SAFE}, np.full(10, np.inf, np.float32).tobytes())
    name = "W\n\x1b[2J\u202e" + "x" * 500
    yield "a name with newlines", safetensors({name: {**SAFE, "shape": [5, 1, 1, 2]}})
    yield (
        "a config that is none",
        safetensors({"W": SAFE, "__metadata__": {"config": '{"name": 3}'}}),
    )
    yield (
        "a config of a giant",
        safetensors(
            {"W": SAFE, "__metadata__": {"config": '{"name": "x", "restarts": 100000, "steps": 1}'}}
        ),
    )
    yield "a config in ruins", safetensors({"W": SAFE, "__metadata__": {"config": "[" * 9999}})


def _numpy() -> Iterator[tuple[str, bytes]]:
    whole = npy_bytes(MATRIX)
    for end in (6, 8, 10, 20, 127, 128, 130, len(whole) - 1):
        yield f"npy cut after {end} bytes", whole[:end]
    yield "npy followed by more", whole + b"x"
    template = "{{'descr': {}, 'fortran_order': False, 'shape': {}, }}"
    for shape in ("(5, 3)", "(1099511627776, 1048576)", "(-5, -2)", "(5.0, 2)", "5", "('5', 2)"):
        yield f"npy of shape {shape}", npy_with(template.format("'<f4'", shape))
    for descr in ("'|O'", "'<U1'", "'<c8'", "'|V4'", "'<M8[s]'", "[('a', '<f4')]", "'bogus'", "7"):
        yield f"npy of {descr}", npy_with(template.format(descr, "(5, 2)"))
    yield "npy that is a program", npy_with("__import__('os').system('touch executed')")
    yield "npy of brackets", npy_with("(" * 9000)
    yield "npy of a long header", npy_with(template.format("'<f4'", "(5, 2)") + " " * 30_000)
    yield "npy of version 9", npy_with("{}", magic=b"\x93NUMPY\x09\x00")
    yield "npy of objects", npy_bytes(np.array([{1: 2}], dtype=object))
    yield "npy of records", npy_bytes(np.zeros(3, dtype=[("a", "<f4")]))
    for axes in ((), (5,), (2, 2, 2, 2), (1, 1, 1, 1, 1), (0, 5), (5, 0)):
        yield f"npy of {axes}", npy_bytes(np.ones(axes))
    for dtype in (np.int64, np.uint8, np.bool_, np.complex64):
        yield f"npy of {dtype.__name__}", npy_bytes(MATRIX.astype(dtype))
    yield "npy with a NaN", npy_bytes(np.where(MATRIX == 3, np.nan, MATRIX))
    yield "npy too large for float32", npy_bytes(MATRIX.astype(np.float64) * 1e300)
    yield "npy of 20,000 features", npy_bytes(np.ones((20_000, 1), np.float32))
    good = npz(W=whole)
    for end in (4, 30, len(good) // 2, len(good) - 1):
        yield f"npz cut after {end} bytes", good[:end]
    yield "npz with another checksum", good.replace(MATRIX.tobytes(), MATRIX[::-1].tobytes())
    yield "npz with a damaged member", npz(W=whole[:-1])
    yield "npz of objects", npz(W=npy_bytes(np.array([{}], dtype=object)))
    yield "npz of other things", npz()
    bomb = npy_with(template.format("'<f4'", "(16384, 16384)"), bytes(1 << 20))
    yield "npz that claims more than it has", npz(compress=True, W=bomb)


def _others() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "a text", b"W = [[1, 2], [3, 4]]\n" * 10
    yield "zeros", bytes(1000)
    yield "a pickle", pickle.dumps({"W": MATRIX})
    yield "a pickle that would run code", pickle.dumps(Runs("touch executed"))
    yield "a pickle of protocol 0", pickle.dumps(Runs("touch executed"), protocol=0)
    yield "HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100)
    yield "gzip", b"\x1f\x8b" + bytes(100)
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(100)


HOSTILE = dict([*_safetensors(), *_numpy(), *_others()])
