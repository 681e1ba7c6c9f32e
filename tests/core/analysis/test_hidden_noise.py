"""How ‖W‖² falls with noise: measured from weights that are known."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.snapshots import with_encoders

from superpos_core.analysis.hidden_noise import has_noise_response, noise_responses
from superpos_core.arrays import FloatArray
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

CONFIG = ExperimentConfig(
    "noise", features=3, hidden=2, models=("tied",), sparsities=(0.0, 0.9), importance=1.0,
    hidden_noise=0.5, sweep="hidden-noise", sweep_values=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
)  # fmt: skip
NOISE = 0.5 * np.array(CONFIG.sweep_values)


def with_lengths(squares: FloatArray) -> LanesRecord:
    """Lanes whose longest feature, the second, has these ‖W_i‖²."""
    encoders = np.zeros((len(squares), 3, 2))
    encoders[:, 1] = np.sqrt(squares / 2)[:, None]
    encoders[:, 2, 0] = -np.sqrt(squares) / 2
    return with_encoders(CONFIG, encoders, np.ones(len(squares)))


def test_the_removal_is_where_the_line_reaches_0() -> None:
    lines = [np.maximum(0.9 - NOISE**2 / each, 0) for each in (0.2, 0.1)]
    dense, sparse = noise_responses(with_lengths(np.concatenate(lines)), "tied")
    assert (dense.sparsity, sparse.sparsity) == (0.0, 0.9)
    np.testing.assert_allclose(dense.noise, NOISE)
    np.testing.assert_allclose(dense.squared_norms, lines[0], atol=1e-6)
    assert dense.fitted_removal == pytest.approx(0.18, rel=1e-4)
    assert sparse.fitted_removal == pytest.approx(0.09, rel=1e-4)
    assert dense.removed_at == pytest.approx(1 / 6)
    assert sparse.removed_at == pytest.approx(2 * (0.1 / 3 - 0.01 / 4))
    np.testing.assert_allclose(dense.expected, np.maximum(1 - NOISE**2 * 6, 0))


@pytest.mark.parametrize("squares", [np.ones(12), np.zeros(12), np.full(12, np.nan)])
def test_what_does_not_fall_is_not_removed(squares: FloatArray) -> None:
    for response in noise_responses(with_lengths(squares), "tied"):
        assert np.isnan(response.fitted_removal)


def test_without_a_sweep_of_noise_or_a_closed_form_there_is_no_response() -> None:
    assert has_noise_response(LanesRecord(CONFIG, {}))
    others = (
        replace(CONFIG, sweep="none", sweep_values=()),
        replace(CONFIG, hidden_dropout=0.1),
        replace(CONFIG, hidden_noise_schedule="up-and-down"),
        replace(CONFIG, distribution="correlated", features=4, set_size=2),
        replace(CONFIG, dataset_size=20),
        replace(CONFIG, frequency="zipf"),
    )
    assert not any(has_noise_response(LanesRecord(config, {})) for config in others)
