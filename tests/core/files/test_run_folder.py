"""A folder belongs to one moment of one run, and files of others in it are never touched."""

import errno
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.core.snapshots import SMALL, finished, left_by, spoiled, trained
from tests.folders import contents

from superpos_core.errors import InvalidValue
from superpos_core.figures.drawing import Drawn
from superpos_core.files import storage
from superpos_core.files.export import check_export, export
from superpos_core.files.run_folder import claim, folder_for, write_beside
from superpos_core.files.runs.manifest import ADDED_SETTINGS, Manifest, identifying_settings
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig

ONE = replace(SMALL, models=("tied",), sparsities=(0.9,))
OTHERS: dict[str, ExperimentConfig] = {
    "another sparsity": replace(ONE, sparsities=(0.5,)),
    "another model": replace(ONE, models=("untied",)),
    "more models": replace(ONE, models=("tied", "mlp")),
    "another size": replace(ONE, features=8, hidden=3),
    "another batch": replace(ONE, batch=512),
}


def named(_: Record, names: Sequence[str], formats: Sequence[str]) -> Iterator[Drawn]:
    """Stands in for figures, which would take seconds: only their names."""
    for name in names:
        yield Drawn(name, {file_format: name.encode() for file_format in formats})


def exported(snapshot: Snapshot, folder: Path, **options: Any) -> list[Path]:
    return list(export(snapshot, folder, ("svg",), 1.0, draw=named, **options))


def test_a_manifest_lists_every_file_and_can_be_read_back(tmp_path: Path) -> None:
    exported(finished(ONE), tmp_path)
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert set(manifest.files) == {path.name for path in tmp_path.iterdir()}
    assert manifest.identity == Manifest.of(finished(ONE)).identity
    assert manifest.description == "small, seed 0, step 40"


@pytest.mark.parametrize("other", OTHERS)
def test_another_run_has_another_identity(other: str) -> None:
    assert Manifest.of(finished(OTHERS[other])).identity != Manifest.of(finished(ONE)).identity


OLDEST_SETTINGS = {
    "name", "features", "hidden", "importance", "distribution", "set_size", "dataset_size",
    "models", "sparsities", "sweep", "sweep_values", "restarts", "seed", "steps", "batch",
    "optimiser", "momentum", "learning_rate", "learning_rate_schedule", "warm_up", "weight_decay",
    "hidden_penalty", "initial_scale",
}  # fmt: skip
"""The settings of the first folders; later ones must not change who those runs are."""


def test_settings_added_later_leave_the_identity_of_older_runs_alone() -> None:
    config = ExperimentConfig("older")
    assert set(identifying_settings(config)) == OLDEST_SETTINGS
    for name, value in ADDED_SETTINGS.items():
        assert config.as_dict()[name] == value


@pytest.mark.parametrize(
    ("added", "value"), [("frequency", "zipf"), ("alpha", 2.0), ("branching", 3), ("rows", "x")]
)
def test_a_setting_added_later_counts_once_it_is_used(added: str, value: object) -> None:
    values = ExperimentConfig("newer").as_dict() | {added: value}
    config = SimpleNamespace(as_dict=lambda: values)
    assert set(identifying_settings(config)) == OLDEST_SETTINGS | {added}  # type: ignore[arg-type]


def test_other_weights_or_another_step_have_another_identity() -> None:
    run = finished(ONE)
    moments = (run, left_by(spoiled(trained(ONE))), run.at_step(3))
    identities = [Manifest.of(each).identity for each in moments]
    assert len(set(identities)) == 3


BROKEN_RECORDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no JSON": lambda values: None,
    "a list": lambda values: [values],
    "of a newer format": lambda values: {**values, "format": 3},
    "without files": lambda values: {key: values[key] for key in values if key != "files"},
    "that leads out of the folder": lambda values: {**values, "files": ["../precious"]},
    "that names the folder": lambda values: {**values, "files": [".."]},
    "with an absolute path": lambda values: {**values, "files": ["/etc/passwd"]},
    "with steps that are none": lambda values: {**values, "steps": {"tied": "many"}},
}


