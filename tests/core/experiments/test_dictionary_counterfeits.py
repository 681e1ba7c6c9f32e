"""Checks of dictionaries against dictionaries that were never trained, or had no cause to mix."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from tests.core.forged_dictionaries import (
    Forge,
    forged,
    one_for_all,
    random_rows,
    true_directions,
    zero_rows,
)

from superpos_core.analysis.dictionaries import rows as score_rows
from superpos_core.experiments import EXPERIMENTS, Experiment, verdicts
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.training.run import train

OF_DICTIONARIES = [each for each in EXPERIMENTS.values() if each.config.kind == DICTIONARIES]
each_experiment = pytest.mark.parametrize("experiment", OF_DICTIONARIES, ids=lambda e: e.name)

NONSENSE: dict[str, Forge] = {
    "zeros": zero_rows,
    "random": random_rows,
    "one for all": one_for_all,
}


def forged_run(experiment: Experiment, forge: Forge) -> DictionaryRecord:
    """A finished run of an experiment, of two seeds at most."""
    config = replace(experiment.config, restarts=min(experiment.config.restarts, 2))
    return forged(config, forge)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores over fewer rows: counterfeits miss the bounds by far."""
    monkeypatch.setattr(score_rows, "MOST_ENTRIES", 1 << 15)


@each_experiment
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_passes_no_check(experiment: Experiment, nonsense: str) -> None:
    seen = verdicts(experiment, forged_run(experiment, NONSENSE[nonsense]))
    passed = [verdict.line for verdict in seen if verdict.passed]
    allowed = PASSED_BY_NONSENSE.get((experiment.name, nonsense), ())
    assert [line for line in passed if not any(name in line for name in allowed)] == []


PASSED_BY_NONSENSE: dict[tuple[str, str], tuple[str, ...]] = {
    ("arena-dictionary", "random"): ("dead latents",),
    ("arena-dictionary", "one for all"): ("dead latents",),
    ("absorption", "zeros"): ("the same for independent features",),
}
"""(experiment, nonsense) → checks that only say something beside the others: a latent that is
active, or that contains nothing, is easy to have."""


def test_the_truth_is_no_solution_where_theory_says_so() -> None:
    """Absorption, hedging and mixing are what a dictionary must not do if it is the truth."""
    for name in ("absorption", "hedging", "wrong-l0", "wrong-l0-negative"):
        seen = verdicts(EXPERIMENTS[name], forged_run(EXPERIMENTS[name], true_directions))
        assert not all(verdict.passed for verdict in seen), name
    arena = EXPERIMENTS["arena-dictionary"]
    assert all(verdict.passed for verdict in verdicts(arena, forged_run(arena, true_directions)))


# ── without the cause ─────────────────────────────────────────────────────────────────────────


@cache
def passed_without(name: str, changed: tuple[tuple[str, Any], ...]) -> dict[str, bool | None]:
    """Whether each check passes for a short run without a cause that claims to have it."""
    experiment = EXPERIMENTS[name]
    config = replace(experiment.quick_config, restarts=1)
    run = train(replace(config, **dict(changed))).record_as(DictionaryRecord)
    without = replace(run, config=replace(config, steps=run.config.steps))
    return {check.name: check.verdict(without).passed for check in experiment.checks}


def test_without_a_penalty_features_are_not_recovered() -> None:
    found = passed_without("arena-dictionary", (("latent_penalty", 0.0),))
    assert found["seeds in which all five features are recovered"] is False


def test_an_independent_child_absorbs_nothing() -> None:
    found = passed_without("absorption", (("correlation", (0.0,)), ("steps", 10_000)))
    assert found["cosine of the child's latent with the parent"] is False


def test_without_a_parent_the_latent_does_not_hedge() -> None:
    assert not any(passed_without("hedging", (("correlation", (0.0,)),)).values())


@pytest.mark.parametrize("name", ["wrong-l0", "wrong-l0-negative"])
def test_without_correlation_or_with_a_large_k_nothing_is_mixed(name: str) -> None:
    short = (("steps", 1500), ("batch", 200))
    mixed = "mean cosine of feature 0 with the other latents, k = 1.8"
    independent = passed_without(name, (("correlation", (0.0,)), *short))
    assert independent[mixed] is False
    enough = passed_without(name, (("active_latents", 3.0), *short))
    assert enough[mixed] is False


def test_with_an_even_number_of_active_latents_recovery_does_not_change() -> None:
    short = (("steps", 500), ("model_steps", 500), ("batch", 256))
    found = passed_without("dictionary-zoo", (*short, ("sweep_values", (3.9, 4.0))))
    assert not any(found.values())
