"""Data from files: what is read, what is refused in one line, and what a config remembers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data_files import matrix_of
from superpos_core.task.dataset import check_data, dataset, fresh_rows
from superpos_core.task.options import read_options

ROWS = np.random.default_rng(2).normal(size=(40, 3)).astype(np.float32)
CONFIG = ExperimentConfig("own", hidden=1, models=("linear",), sparsities=(0.0,), importance=1.0)


def config_with(**typed: str) -> ExperimentConfig:
    return replace(CONFIG, **read_options(ExperimentConfig, typed))


def as_npy(path: Path, rows: FloatArray) -> Path:
    np.save(path.with_suffix(".npy"), rows)
    return path.with_suffix(".npy")


def as_npz(path: Path, rows: FloatArray) -> Path:
    np.savez(path.with_suffix(".npz"), mine=rows)
    return path.with_suffix(".npz")


def as_safetensors(path: Path, rows: FloatArray) -> Path:
    save_file({"mine": rows}, path.with_suffix(".safetensors"))
    return path.with_suffix(".safetensors")


def as_csv(path: Path, rows: FloatArray) -> Path:
    path = path.with_suffix(".csv")
    np.savetxt(path, rows, delimiter=",", header="a,b,c", comments="", fmt="%.9g")
    return path


@pytest.mark.parametrize("write", [as_npy, as_npz, as_safetensors, as_csv])
def test_own_rows_set_the_features_and_are_drawn_evenly(
    write: Callable[[Path, FloatArray], Path], tmp_path: Path
) -> None:
    config = config_with(rows=str(write(tmp_path / "rows", ROWS)))
    assert (config.features, config.distribution) == (3, "rows")
    lane = config.lanes[0]
    whole = dataset(replace(config, dataset_size=40), lane)
    np.testing.assert_array_equal(whole[np.lexsort(whole.T)], ROWS[np.lexsort(ROWS.T)])
    many = fresh_rows(config, lane, np.random.default_rng(0), 100)
    _, counts = np.unique(many, axis=0, return_counts=True)
    assert set(counts) == {2, 3}
    eigenvalues = np.linalg.eigvalsh(np.cov(ROWS.T, bias=True))
    assert linear_optimum_of(config, lane) == pytest.approx(eigenvalues[:2].sum(), rel=1e-5)


def test_normal_rows_have_the_covariance_of_the_file(tmp_path: Path) -> None:
    mixing = np.array([[1.0, 0, 0], [0.8, 0.5, 0], [0, -0.3, 2]])
    covariance = mixing @ mixing.T
    config = config_with(covariance=str(as_npy(tmp_path / "c", covariance)))
    assert (config.features, config.distribution) == (3, "covariance")
    data = fresh_rows(config, config.lanes[0], np.random.default_rng(1), 1 << 16)
    # The standard error of an entry is √((Σ_ii Σ_jj + Σ_ij²)/N).
    variance = np.diag(covariance)
    error = np.sqrt((np.outer(variance, variance) + covariance**2) / (1 << 16))
    assert (np.abs(data.T @ data / (1 << 16) - covariance) < 5 * error).all()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.array([[1, np.nan]]), "row 0, column 1 is nan"),
        (np.array([[1, 2], [np.inf, 0]]), "row 1, column 0 is inf"),
        (np.array([[1e9]]), "row 0, column 0 is 1e+09"),
        (np.zeros(4), "it holds 4, not rows of features"),
        (np.zeros((0, 4)), "it holds 0×4, not rows"),
        (np.zeros((2, 2), complex), "it holds complex128, not numbers"),
    ],
)
def test_rows_that_cannot_be_trained_on_are_refused(
    rows: FloatArray, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValue, match=reason.replace("+", r"\+")) as error:
        config_with(rows=str(as_npy(tmp_path / "rows", rows)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.ones((2, 3)), "2×3, not square"),
        (np.array([[1, 0.5], [0.2, 1]]), "not symmetric"),
        (np.array([[1, 2], [2, 1.0]]), "smallest eigenvalue is -1"),
    ],
)
def test_a_matrix_that_is_no_covariance_is_refused(
    matrix: FloatArray, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValue, match=reason):
        config_with(covariance=str(as_npy(tmp_path / "c", matrix)))


def test_other_files_are_refused(tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("a,b\n1,x\n")
    np.savez(tmp_path / "two.npz", a=ROWS, b=ROWS)
    for path, reason in [
        (words, "no table of numbers"),
        (tmp_path / "two.npz", "it holds 2 arrays"),
        (tmp_path, "not a regular file"),
        (tmp_path / "none.npy", "there is no such file"),
    ]:
        with pytest.raises(InvalidValue, match=reason):
            config_with(rows=str(path))


def test_a_config_knows_the_content_and_says_if_it_changed_or_is_gone(tmp_path: Path) -> None:
    path = as_npy(tmp_path / "rows", ROWS)
    config = config_with(rows=str(path))
    check_data(config)
    again = ExperimentConfig.from_dict(config.as_dict())
    assert again == config == config_with(rows=config.rows)
    np.save(path, ROWS + 1)
    other = config_with(rows=str(path))
    assert other.rows != config.rows
    matrix_of.cache_clear()  # as in a later process
    with pytest.raises(InvalidValue, match="it has changed since it was chosen"):
        check_data(config)
    assert np.isnan(linear_optimum_of(config, config.lanes[0]))
    path.unlink()
    with pytest.raises(InvalidValue, match="there is no such file"):
        check_data(config)


def test_options_that_contradict_a_file_are_refused(tmp_path: Path) -> None:
    path = str(as_npy(tmp_path / "rows", ROWS))
    with pytest.raises(InvalidValue, match="features 5: the file has others; choose 3"):
        config_with(rows=path, features="5")
    with pytest.raises(InvalidValue, match="distribution uniform"):
        config_with(rows=path, distribution="uniform")
    with pytest.raises(InvalidValue, match="rows data need a file"):
        config_with(distribution="rows")
    with pytest.raises(InvalidValue, match="features 5: the file of --rows has 3 columns"):
        check_data(replace(config_with(rows=path), features=5))
    assert config_with(rows="").rows == ""
