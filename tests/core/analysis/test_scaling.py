"""Fits of power laws, and how the loss falls with m."""

import numpy as np
import pytest
from tests.core.experiments.counterfeits import COUNTERFEITS, forged_parameters

from superpos_core.analysis.power_law import PowerLaw
from superpos_core.analysis.scaling import can_scale, scaling_of
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig

SIZES = (2.0, 3.0, 5.0)
CONFIG = ExperimentConfig(
    "scaling", features=12, models=("linear",), sparsities=(0.0,), importance=1.0,
    distribution="uniform-2", frequency="zipf", alpha=1.5, active=1.0,
    sweep="hidden", hidden=5, sweep_values=SIZES,
)  # fmt: skip


def forged(name: str) -> LanesRecord:
    """A record of lanes with the weights of a counterfeit."""
    lanes = CONFIG.lanes_of("linear")
    parameters = forged_parameters(CONFIG, lanes, COUNTERFEITS[name].forge)
    history = LossHistory(len(lanes))
    history.append(np.ones((5, len(lanes)), dtype=np.float32))
    cohort = Cohort(lanes, 5, parameters, history.full, history.recent, restarts=1)
    return LanesRecord(CONFIG, {"linear": cohort})


def test_a_power_law_is_found_with_its_exponent() -> None:
    x = np.array([10.0, 16, 25, 40, 63, 100])
    law = PowerLaw.fitted(x, 3 * x**-1.5)
    assert law is not None
    assert law.exponent == pytest.approx(1.5)
    assert law.factor == pytest.approx(3)
    assert law.uncertainty == pytest.approx(0, abs=1e-7)
    assert law.at(x) == pytest.approx(3 * x**-1.5)


def test_the_uncertainty_covers_the_true_exponent() -> None:
    x = np.geomspace(10, 100, 6)
    noise = np.random.default_rng(0).normal(0, 0.1, (400, 6))
    laws = [PowerLaw.fitted(x, x**-2 * np.exp(each)) for each in noise]
    errors = np.array([(law.exponent - 2) / law.uncertainty for law in laws if law is not None])
    # Student's t with four degrees of freedom: half of the errors are within ±0.741.
    assert np.mean(np.abs(errors) < 0.741) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize(
    "y", [[1.0, 2.0], [1.0, 0.0, 2.0], [1.0, np.nan, 2.0]], ids=["two points", "zero", "NaN"]
)
def test_no_law_is_fitted_to_what_has_none(y: list[float]) -> None:
    assert PowerLaw.fitted(np.arange(1.0, 1 + len(y)), np.array(y)) is None


def test_the_loss_of_features_left_out_is_that_of_the_linear_optimum() -> None:
    scaling = scaling_of(forged("linear optimum"), "linear")
    assert scaling.hidden.tolist() == list(SIZES)
    assert scaling.represented == pytest.approx(np.array(SIZES) / 12)
    assert scaling.losses == pytest.approx(scaling.loss_of_ignored, rel=0.05)
    assert scaling.linear_losses == pytest.approx(scaling.loss_of_ignored)
    probability = CONFIG.feature_probability(CONFIG.lanes_of("linear")[0])
    variance = 4 / 3 * probability - probability**2
    assert scaling.loss_of_ignored[0] == pytest.approx(variance[2:].sum())


def test_overlaps_are_above_welchs_bound() -> None:
    scaling = scaling_of(forged("random unit rows"), "linear")
    assert scaling.represented.tolist() == [1, 1, 1]
    assert (scaling.overlaps >= scaling.least_overlaps - 1e-9).all()
    assert (scaling.least_overlaps > 0).all()


def test_without_a_sweep_of_m_or_a_closed_form_there_is_no_scaling() -> None:
    record = forged("zeros")
    assert can_scale(record)
    others = (
        ExperimentConfig("none", sparsities=(0.0,)),
        ExperimentConfig("rows", sweep="hidden", sweep_values=(2.0, 5.0), dataset_size=20),
    )
    assert not any(can_scale(LanesRecord(config, {})) for config in others)
