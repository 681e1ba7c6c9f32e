"""Whatever a file holds: one line, nothing executed, no more memory than the file has bytes."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.core.files.weights.hostile import HOSTILE

from superpos_core.array_files import numpy_files
from superpos_core.errors import InvalidValue
from superpos_core.files.weights.opening import open_weights

SPARE = 600_000
"""Bytes for everything that does not depend on the file, such as an import."""
OF_HEADER = 12
"""Parsed JSON takes this many times the bytes of its text."""


def test_there_are_a_hundred_of_them() -> None:
    assert len(HOSTILE) >= 100


@pytest.fixture(scope="module", autouse=True)
def everything_imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("first")
    np.save(folder / "w.npy", np.ones((3, 2)))
    np.savez(folder / "w.npz", W=np.ones((3, 2)))
    for name in ("w.npy", "w.npz"):
        open_weights(folder / name)


@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_refused_in_one_line(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(HOSTILE[case])
    monkeypatch.chdir(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidValue) as refused:
            open_weights(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    message = str(refused.value)
    assert message.isprintable()
    assert len(message) < 700
    assert peak < OF_HEADER * len(HOSTILE[case]) + SPARE
    assert not Path("executed").exists()


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W.npy", bytes(1 << 20))
    content = bytearray(file.getvalue())
    # The directory at the end of the archive says what its members unpack to.
    start = content.rfind(b"PK\x01\x02")
    content[start + 24 : start + 28] = (numpy_files.MAX_UNPACKED + 1).to_bytes(4, "little")
    (tmp_path / "w.npz").write_bytes(content)
    with pytest.raises(InvalidValue, match="more than the 1 GiB"):
        open_weights(tmp_path / "w.npz")


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w", "w") as file:
        file.writestr("W.npy", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("W.npy", b"2")
    with pytest.raises(InvalidValue, match="two members of one name"):
        open_weights(tmp_path / "w")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="not a regular file"):
        open_weights(tmp_path)
