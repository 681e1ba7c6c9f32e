"""Checks on hand-made weights, some of which should pass and some not."""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superpos_core.arrays import FloatArray
from superpos_core.experiments.checks.check import (
    Check,
    NotApplicable,
    verdicts_as_dicts,
    verdicts_from_dicts,
)
from superpos_core.experiments.checks.geometry import geometry_at
from superpos_core.experiments.checks.lanes import all_trained, restarts_at, trained_at
from superpos_core.experiments.checks.quantities import (
    DIMENSIONS_PER_FEATURE,
    LOSS_OVER_LINEAR,
    REPRESENTED,
    SUM_OF_DIMENSIONALITIES,
    Quantity,
    falls_with_sparsity,
    number_at,
    number_everywhere,
)
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

CONFIG = ExperimentConfig(
    "by hand",
    features=4,
    hidden=2,
    models=("tied",),
    sparsities=(0.0, 0.9),
    importance=1,
    restarts=2,
)
DEDICATED = np.array([[1.0, 0], [0, 1], [0, 0], [0, 0]])
DIGONS = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
NOTHING = np.zeros((4, 2))
MEANS = np.array([0, 0, 0.5, 0.5])
"""The biases of the dense linear optimum, of which ``DEDICATED`` is one."""


def record_of(
    encoders: Sequence[FloatArray],
    losses: Sequence[float],
    config: ExperimentConfig = CONFIG,
    bias: FloatArray = MEANS,
) -> LanesRecord:
    """A run of one model; one encoder and one constant loss for each lane."""
    (model,) = config.models
    history = LossHistory(len(encoders))
    history.append(np.tile(np.array(losses, dtype=np.float32), (5, 1)))
    parameters = Parameters(encoder=np.stack(encoders), bias=np.tile(bias, (len(encoders), 1)))
    cohort = Cohort(
        config.lanes_of(model),
        history.step,
        parameters,
        history.full,
        history.recent,
        restarts=config.restarts,
    )
    return LanesRecord(config, {model: cohort})


RUN = record_of([NOTHING, DEDICATED, DIGONS, NOTHING], [0.2, 0.1, 0.01, 0.02])
"""The second restart is the better one on dense data, the first on sparse data."""


def test_the_restart_with_the_lowest_loss_represents_its_setting() -> None:
    assert [trained.lane.seed for trained in restarts_at(RUN, "tied", 0)] == [1, 0]
    assert np.array_equal(trained_at(RUN, "tied", 0).encoder, DEDICATED)
    assert np.array_equal(trained_at(RUN, "tied", 0.9).encoder, DIGONS)
    assert [trained.lane.sparsity for trained in all_trained(RUN, "tied")] == [0, 0.9]


def test_the_error_names_what_was_not_trained() -> None:
    with pytest.raises(NotApplicable, match="the model linear was not trained"):
        trained_at(RUN, "linear", 0)
    with pytest.raises(NotApplicable, match=r"nothing was trained at S = 0\.5"):
        trained_at(RUN, "tied", 0.5)
    with pytest.raises(NotApplicable, match=r"S = 0\.9, factor 2"):
        trained_at(RUN, "tied", 0.9, swept=2)
    with pytest.raises(NotApplicable, match="linear"):
        all_trained(RUN, "linear")


def test_a_swept_setting_is_only_found_by_its_factor() -> None:
    config = ExperimentConfig(
        "swept",
        features=4,
        hidden=2,
        models=("tied",),
        sparsities=(0.9,),
        sweep="first-density",
        sweep_values=(0.4642, 1),
    )
    run = record_of([DEDICATED, DIGONS], [0.1, 0.1], config)
    assert np.array_equal(trained_at(run, "tied", 0.9, swept=0.46416).encoder, DEDICATED)
    assert np.array_equal(trained_at(run, "tied", 0.9, swept=1).encoder, DIGONS)
    with pytest.raises(NotApplicable):
        trained_at(run, "tied", 0.9)


@pytest.mark.parametrize(
    "check",
    [
        number_at(REPRESENTED, 2, 2, sparsity=0),
        number_at(REPRESENTED, 4, 5, sparsity=0.9),
        number_at(DIMENSIONS_PER_FEATURE, 0.49, 0.51, sparsity=0.9),
        number_at(LOSS_OVER_LINEAR, 0.98, 1.02, sparsity=0),
        number_everywhere(SUM_OF_DIMENSIONALITIES, 1.99, 2.01),
        number_everywhere(REPRESENTED, 2, 4),
        falls_with_sparsity(DIMENSIONS_PER_FEATURE, (0, 0.9)),
        geometry_at("1 pentagon", "2 digons", sparsity=0.9),
        geometry_at("2 dedicated · 2 ignored", sparsity=0),
    ],
    ids=lambda check: check.name,
)
def test_a_check_passes_if_the_weights_are_as_expected(check: Check[LanesRecord]) -> None:
    assert check.verdict(RUN).passed is True


