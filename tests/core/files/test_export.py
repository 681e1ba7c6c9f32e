"""Export: every file, the keys that others read, and nothing half-written."""

import errno
import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.core.snapshots import SMALL, finished, left_by, spoiled, trained

from superpos_core.analysis import evaluation
from superpos_core.analysis.evaluation import evaluate
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.files.export import export
from superpos_core.files.formats import parse_formats
from superpos_core.files.storage import WriteError
from superpos_core.files.summary import summarise
from superpos_core.geometry import measures
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import initial_parameters
from superpos_core.task.lanes import Lane

ONE = replace(SMALL, models=("tied",), sparsities=(0.9,))

TOP_NAMES = {
    "experiment", "config", "seed", "versions", "engine", "device", "seconds_training",
    "share_done",
    "provenance", "loss_low", "loss_high", "shapes", "checks",
    "lanes",
}  # fmt: skip
LANE_NAMES = {
    "model", "sparsity", "density", "swept", "seed", "steps", "rank", "loss_mean", "loss_total",
    "loss_over_linear", "loss_minimised", "represented", "shapes", "dimensions_per_feature",
    "sum_dimensionality", "feature_norms", "feature_dimensionality",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a small run."""
    path = tmp_path_factory.mktemp("export") / "out"
    list(export(finished(), path, ("svg",), 1.5))
    return path


@pytest.fixture(scope="module")
def in_all_formats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a run of one lane in all formats."""
    path = tmp_path_factory.mktemp("export") / "out"
    list(export(finished(ONE), path, ("png", "svg", "pdf"), 1.5))
    return path


def read_summary(folder: Path) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads((folder / "summary.json").read_text("utf-8"), parse_constant=refuse)


def test_everything_is_written_and_nothing_else(folder: Path, in_all_formats: Path) -> None:
    figures = {
        "gram-tied", "gram-untied", "weights-tied", "weights-untied", "norms-tied", "norms-untied",
        "geometry-tied", "geometry-untied", "dimensionality-tied", "dimensionality-untied", "loss",
    }  # fmt: skip
    data = {
        "run.json", "weights.safetensors", "loss.csv", "summary.json", "state.safetensors",
        "status.json", "timeline",
    }  # fmt: skip
    assert {path.name for path in folder.iterdir()} == {f"{name}.svg" for name in figures} | data
    of_one_lane = {
        f"{name}.{file_format}"
        for name in figures
        if "untied" not in name
        for file_format in ("png", "svg", "pdf")
    }
    assert {path.name for path in in_all_formats.iterdir()} == of_one_lane | data


def test_figures_open_and_are_sized_for_print(in_all_formats: Path) -> None:
    for path in in_all_formats.glob("*.png"):
        with Image.open(path) as image:
            assert 4.3 * 300 <= image.width <= 7.25 * 300, path
            image.load()
    for path in in_all_formats.glob("*.svg"):
        assert b"<svg" in path.read_bytes()[:400], path
    for path in in_all_formats.glob("*.pdf"):
        content = path.read_bytes()
        assert content.startswith(b"%PDF-"), path
        assert content.rstrip().endswith(b"%%EOF"), path


def test_the_summary_has_the_stable_keys(folder: Path) -> None:
    summary = read_summary(folder)
    assert set(summary) == TOP_NAMES
    assert summary["experiment"] == "small"
    assert summary["config"] == json.loads(json.dumps(SMALL.as_dict()))
    assert (summary["seed"], summary["engine"]) == (0, "scripted")
    assert summary["seconds_training"] == 1.5
    assert {"superpos-tui", "python", "numpy", "torch"} <= set(summary["versions"])
    for lane in summary["lanes"]:
        assert set(lane) >= LANE_NAMES
    order = [(lane["model"], lane["sparsity"]) for lane in summary["lanes"]]
    assert order == [("tied", 0.0), ("tied", 0.9), ("untied", 0.0), ("untied", 0.9)]


def test_the_numbers_of_a_lane_match_its_measures(folder: Path) -> None:
    lane = read_summary(folder)["lanes"][1]
    parameters = trained().cohorts["tied"].parameters.take(1)
    encoder = parameters.encoder.astype(np.float64)
    expected = evaluate(SMALL, SMALL.lanes[1], parameters)
    assert lane["evaluation_rows"] >= 100_000
    assert (lane["steps"], lane["density"], lane["seed"]) == (SMALL.steps, 0.1, 0)
    assert lane["loss_mean"] == expected.loss_mean
    assert lane["loss_total"] == pytest.approx(5 * lane["loss_mean"])
    assert lane["loss_over_linear"] == expected.loss_over_linear
    assert lane["represented"] == measures.represented(encoder)
    assert lane["dimensions_per_feature"] == measures.dimensions_per_feature(encoder)
    assert lane["feature_norms"] == measures.feature_norms(encoder).tolist()
    dimensionality = measures.feature_dimensionality(encoder)
    assert lane["feature_dimensionality"] == dimensionality.tolist()
    assert lane["sum_dimensionality"] == pytest.approx(dimensionality.sum())
    assert lane["sum_dimensionality"] <= SMALL.hidden + 1e-9


def test_non_finite_numbers_are_null(tmp_path: Path) -> None:
    list(export(left_by(spoiled(trained(ONE))), tmp_path, ("png",), 1))
    (lane,) = read_summary(tmp_path)["lanes"]
    assert lane["loss_mean"] is None
    assert lane["sum_dimensionality"] is None
    assert lane["feature_norms"][0] is None
    assert lane["feature_norms"][1] is not None


def test_the_same_run_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("first", "second"):
        list(export(finished(ONE), tmp_path / name, ("svg",), 1))
    first, second = tmp_path / "first", tmp_path / "second"
    paths = [path for path in first.rglob("*") if path.is_file()]
    assert any("timeline" in path.parts for path in paths)
    for path in paths:
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


def test_each_path_is_yielded_once_its_file_is_complete(tmp_path: Path) -> None:
    paths: list[Path] = []
    for path in export(finished(ONE), tmp_path, ("svg",), 1):
        assert path.stat().st_size > 0
        paths.append(path)
    assert len(set(paths)) == len(paths) == 12
    assert set(paths) == {path for path in tmp_path.iterdir() if path.is_file()}


@pytest.mark.parametrize("formats", [(), ("gif",), ("png", "eps")])
def test_unknown_formats_are_refused_at_once(tmp_path: Path, formats: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue, match="choose png, svg, pdf or saelens") as caught:
        export(finished(ONE), tmp_path / "out", formats, 1)
    assert caught.value.name == "formats"
    assert list(tmp_path.iterdir()) == []


def test_formats_are_deduplicated_and_case_insensitive() -> None:
    assert parse_formats(("PNG", "svg", "png")) == ("png", "svg")


def test_an_unwritable_folder_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidValue, match="it is a file"):
        export(finished(ONE), tmp_path / "file", ("png",), 1)


