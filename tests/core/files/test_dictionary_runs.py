"""A run of dictionaries on disk: kept, opened, exported and summarised."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.core.training.stopping import assert_same_record
from tests.scripted_dictionaries import scripted_engines

from superpos_core.errors import InvalidValue
from superpos_core.files.export import check_export, export
from superpos_core.files.runs.reader import RunReader
from superpos_core.files.runs.resuming import checkpoint_in
from superpos_core.files.runs.state_file import read_state
from superpos_core.files.runs.writer import RunWriter
from superpos_core.files.storage import loss_rows
from superpos_core.files.summary import summarise
from superpos_core.files.weights.saelens import read_dictionary
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

CONFIG = replace(SMALL_DICTIONARIES, name="dictionaries")


def kept(folder: Path, config: ExperimentConfig = CONFIG) -> Snapshot:
    folder.mkdir()
    return train(config, engine=scripted_engines, journal=RunWriter(folder))


def opened(folder: Path) -> DictionaryRecord:
    reader = RunReader(folder)
    while reader.refresh() and reader.is_behind:
        pass
    assert reader.snapshot is not None
    return reader.snapshot.record_as(DictionaryRecord)


def test_a_kept_run_opens_as_it_was(tmp_path: Path) -> None:
    snapshot = kept(tmp_path / "run")
    record = opened(tmp_path / "run")
    assert_same_record(snapshot.record, record)
    assert {path.name for path in (tmp_path / "run" / "timeline").iterdir()} == set(
        CONFIG.dictionaries
    )
    header = (tmp_path / "run" / "loss.csv").read_text().split("\n")[0]
    assert header.startswith("step,relu S=0.5 seed 0,relu S=0.5 seed 1")


def test_a_kept_run_goes_on_where_it_ended(tmp_path: Path) -> None:
    kept(tmp_path / "run")
    checkpoint = checkpoint_in(tmp_path / "run")
    longer = replace(checkpoint.config, steps=60)
    writer = RunWriter(tmp_path / "run", resumes=True)
    checkpoint = replace(checkpoint, config=longer)
    train(longer, engine=scripted_engines, checkpoint=checkpoint, journal=writer)
    expected = kept(tmp_path / "whole", longer).record
    assert_same_record(opened(tmp_path / "run"), expected)
    resumed, whole = (tmp_path / name / "loss.csv" for name in ("run", "whole"))
    assert sorted(resumed.read_text().splitlines()) == sorted(whole.read_text().splitlines())


def test_the_losses_of_a_kept_run_have_l0_beside_them(tmp_path: Path) -> None:
    record = kept(tmp_path / "run").record_as(DictionaryRecord)
    header, *rows = csv.reader((tmp_path / "run" / "loss.csv").read_text().splitlines())
    assert header[13:] == [f"{name} L0" for name in header[1:13]]
    column = header.index("gated S=0.9 seed 1 L0")
    found = {int(row[0]): np.float32(row[column]) for row in rows if row[column]}
    curve = record.cohorts["gated"].active
    assert found == dict(zip(curve.steps.tolist(), curve.mean[3], strict=True))


def test_an_export_has_l0_too(tmp_path: Path) -> None:
    snapshot = train(CONFIG, engine=scripted_engines)
    header, *rows = loss_rows(snapshot.record)
    assert header[13] == "relu S=0.5 seed 0 L0"
    k = CONFIG.active_latents
    assert [float(row[13]) for row in rows] == pytest.approx([k + 1 / s for s in range(1, 41)])


def test_an_export_holds_the_weights_and_opens_again(tmp_path: Path) -> None:
    snapshot = train(CONFIG, engine=scripted_engines)
    list(export(snapshot, tmp_path / "out", ("svg",), 1.0))
    assert_same_record(snapshot.record, opened(tmp_path / "out"))
    lanes = json.loads((tmp_path / "out" / "summary.json").read_text())["lanes"]
    assert [lane["model"] for lane in lanes[::4]] == ["relu", "gated", "batch-topk"]


def test_the_summary_measures_every_dictionary() -> None:
    config = replace(
        CONFIG, directions="orthogonal", features=2, latents=2, dictionary_start="truth", steps=1,
        active_latents=2.0, dictionaries=("relu",),
    )  # fmt: skip
    snapshot = train(config, engine=scripted_engines).at_step(0)
    summary = summarise(snapshot, 1.0)
    first = summary["lanes"][0]
    assert (first["model"], first["sparsity"], first["steps"]) == ("relu", 0.5, 0)
    assert (first["recovered"], first["dead"], first["duplicates"]) == (2, 0, 0)
    assert first["mcc"] == pytest.approx(1, abs=0.01)
    # One of two features is active on average; the latent of the other may round to above 0.
    assert 0.95 < first["l0"] < 1.55
    assert summary["loss_low"] == min(lane["loss_mean"] for lane in summary["lanes"])
    record = replace(snapshot.record, unknown=frozenset({"sparsities"}))
    unknown = summarise(replace(snapshot, record=record), 1.0)["lanes"][0]
    assert (unknown["mcc"], unknown["loss_mean"], unknown["sparsity"]) == (None, None, None)


def test_directions_that_are_gone_make_no_record(tmp_path: Path) -> None:
    kept(tmp_path / "run")
    (tmp_path / "run" / "state.safetensors").unlink()
    reader = RunReader(tmp_path / "run")
    reader.refresh()
    assert reader.snapshot is None
    with pytest.raises(InvalidValue, match=r"it has no state.safetensors"):
        checkpoint_in(tmp_path / "run")


def dictionaries_in(folder: Path) -> dict[str, bytes]:
    found = (folder / "saelens").rglob("*")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()}


def test_an_export_writes_every_dictionary_for_saelens(tmp_path: Path) -> None:
    snapshot, formats = train(CONFIG, engine=scripted_engines), ("saelens",)
    paths = list(export(snapshot, tmp_path / "out", formats, 1.0))
    written = [path for path in paths if path.is_dir()]
    assert len(written) == 3 * 4
    assert not [path for path in paths if path.suffix == ".png"]
    assert written[1] == tmp_path / "out" / "saelens" / "relu" / "S=0.5" / "seed=1"
    read = read_dictionary(written[1])
    parameters = snapshot.record_as(DictionaryRecord).cohorts["relu"].parameters
    np.testing.assert_array_equal(read.parameters.decoder, parameters.decoder[1])
    again = replace(snapshot, record=opened(tmp_path / "out"))
    list(export(again, tmp_path / "again", formats, 1.0))
    assert dictionaries_in(tmp_path / "again") == dictionaries_in(tmp_path / "out")


def test_dictionaries_of_a_replaced_run_go_with_it_and_nothing_else(tmp_path: Path) -> None:
    snapshot = train(CONFIG, engine=scripted_engines)
    list(export(snapshot, tmp_path, ("saelens",), 1.0))
    mine = tmp_path / "saelens" / "relu" / "mine.txt"
    mine.write_text("mine")
    other = train(replace(CONFIG, seed=9), engine=scripted_engines)
    list(export(other, tmp_path, ("svg",), 1.0, overwrite=True))
    assert dictionaries_in(tmp_path) == {"saelens/relu/mine.txt": b"mine"}
    with pytest.raises(InvalidValue, match="its saelens does not belong to a run"):
        list(export(other, tmp_path, ("saelens",), 1.0, overwrite=True))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (replace(CONFIG, kind="lanes"), "formats saelens: this run trains no dictionaries"),
        (replace(CONFIG, restarts=500), "this run has 3,000 dictionaries"),
    ],
)
def test_what_saelens_cannot_have_is_refused_before_training(
    config: ExperimentConfig, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValue, match=reason) as refused:
        check_export(config, tmp_path / "out", ("png", "saelens"))
    assert str(refused.value).isprintable()
    assert not (tmp_path / "out").exists()


def test_a_state_holds_no_array_twice_and_none_wider_than_it_is_trained(tmp_path: Path) -> None:
    config = replace(CONFIG, dictionaries=("relu",), steps=2_100)  # longer than a curve
    train(config, engine=scripted_engines, journal=RunWriter(tmp_path))
    stored = read_state(tmp_path).arrays.values()
    arrays = [each for each in stored if each.ndim > 1 and each.size]
    assert {each.dtype for each in arrays} == {np.dtype(np.float32)}
    assert len({each.tobytes() for each in arrays}) == len(arrays)