@pytest.mark.parametrize("kind", BROKEN_RECORDS)
def test_a_foreign_manifest_is_left_alone(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "out"
    exported(finished(ONE), folder)
    values = BROKEN_RECORDS[kind](json.loads((folder / "run.json").read_text("utf-8")))
    text = "{" if values is None else json.dumps(values)
    (folder / "run.json").write_text(text, encoding="utf-8")
    before = contents(folder)
    for overwrite in (False, True):
        with pytest.raises(InvalidValue, match=r"its run\.json does not belong to a run"):
            exported(finished(OTHERS["another model"]), folder, overwrite=overwrite)
    assert contents(folder) == before


@pytest.mark.parametrize("other", ["the same", *OTHERS])
def test_a_folder_that_holds_a_run_is_refused_before_training(tmp_path: Path, other: str) -> None:
    exported(finished(ONE), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InvalidValue, match=r"holds a run \(small, seed 0, step 40\).*--overwrite"):
        check_export(OTHERS.get(other, ONE), tmp_path, ("svg",))
    check_export(OTHERS.get(other, ONE), tmp_path, ("svg",), overwrite=True)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("other", OTHERS)
def test_a_run_is_never_replaced_by_another(tmp_path: Path, other: str) -> None:
    exported(finished(ONE), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InvalidValue, match="holds a run"):
        exported(finished(OTHERS[other]), tmp_path)
    assert contents(tmp_path) == before


def test_exporting_the_same_moment_again_keeps_the_other_files(tmp_path: Path) -> None:
    exported(finished(ONE), tmp_path)
    before = contents(tmp_path)
    list(export(finished(ONE), tmp_path, ("png",), 1.0, draw=named))
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert set(manifest.files) == {path.name for path in tmp_path.iterdir()}
    assert {name: contents(tmp_path)[name] for name in before if name != "run.json"} == {
        name: content for name, content in before.items() if name != "run.json"
    }


def test_overwriting_removes_all_files_of_the_old_run_and_no_others(tmp_path: Path) -> None:
    exported(finished(OTHERS["more models"]), tmp_path)
    write_beside(tmp_path, "probe", {"svg": b"a probe"})
    own = {"notes.txt": b"mine", "gram-mine.svg": b"mine too", "loss.png": b"and this"}
    for name, content in own.items():
        (tmp_path / name).write_bytes(content)
    alone = tmp_path / "alone"
    exported(finished(ONE), alone)
    expected = contents(alone)
    shutil.rmtree(alone)
    exported(finished(ONE), tmp_path, overwrite=True)
    assert contents(tmp_path) == expected | own


@pytest.mark.parametrize(
    "name", ["summary.json", "weights.safetensors", "loss.csv", "gram-tied.svg", "loss.svg"]
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_foreign_file_with_one_of_our_names_is_refused(
    tmp_path: Path, name: str, overwrite: bool
) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(InvalidValue, match=f"its {name} does not belong to a run"):
        check_export(ONE, tmp_path, ("svg",), overwrite=overwrite)
    with pytest.raises(InvalidValue, match=f"its {name} does not belong to a run"):
        exported(finished(ONE), tmp_path, overwrite=overwrite)
    assert contents(tmp_path) == {name: b"mine"}


def test_other_files_are_allowed(tmp_path: Path) -> None:
    own = {"notes.txt": b"mine", "holiday.svg": b"mine too"}
    for name, content in own.items():
        (tmp_path / name).write_bytes(content)
    exported(finished(ONE), tmp_path)
    assert contents(tmp_path).items() >= own.items()


def test_a_full_disk_while_replacing_a_run_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(finished(ONE), tmp_path)
    before = contents(tmp_path)
    write_bytes = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "weights" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(storage.WriteError, match="no space left"):
        exported(finished(OTHERS["another model"]), tmp_path, overwrite=True)
    monkeypatch.undo()
    after = contents(tmp_path)
    assert {name: after[name] for name in after if name != "run.json"} == {
        name: before[name] for name in before if name != "run.json"
    }
    exported(finished(OTHERS["another model"]), tmp_path, overwrite=True)
    assert "gram-tied.svg" not in contents(tmp_path)


def test_an_interrupted_export_can_be_replaced(tmp_path: Path) -> None:
    paths = export(finished(OTHERS["more models"]), tmp_path, ("svg",), 1.0, draw=named)
    for _ in range(6):
        next(paths)
    paths.close()  # type: ignore[attr-defined]
    with pytest.raises(InvalidValue, match="--overwrite"):
        check_export(ONE, tmp_path, ("svg",))
    exported(finished(ONE), tmp_path, overwrite=True)
    assert not [name for name in contents(tmp_path) if "mlp" in name or name.endswith(".part")]


def test_each_moment_has_its_own_folder(tmp_path: Path) -> None:
    first = folder_for(finished(ONE), tmp_path, "run")
    others = [folder_for(finished(config), tmp_path, "run") for config in OTHERS.values()]
    assert [path.name for path in (first, *others)] == ["run", *(f"run-{n}" for n in range(2, 7))]
    assert folder_for(finished(ONE), tmp_path, "run") == first
    assert folder_for(finished(OTHERS["another batch"]), tmp_path, "run") == others[-1]


@pytest.mark.parametrize("kind", ["a file", "an empty folder", "a dangling link", "notes"])
def test_anything_with_the_name_of_the_folder_is_left_alone(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "run"
    if kind == "a file":
        place.touch()
    elif kind == "a dangling link":
        place.symlink_to(tmp_path / "nowhere")
    else:
        place.mkdir()
    if kind == "notes":
        (place / "notes.txt").touch()
    assert folder_for(finished(ONE), tmp_path, "run") == tmp_path / "run-2"
    assert not (tmp_path / "nowhere").exists()


def test_concurrent_exports_use_separate_folders(tmp_path: Path) -> None:
    runs = [finished(config) for config in (ONE, *OTHERS.values())]
    ready, taken = threading.Barrier(len(runs)), list[Path]()

    def take(run: Snapshot) -> None:
        ready.wait()
        taken.append(folder_for(run, tmp_path, "run"))

    threads = [threading.Thread(target=take, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(runs)


def test_only_one_of_two_programs_can_claim_a_folder(tmp_path: Path) -> None:
    claim(tmp_path, Manifest.of(finished(ONE)))
    with pytest.raises(InvalidValue, match="--overwrite"):
        claim(tmp_path, Manifest.of(finished(OTHERS["another model"])))


def test_a_picture_of_a_view_never_replaces_another(tmp_path: Path) -> None:
    exported(finished(ONE), tmp_path)
    written = [
        write_beside(tmp_path, "probe", {"png": content, "svg": b"drawn"})
        for content in (b"one", b"two", b"one")
    ]
    assert [[path.name for path in paths] for paths in written] == [
        ["probe.png", "probe.svg"],
        ["probe-2.png", "probe-2.svg"],
        ["probe.png", "probe.svg"],
    ]
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert set(manifest.files) == {path.name for path in tmp_path.iterdir()}


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "results.json"
    elsewhere.parent.mkdir()
    folder = tmp_path / "out"
    exported(finished(ONE), folder)
    (folder / "summary.json").rename(elsewhere)
    (folder / "summary.json").symlink_to(elsewhere)
    elsewhere.write_bytes(b"old")
    exported(finished(ONE), folder)
    assert (folder / "summary.json").is_symlink()
    assert json.loads(elsewhere.read_text("utf-8"))["experiment"] == "small"
    assert [path.name for path in elsewhere.parent.iterdir()] == ["results.json"]