def files_until(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full after this many files."""
    write_bytes = Path.write_bytes
    budget: Iterator[int] = iter(range(number + 1))

    def write(path: Path, content: bytes) -> int:
        if next(budget, None) is not None:
            return write_bytes(path, content)
        write_bytes(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a whole export, in the order of writing."""
    paths = export(finished(ONE), tmp_path_factory.mktemp("whole"), ("svg",), 1)
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.parametrize(("number", "files"), [(0, 0), (1, 1), (3, 2), (5, 3)])
def test_a_write_that_fails_midway_leaves_only_complete_files(
    whole: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    files: int,
) -> None:
    """The manifest is written twice: again once the figures are known. Then come the moments."""
    files_until(number, monkeypatch)
    written: list[Path] = []
    with pytest.raises(WriteError, match="no space left on device"):
        written.extend(export(finished(ONE), tmp_path, ("svg",), 1))
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert {path.name for path in written} <= left.keys()
    assert left.keys() == set(list(whole)[:files])
    assert all(left[name] == whole[name] for name in left if name != "run.json")


def test_the_best_restart_of_each_setting_is_evaluated_on_the_most_rows() -> None:
    record = trained(replace(ONE, sparsities=(0.0, 0.9), restarts=3))
    (cohort,) = record.cohorts.values()
    lanes = summarise(left_by(record), 1.0)["lanes"]
    most = {
        (lane["sparsity"], lane["seed"]) for lane in lanes if lane["evaluation_rows"] == 1 << 18
    }
    assert most == {(lane.sparsity, lane.seed) for lane in cohort.best().lanes}
    assert {lane["evaluation_rows"] for lane in lanes} == {1 << 18, 1 << 15}


@pytest.mark.parametrize(
    ("features", "rows"), [(1, 1 << 18), (32, 1 << 18), (64, 1 << 17), (4096, 1 << 14)]
)
def test_more_features_need_fewer_evaluation_rows(features: int, rows: int) -> None:
    assert evaluation.evaluation_rows(features) == rows


@pytest.mark.parametrize(("features", "chunk"), [(20, 1 << 14), (256, 1 << 14), (4096, 1 << 10)])
def test_lanes_are_evaluated_in_bounded_memory(
    monkeypatch: pytest.MonkeyPatch, features: int, chunk: int
) -> None:
    """Small lanes keep the chunks that they always had, so that the numbers stay the same."""
    chunks: list[int] = []

    def empty(config: ExperimentConfig, *arguments: Any) -> FloatArray:
        chunks.append(arguments[-1])
        return np.zeros((1, config.features), np.float32)

    config = replace(ONE, features=features, importance=1)
    parameters = initial_parameters(config, config.lanes[0])
    monkeypatch.setattr(evaluation, "fresh_rows", empty)
    evaluation.evaluate(config, config.lanes[0], parameters)
    assert (set(chunks), sum(chunks)) == ({chunk}, evaluation.EVALUATION_ROWS)


def test_an_interrupted_evaluation_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When a signal ends the program, queued lanes do not start and running ones stop."""
    begun: list[Lane] = []

    def endless(config: ExperimentConfig, lane: Lane, *_: object, **options: Any) -> None:
        begun.append(lane)
        if len(begun) == 2:
            # To the main thread, as from a terminal: only there it interrupts a wait.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        while True:
            options["on_chunk"]()

    monkeypatch.setattr("superpos_core.files.summary.evaluate", endless)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            summarise(finished(replace(ONE, restarts=20)), 1.0, threads=2)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(begun) == 2


def test_a_summary_needs_no_files() -> None:
    summary = summarise(finished(ONE), 2.0)
    assert set(summary) == TOP_NAMES
    assert summary["seconds_training"] == 2.0


def test_weights_losses_and_numbers_are_written_before_anything_is_drawn(tmp_path: Path) -> None:
    paths = export(finished(ONE), tmp_path, ("png",), 1)
    names = [next(paths).name for _ in range(6)]
    kept = ["loss.csv", "state.safetensors", "status.json"]
    assert names == ["run.json", "weights.safetensors", *kept, "summary.json"]