@pytest.mark.parametrize(
    ("check", "seen"),
    [
        (number_at(REPRESENTED, 3, 3, sparsity=0), "2"),
        (number_at(REPRESENTED, 5, math.inf, sparsity=0.9), "4"),
        (number_at(DIMENSIONS_PER_FEATURE, -math.inf, 0.4, sparsity=0.9), "0.50"),
        (number_everywhere(REPRESENTED, 2, 3), "2 to 4"),
        (number_everywhere(REPRESENTED, 3, 4), "2 to 4"),
        (falls_with_sparsity(REPRESENTED, (0, 0.9)), "2 → 4"),
        (falls_with_sparsity(SUM_OF_DIMENSIONALITIES, (0, 0.9)), "2.00 → 2.00"),
        (geometry_at("1 pentagon", sparsity=0.9), "2 digons"),
    ],
    ids=lambda value: value.name if isinstance(value, Check) else None,
)
def test_a_check_misses_if_they_are_not_and_reports_what_is(
    check: Check[LanesRecord], seen: str
) -> None:
    verdict = check.verdict(RUN)
    assert (verdict.observed, verdict.passed) == (seen, False)


def test_a_check_of_other_settings_does_not_apply() -> None:
    assert number_at(REPRESENTED, 2, 2, sparsity=0.5).verdict(RUN).passed is None
    assert number_everywhere(REPRESENTED, 2, 2, model="linear").verdict(RUN).passed is None
    assert falls_with_sparsity(REPRESENTED, (0, 0.5)).verdict(RUN).passed is None
    assert geometry_at("2 digons", sparsity=0.5).verdict(RUN).passed is None


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (5, 5, "5"),
        (8, 11, "8 to 11"),
        (3, math.inf, "at least 3"),
        (-math.inf, 4, "at most 4"),
    ],
)
def test_expected_ranges_read_naturally(low: float, high: float, text: str) -> None:
    assert number_at(REPRESENTED, low, high, sparsity=0).expected == text


@given(value=st.floats(allow_nan=True), low=st.floats(-1e3, 1e3), width=st.floats(0, 1e3))
@settings(max_examples=50)
def test_a_number_passes_exactly_within_its_range(value: float, low: float, width: float) -> None:
    quantity = Quantity("given", lambda trained: value)
    passed = number_at(quantity, low, low + width, sparsity=0).verdict(RUN).passed
    assert passed is (low <= value <= low + width)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_non_finite_weights_are_a_miss_and_raise_no_error(wrong: float) -> None:
    run = record_of([np.full((4, 2), wrong)] * 4, [math.nan] * 4)
    for check in (
        number_at(REPRESENTED, 2, 2, sparsity=0),
        number_at(LOSS_OVER_LINEAR, 0, 10, sparsity=0),
        number_everywhere(SUM_OF_DIMENSIONALITIES, 0, 2),
        falls_with_sparsity(SUM_OF_DIMENSIONALITIES, (0, 0.9)),
        geometry_at("2 digons", sparsity=0.9),
    ):
        verdict = check.verdict(run)
        assert (verdict.observed, verdict.passed) == ("weights are not finite", False), check.name


def test_verdicts_report_everything_including_misses() -> None:
    checks = [
        number_at(REPRESENTED, 2, 2, sparsity=0),
        number_at(REPRESENTED, 5, 5, sparsity=0.9),
        number_at(REPRESENTED, 2, 2, sparsity=0.5),
    ]
    verdicts = [check.verdict(RUN) for check in checks]
    assert [verdict.line for verdict in verdicts] == [
        "pass: features represented, tied at S = 0: expected 2 / observed 2",
        "MISS: features represented, tied at S = 0.9: expected 5 / observed 4",
        "not applicable: features represented, tied at S = 0.5: expected 2 / "
        "nothing was trained at S = 0.5",
    ]
    plain: list[Mapping[str, object]] = json.loads(json.dumps(verdicts_as_dicts(verdicts)))
    assert [one["passed"] for one in plain] == [True, False, None]
    assert verdicts_from_dicts(plain) == verdicts
    assert plain[1] == {
        "check": "features represented, tied at S = 0.9",
        "expected": "5",
        "seen": "4",
        "passed": False,
    }
