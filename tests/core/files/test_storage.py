"""Files of a run: written whole or not at all, and read back unchanged."""

import csv
import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file
from tests.core.snapshots import SMALL, spoiled, trained, with_losses

from superpos_core.errors import InvalidValue
from superpos_core.files import storage
from superpos_core.record.lanes import LanesRecord


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def full_disk(path: Path, content: bytes) -> int:
    """Stands in for ``Path.write_bytes``: half of it is written, then the disk is full."""
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_file_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    with storage.writing(path) as temporary:
        temporary.write_bytes(b"new")
        assert temporary.parent == tmp_path
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == {"a.json"}


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def write() -> None:
        with storage.writing(path) as temporary:
            temporary.write_bytes(b"half of the n")
            raise interruption

    with pytest.raises(interruption):
        write()
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == {"a.json"}


def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_bytes", full_disk)
    path = tmp_path / "a.json"
    with pytest.raises(storage.WriteError) as caught:
        storage.write_bytes(path, b"content")
    assert str(caught.value) == f"cannot write {path}: no space left on device"
    assert isinstance(caught.value, OSError)
    assert names_in(tmp_path) == set()


def test_the_error_for_a_missing_folder_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.json"
    with pytest.raises(storage.WriteError, match="no such file or directory") as caught:
        storage.write_bytes(path, b"content")
    assert caught.value.path == path


def test_an_output_folder_is_created_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    storage.prepare_folder(folder)
    storage.prepare_folder(folder)
    assert names_in(folder) == set()


def test_a_file_is_refused_as_output_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(InvalidValue, match=f"export {path}: it is a file, not a folder; choose a"):
        storage.prepare_folder(path)
    with pytest.raises(InvalidValue, match="not a directory"):
        storage.prepare_folder(path / "below")


def test_a_dangling_link_is_reported_as_such(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    with pytest.raises(InvalidValue, match="it is a link to nowhere, which does not exist"):
        storage.prepare_folder(link)
    assert not (tmp_path / "nowhere").exists()


def test_the_root_of_the_file_system_is_refused_as_output_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_bytes", refuse)
    (tmp_path / "root").symlink_to(tmp_path.anchor)
    for path in (Path(tmp_path.anchor), Path(tmp_path.anchor, "usr", ".."), tmp_path / "root"):
        with pytest.raises(InvalidValue, match="it is the root of the file system"):
            storage.prepare_folder(path)


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize("method", ["mkdir", "write_bytes"])
def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(InvalidValue, match="permission denied") as caught:
        storage.prepare_folder(tmp_path / "out")
    assert caught.value.name == "export"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere"
)
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(InvalidValue, match="permission denied"):
            storage.prepare_folder(tmp_path)
    finally:
        tmp_path.chmod(0o755)


def test_weights_are_read_back_unchanged(tmp_path: Path) -> None:
    record = trained()
    path = tmp_path / "weights.safetensors"
    storage.write_weights(path, record)
    read = load_file(path)
    assert set(read) == {
        f"{model}/S={sparsity}/{name}"
        for model, names in (("tied", "W b"), ("untied", "W1 W2 b"))
        for sparsity in ("0", "0.9")
        for name in names.split()
    }
    tied, untied = (record.cohorts[model].parameters for model in ("tied", "untied"))
    assert not untied.is_tied
    np.testing.assert_array_equal(read["tied/S=0.9/W"], tied.encoder[1])
    np.testing.assert_array_equal(read["tied/S=0/b"], tied.bias[0])
    np.testing.assert_array_equal(read["untied/S=0.9/W1"], untied.encoder[1])
    np.testing.assert_array_equal(read["untied/S=0.9/W2"], untied.decoder[1])


def test_non_finite_weights_are_kept_bit_by_bit(tmp_path: Path) -> None:
    record = spoiled(trained())
    storage.write_weights(tmp_path / "w", record)
    kept = load_file(tmp_path / "w")["tied/S=0/W"]
    np.testing.assert_array_equal(kept, record.cohorts["tied"].parameters.encoder[0])


def test_the_config_is_in_the_metadata_of_the_weights(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    storage.write_weights(path, trained())
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    assert json.loads(metadata["config"]) == json.loads(json.dumps(SMALL.as_dict()))


def test_losses_have_one_row_per_step_and_one_column_per_lane(tmp_path: Path) -> None:
    record = trained()
    storage.write_losses(tmp_path / "loss.csv", record)
    header, *rows = rows_of(tmp_path / "loss.csv")
    assert header == ["step", "tied S=0", "tied S=0.9", "untied S=0", "untied S=0.9"]
    assert [int(row[0]) for row in rows] == list(range(1, SMALL.steps + 1))
    read = np.array([[np.float32(cell) for cell in row[1:]] for row in rows])
    expected = [record.cohorts[model].losses.mean for model in ("tied", "untied")]
    np.testing.assert_array_equal(read.T, np.concatenate(expected))


def late(record: LanesRecord) -> LanesRecord:
    """The untied model has taken only two steps."""
    cohorts = dict(record.cohorts)
    short = with_losses(SMALL, np.array([[0.5, 0.25], [np.nan, np.inf]]))
    cohorts["untied"] = short.cohorts["untied"]
    return replace(record, cohorts=cohorts)


def test_losses_can_be_missing_or_not_finite(tmp_path: Path) -> None:
    storage.write_losses(tmp_path / "loss.csv", late(trained()))
    _, first, second, third, *_ = rows_of(tmp_path / "loss.csv")
    assert first[3:] == ["0.5", "0.25"]
    assert second[3:] == ["nan", "inf"]
    assert third[3:] == ["", ""]
    assert all(first[1:3] + third[1:3])


def test_the_losses_of_a_run_without_steps_are_only_a_header(tmp_path: Path) -> None:
    storage.write_losses(tmp_path / "loss.csv", with_losses(SMALL, np.empty((0, 2))))
    assert len(rows_of(tmp_path / "loss.csv")) == 1


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


def no_constants(text: str) -> Any:
    def refuse_constant(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse_constant)


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_data_becomes_strict_json(data: object) -> None:
    read = no_constants(storage.strict_json({"data": data}))["data"]
    assert _same(read, data)


def _same(read: object, data: object) -> bool:
    if isinstance(data, float) and not np.isfinite(data):
        return read is None
    if isinstance(data, list):
        return isinstance(read, list) and all(map(_same, read, data)) and len(read) == len(data)
    if isinstance(data, dict):
        return isinstance(read, dict) and all(_same(read[key], data[key]) for key in data)
    return read == data


@pytest.mark.parametrize("make", [np.float32, np.array, lambda value: np.array([value])])
def test_numpy_values_become_plain_values(make: Callable[[float], object]) -> None:
    read = no_constants(storage.strict_json({"value": make(0.5), "bad": make(float("nan"))}))
    assert np.ravel(read["value"]).tolist() == [0.5]
    assert np.ravel(read["bad"]).tolist() == [None]
