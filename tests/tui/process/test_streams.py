"""Streams that accept everything, and say what they could not write."""

import codecs
import errno
import io
import os
import threading
from pathlib import Path

import pytest

from superpos_tui.process import streams

pytestmark = pytest.mark.skipif(os.name == "nt", reason="streams are those of POSIX")


def stream_to(descriptor: int, encoding: str = "utf-8") -> io.TextIOWrapper:
    """A guarded stream in place of one with this encoding."""
    before = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    guarded = streams._guarded(before, descriptor)
    assert isinstance(guarded, io.TextIOWrapper)
    return guarded


@pytest.fixture(autouse=True)
def _handler() -> None:
    codecs.register_error(streams.REPLACED, streams._replace)


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("utf-8", "Ŵ x̂", "Ŵ x̂".encode()),
        ("cp1252", "Ŵ é", b"? \xe9"),
        ("ascii", "a×b", b"a?b"),
        ("utf-8", os.fsdecode(b"o-\xff"), b"o-\xff"),
        ("ascii", "o-\udcc5\udcb4", b"o-\xc5\xb4"),
        ("utf-16-le", "a\udcff", "a?".encode("utf-16-le")),
        ("utf-8", "\ud800", b"?"),
    ],
)
def test_characters_that_an_encoding_lacks_are_replaced(
    encoding: str, text: str, expected: bytes, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("wb") as file:
        stream = stream_to(file.fileno(), encoding)
        stream.write(text)
        stream.flush()
    assert (tmp_path / "out").read_bytes() == expected


def test_a_full_device_is_remembered_and_nothing_fails_afterwards() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no such device")
    descriptor = os.open("/dev/full", os.O_WRONLY)
    stream = stream_to(descriptor)
    for _ in range(3):
        stream.write("x" * 100_000)
        stream.flush()
    failure = stream.buffer.raw.failure  # type: ignore[attr-defined]
    assert failure.errno == errno.ENOSPC
    os.close(descriptor)


def test_a_non_blocking_pipe_receives_everything() -> None:
    """Another program on the same terminal may have made it non-blocking."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    stream = stream_to(writing)
    received = bytearray()

    def read() -> None:
        while chunk := os.read(reading, 1000):
            received.extend(chunk)

    reader = threading.Thread(target=read)
    reader.start()
    stream.write("0123456789" * 100_000)
    stream.flush()
    os.close(writing)
    reader.join()
    os.close(reading)
    assert bytes(received) == b"0123456789" * 100_000


def test_a_pipe_whose_reader_has_left_accepts_the_rest() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = stream_to(writing)
    stream.write("a\n")
    stream.flush()
    stream.write("b\n")
    stream.flush()
    assert isinstance(stream.buffer.raw.failure, BrokenPipeError)  # type: ignore[attr-defined]
    os.close(writing)
