"""safetensors read lazily: the same values as their own reader, and no trust in the header."""

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from superpos_core.array_files.array_file import MAX_HEADER, ArrayFile, UnreadableArrays

F32 = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def written(path: Path, header: object, data: bytes = b"", size: int | None = None) -> Path:
    """A file with this header, which is JSON or bytes, and ``size`` in place of its length."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    length = len(text) if size is None else size
    path.write_bytes(length.to_bytes(8, "little") + text + data)
    return path


def described(**changes: Any) -> dict[str, Any]:
    return {"W": {**F32, **changes}}


DAMAGED: dict[str, tuple[object, bytes, str]] = {
    "not JSON": (b"{", b"", "not JSON"),
    "not UTF-8": (b'{"\xff": 1}', b"", "not JSON"),
    "deep": (b"[" * 100_000, b"", "not JSON"),
    "huge number": (b'{"W": ' + b"9" * 5000 + b"}", b"", "not JSON"),
    "a list": ([1], b"", "not a table"),
    "a name twice": (b'{"W": 1, "W": 1}', b"", "twice"),
    "an entry that is a number": ({"W": 1}, b"", "does not describe W"),
    "no shape": ({"W": {"dtype": "F32", "data_offsets": [0, 24]}}, bytes(24), "describe W"),
    "metadata of numbers": ({"__metadata__": {"a": 1}}, b"", "metadata"),
    "metadata that are a list": ({"__metadata__": []}, b"", "metadata"),
    "an unknown dtype": (described(dtype="F8_E4M3"), bytes(24), "F8_E4M3"),
    "a dtype that is a list": (described(dtype=["F32"]), bytes(24), "dtype"),
    "negative sizes": (described(shape=[-2, -3]), bytes(24), "not sizes"),
    "fractional sizes": (described(shape=[2.0, 3]), bytes(24), "not sizes"),
    "true as a size": (described(shape=[True, 6]), bytes(24), "not sizes"),
    "a shape that is a text": (described(shape="23"), bytes(24), "not sizes"),
    "three offsets": (described(data_offsets=[0, 24, 24]), bytes(24), "not sizes"),
    "offsets that go back": (described(data_offsets=[24, 0]), bytes(24), "contradicts"),
    "a shape with more bytes": (described(shape=[3, 3]), bytes(24), "contradicts"),
    "a huge shape": (described(shape=[2**40, 2**40]), bytes(24), "impossible"),
    "a huge shape of size 0": (described(shape=[0, 2**62, 4]), bytes(24), "impossible"),
    "a shape that overflows": (described(shape=[2**32, 2**32]), bytes(24), "impossible"),
    "too many axes": (described(shape=[1] * 70), bytes(24), "impossible"),
    "an overlap": ({"W": F32, "V": F32}, bytes(24), "overlaps"),
    "a gap": (described(data_offsets=[8, 32]), bytes(32), "gap"),
    "truncated data": (described(), bytes(23), "truncated"),
    "data too long": (described(), bytes(25), "longer"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_refused_with_the_reason(case: str, tmp_path: Path) -> None:
    header, data, reason = DAMAGED[case]
    with pytest.raises(UnreadableArrays, match=reason) as refused:
        ArrayFile(written(tmp_path / "w", header, data))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("size", [10, 2**31, 2**63])
def test_a_header_longer_than_its_file_is_refused_before_it_is_read(
    size: int, tmp_path: Path
) -> None:
    path = written(tmp_path / "w", b"{}", size=size)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableArrays, match="longer than the file"):
            ArrayFile(path)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_header_above_the_maximum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w"
    with path.open("wb") as file:  # with a hole: nothing is written
        file.write((MAX_HEADER + 1).to_bytes(8, "little"))
        file.truncate(MAX_HEADER + 9)
    with pytest.raises(UnreadableArrays, match="32 MiB"):
        ArrayFile(path)


def test_an_empty_file_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("empty", "too short"), ("pipe", "regular"), (".", "regular")):
        with pytest.raises(UnreadableArrays, match=reason):
            ArrayFile(tmp_path / name)


def test_every_dtype_is_read_as_its_own_reader_reads_it(tmp_path: Path) -> None:
    values = torch.arange(-3, 21).reshape(2, 3, 4)
    dtypes = {
        str(dtype): values.to(dtype)
        for dtype in (
            *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
            *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
        )
    }
    save_tensors(dtypes, tmp_path / "w", metadata={"a": "b"})
    with ArrayFile(tmp_path / "w") as file:
        assert file.metadata == {"a": "b"}
        for name, tensor in dtypes.items():
            read = file.read(name)
            np.testing.assert_array_equal(read, tensor.to(torch.float64).numpy())
            assert read.flags.owndata or tensor.dtype is torch.bfloat16


def test_one_lane_of_a_stack_is_read_alone(tmp_path: Path) -> None:
    stack = np.arange(24.0).reshape(4, 3, 2)
    save_file({"before": np.ones(3), "W": stack, "empty": np.empty((0, 5))}, tmp_path / "w")
    with ArrayFile(tmp_path / "w") as file:
        assert file.arrays["W"].shape == (4, 3, 2)
        np.testing.assert_array_equal(file.read_at("W", 2), stack[2])
        assert file.read("empty").shape == (0, 5)
        for index in (-1, 4):
            with pytest.raises(IndexError):
                file.read_at("W", index)
        with pytest.raises(KeyError):
            file.read("V")


def test_a_number_without_axes_is_read(tmp_path: Path) -> None:
    save_file({"x": np.array(3.5)}, tmp_path / "w")
    with ArrayFile(tmp_path / "w") as file:
        assert file.read("x") == 3.5
        with pytest.raises(IndexError):
            file.read_at("x", 0)


def test_a_file_that_shrinks_while_it_is_open_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "w", described(), bytes(24))
    with ArrayFile(path) as file:
        with path.open("r+b") as other:
            other.truncate(path.stat().st_size - 1)
        with pytest.raises(UnreadableArrays, match="ends within W"):
            file.read("W")


def test_memory_is_taken_only_for_what_is_read(tmp_path: Path) -> None:
    save_file({"W": np.zeros((64, 128, 128), np.float32)}, tmp_path / "w")  # 4 MiB
    tracemalloc.start()
    try:
        with ArrayFile(tmp_path / "w") as file:
            file.read_at("W", 63)
        assert tracemalloc.get_traced_memory()[1] < 300_000  # a lane is 64 KiB
    finally:
        tracemalloc.stop()
