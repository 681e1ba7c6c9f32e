"""Frequencies of features: profiles, numbers given one by one, and what the data make of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.core.task.draws import IMPROBABLE
from tests.core.task.test_data import SOME_ROWS, Sampler, by_kernel, by_numpy, by_torch

from superpos_core.analysis.evaluation import evaluate, linear_optimum_of
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.frequencies import scaled_to
from superpos_core.task.options import options_of
from superpos_core.task.parameters import Parameters
from superpos_core.task.setting_names import setting_name, shared_sparsity

(OPTION,) = (each for each in options_of(ExperimentConfig) if each.field == "frequency")


def config_of(**changes: Any) -> ExperimentConfig:
    values = {
        "features": 6, "hidden": 2, "models": ("tied",), "sparsities": (0.0,), "importance": 1.0,
        "batch": SOME_ROWS, "frequency": "zipf",
    }  # fmt: skip
    return ExperimentConfig("frequencies", **{**values, **changes})


# ── profiles ──────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=20).map(np.array),
    st.floats(0, 1, exclude_min=True),
)
def test_water_filling_keeps_the_sum_and_the_proportions(weights: Any, share: float) -> None:
    total = share * weights.size
    found = scaled_to(weights, total)
    assert found.sum() == pytest.approx(total)
    assert found.max() <= 1
    below = found < 1 - 1e-9
    if below.any():
        factors = found[below] / weights[below]
        assert factors == pytest.approx(factors[0])
        # What is full would exceed 1 in proportion.
        assert (weights[~below] * factors[0] >= 1 - 1e-6).all()


def test_zipf_falls_as_a_power_of_the_rank() -> None:
    frequency = config_of(features=1000, alpha=2.0).feature_frequency
    assert frequency.sum() == pytest.approx(1)
    np.testing.assert_allclose(frequency * np.arange(1, 1001) ** 2, frequency[0])
    np.testing.assert_allclose(config_of(alpha=0.0, active=3.0).feature_frequency, 0.5)


def test_sparsity_scales_all_frequencies() -> None:
    config = config_of(sparsities=(0.0, 0.9), frequency=(0.5, 0.4, 0.3, 0.2, 0.1, 0.0))
    dense, sparse = (config.feature_probability(lane) for lane in config.lanes)
    np.testing.assert_array_equal(dense, config.frequency)
    np.testing.assert_allclose(sparse, dense / 10)


def test_a_setting_is_named_by_the_expected_number_of_active_features() -> None:
    config = config_of(active=2.0, sparsities=(0.0, 0.9))
    assert [setting_name(config, each) for each in config.settings] == ["E = 2", "E = 0.2"]
    assert shared_sparsity(config_of()) is None


# ── what the data are like ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sampler", [by_numpy, by_torch, by_kernel])
def test_features_are_active_as_often_as_their_frequency(sampler: Sampler) -> None:
    """One of them so rarely that draws of 24 bits would make it ten times as frequent."""
    config = config_of(frequency=(1.0, 0.4, 0.1, 0.01, 1e-3, 6e-9))
    data = sampler(config)
    for column, rate in zip((data != 0).T, config.feature_frequency, strict=True):
        assert stats.binomtest(int(column.sum()), SOME_ROWS, rate).pvalue > IMPROBABLE
    active = (data[:, 1] != 0, data[:, 2] != 0)
    table, _, _ = np.histogram2d(*active, bins=2)
    assert stats.chi2_contingency(table).pvalue > IMPROBABLE
    for feature in (0, 1):
        values = data[data[:, feature] != 0, feature]
        assert stats.kstest(values, stats.uniform().cdf).pvalue > IMPROBABLE


@pytest.mark.parametrize("distribution", ["uniform", "uniform-2"])
def test_the_linear_optimum_keeps_the_features_of_greatest_variance(distribution: str) -> None:
    """Compared with the loss of that model on sampled rows; importance reverses the order."""
    config = config_of(
        frequency=(0.02, 0.9, 0.3, 0.05, 0.5, 0.1), importance=2.0, distribution=distribution
    )
    (lane,) = config.lanes
    high = 2 if distribution == "uniform-2" else 1
    p, importance = config.feature_probability(lane), 2.0 ** np.arange(6)
    variance = p * high**2 / 3 - (p * high / 2) ** 2
    kept = np.argsort(-importance * variance)[:2]
    assert set(kept) == {4, 5}
    encoder = np.zeros((6, 2), np.float32)
    encoder[kept, [0, 1]] = 1
    bias = np.where(encoder.any(axis=1), 0, p * high / 2)
    found = evaluate(config, lane, Parameters(encoder=encoder, bias=bias.astype(np.float32)))
    assert found.loss_over_linear == pytest.approx(1, abs=0.02)
    others = np.setdiff1d(np.arange(6), kept)
    assert linear_optimum_of(config, lane) == pytest.approx(np.sum((importance * variance)[others]))


# ── what is typed ─────────────────────────────────────────────────────────────────────────────


def test_numbers_are_read_from_a_list_and_from_files(tmp_path: Path) -> None:
    expected = (0.5, 0.25, 1e-6)
    assert OPTION.read("0.5, 0.25, 1e-6") == expected
    assert OPTION.read(OPTION.show(expected)) == expected
    assert OPTION.read("Zipf") == "zipf"
    np.save(tmp_path / "p.npy", np.array(expected))
    assert OPTION.read(str(tmp_path / "p.npy")) == expected
    for text in ("0.5,0.25,1e-6\n", "0.5\n0.25\n1e-6\n", "\ufeff0.5 0.25\r\n1e-6"):
        (tmp_path / "p.csv").write_text(text, encoding="utf-8")
        assert OPTION.read(str(tmp_path / "p.csv")) == expected


def _huge_header(path: Path) -> None:
    np.lib.format.open_memmap(path, "w+", np.float64, (10,))
    path.write_bytes(path.read_bytes().replace(b"(10,)", b"(9999999999,)"))


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("no.csv", lambda path: None, "No such file"),
        ("dir.csv", Path.mkdir, "not a regular file"),
        ("words.csv", lambda path: path.write_text("0.5,often"), "often: it is not a number"),
        ("bytes.csv", lambda path: path.write_bytes(b"\xff\xfe\x00"), "it is not text"),
        ("big.csv", lambda path: path.write_bytes(b"0," * (1 << 20)), "more than 1 MiB"),
        ("text.npy", lambda path: path.write_text("0.5"), "not an npy file"),
        ("pickle.npy", lambda path: np.save(path, np.array([{}])), "it holds object"),
        ("square.npy", lambda path: np.save(path, np.eye(2)), r"of shape \(2, 2\)"),
        ("huge.npy", _huge_header, "npy"),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_line(
    tmp_path: Path, name: str, write: Any, message: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(InvalidValue, match=message) as caught:
        OPTION.read(str(tmp_path / name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frequency": "zpf"}, "frequency zpf: .*did you mean zipf"),
        ({"frequency": (0.5, 0.5)}, "frequency 0.5,0.5: there are 6 features; .*features 2"),
        ({"frequency": (0.5,) * 5 + (1.5,)}, "frequency 1.5: it is a probability"),
        ({"frequency": (0.5,) * 5 + (float("nan"),)}, "frequency nan: it is a probability"),
        ({"frequency": (0.0,) * 6}, "no feature is ever active"),
        ({"active": 7.0}, "active 7.0: there are 6 features; choose at most 6"),
        ({"distribution": "correlated"}, "frequency zipf: correlated data say"),
        ({"distribution": "one-hot"}, "frequency zipf: one-hot data say"),
    ],
)
def test_frequencies_that_cannot_be_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        config_of(**changes)
