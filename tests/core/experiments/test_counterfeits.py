"""Every check against every counterfeit: a check that excludes nothing is worthless."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from tests.core.experiments.briefly_trained import donor_of
from tests.core.experiments.counterfeits import COUNTERFEITS, Counterfeit, counterfeits_of, forged

from superpos_core.analysis import scaling
from superpos_core.experiments import EXPERIMENTS, Experiment, computing, follow_ups, verdicts
from superpos_core.experiments.checks import lanes
from superpos_core.experiments.checks.check import Verdict
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.dictionaries.options import DICTIONARIES

FEW_ROWS = 1 << 12
"""Rows behind a loss here: few are enough, because counterfeits miss the bounds by far."""

# ── exceptions, each with its reason ──────────────────────────────────────────────────────────

PASSED_BY_NONSENSE: Mapping[tuple[str, str, str], str] = {}
"""(experiment, check, counterfeit) → why this nonsense may pass."""

SOLUTIONS: Mapping[tuple[str, str], str] = {
    ("twenty", "from elsewhere"): "demonstration trains the same model on the same data",
    (
        "demonstration",
        "linear optimum",
    ): "half of the checks, those of the linear model, expect it",
    ("correlated", "digons across"): "pairs that join the two sets are the solution",
    ("anticorrelated", "digons in order"): "each pair is one of the sets: the solution",
    ("geometry-dynamics", "digons across"): "the octahedron whose axes join the sets",
    ("windmill-5", "from elsewhere"): "the experiment pentagon finds the same pentagon",
    ("local-bases", "digons across"): "each set has an axis per feature: the solution",
}
"""(experiment, counterfeit) → why it passes more than half of the checks."""

each_experiment = pytest.mark.parametrize(
    "experiment",
    [each for each in EXPERIMENTS.values() if each.config.kind != DICTIONARIES],
    ids=lambda each: each.name,
)
"""Dictionaries have counterfeits of their own, in ``test_dictionary_counterfeits.py``."""


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computes losses over fewer rows."""
    monkeypatch.setattr(lanes, "CHECKED_ROWS", FEW_ROWS)
    monkeypatch.setattr(computing, "CHECKED_ROWS", FEW_ROWS // 2)
    monkeypatch.setattr(follow_ups, "ROWS_OF_EACH_SIZE", FEW_ROWS // 2)
    monkeypatch.setattr(scaling, "ROWS", FEW_ROWS)


def verdicts_seed_by_seed(
    experiment: Experiment, counterfeit: Counterfeit
) -> Iterator[list[Verdict]]:
    """The verdicts on a counterfeit for each of its seeds."""
    for seed in range(counterfeit.seeds):
        yield verdicts(experiment, forged(experiment, counterfeit, seed))


# ── the table ─────────────────────────────────────────────────────────────────────────────────


@each_experiment
@pytest.mark.sampled(10)
def test_no_check_passes_for_counterfeits(experiment: Experiment) -> None:
    """Nonsense passes only the listed checks, and only solutions pass most checks."""
    passed_by_nonsense: dict[tuple[str, str, str], str] = {}
    mostly_passed: dict[tuple[str, str], list[str]] = {}
    for counterfeit in counterfeits_of(experiment):
        for seen in verdicts_seed_by_seed(experiment, counterfeit):
            passed = [verdict for verdict in seen if verdict.passed]
            if counterfeit.is_nonsense:
                for verdict in passed:
                    key = (experiment.name, verdict.check, counterfeit.name)
                    passed_by_nonsense[key] = verdict.line
            if 2 * len(passed) > len(seen):
                lines = [verdict.line for verdict in passed]
                mostly_passed[experiment.name, counterfeit.name] = lines
    listed = {key for key in PASSED_BY_NONSENSE if key[0] == experiment.name}
    assert set(passed_by_nonsense) == listed, passed_by_nonsense
    assert set(mostly_passed) == {key for key in SOLUTIONS if key[0] == experiment.name}, (
        mostly_passed
    )


def test_exceptions_exist_and_have_a_reason() -> None:
    """An unnecessary exception fails the test above; one with an unknown name fails here."""
    for experiment_name, check_name, counterfeit_name in PASSED_BY_NONSENSE:
        assert experiment_name in EXPERIMENTS
        assert check_name in {check.name for check in EXPERIMENTS[experiment_name].checks}
        assert COUNTERFEITS[counterfeit_name].is_nonsense
    for experiment_name, counterfeit_name in SOLUTIONS:
        assert experiment_name in EXPERIMENTS
        assert counterfeit_name in COUNTERFEITS
    assert all((*PASSED_BY_NONSENSE.values(), *SOLUTIONS.values()))


# ── the counterfeits themselves ───────────────────────────────────────────────────────────────


def encoder_of(name: str, experiment: str = "demonstration") -> np.ndarray:
    """W of the ReLU model on dense data, shape (n, m)."""
    run = forged(EXPERIMENTS[experiment], COUNTERFEITS[name])
    assert isinstance(run, LanesRecord)
    encoder: np.ndarray = run.cohorts["tied"].parameters.encoder[0].astype(np.float64)
    return encoder


def test_counterfeits_are_what_their_names_say() -> None:
    assert np.allclose(measures.feature_norms(encoder_of("random unit rows")), 1)
    frame = encoder_of("random tight frame")
    assert np.allclose(frame.T @ frame, 4 * np.eye(5), atol=1e-5)
    assert np.array_equal(encoder_of("linear optimum")[:5], np.eye(5))
    for name in ("digons in order", "digons across"):
        assert np.allclose(np.sort(measures.feature_dimensionality(encoder_of(name)))[10:], 0.5)
    assert not np.array_equal(encoder_of("digons in order"), encoder_of("digons across"))
    assert not encoder_of("means only").any()


def test_the_linear_optimum_passes_the_checks_of_the_linear_model() -> None:
    """This shows that its misses elsewhere are not a defect of the counterfeit."""
    demonstration = EXPERIMENTS["demonstration"]
    seen = verdicts(demonstration, forged(demonstration, COUNTERFEITS["linear optimum"]))
    of_the_linear_model = [verdict for verdict in seen if "linear at" in verdict.check]
    assert of_the_linear_model
    assert "features represented, linear at every setting" in {
        verdict.check for verdict in of_the_linear_model if verdict.passed
    }


def test_weights_from_elsewhere_are_from_another_experiment_of_the_same_size() -> None:
    donors = {name: donor_of(experiment) for name, experiment in EXPERIMENTS.items()}
    assert donors["intro"] in (EXPERIMENTS["pentagon"], EXPERIMENTS["windmill-5"])
    assert all(donor is None or donor.name != name for name, donor in donors.items())


@pytest.mark.parametrize("counterfeit", COUNTERFEITS.values(), ids=lambda each: each.name)
def test_counterfeits_are_deterministic(counterfeit: Counterfeit) -> None:
    first, again = (forged(EXPERIMENTS["intro"], counterfeit, seed=1) for _ in range(2))
    assert first.arrays().keys() == again.arrays().keys()
    for name, array in first.arrays().items():
        assert np.array_equal(array, again.arrays()[name])
