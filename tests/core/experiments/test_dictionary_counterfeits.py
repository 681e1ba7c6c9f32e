"""Checks of dictionaries against dictionaries that were never trained, or had no cause to mix."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from superpos_core.analysis.dictionaries import rows as score_rows
from superpos_core.arrays import FloatArray
from superpos_core.experiments import EXPERIMENTS, Experiment, verdicts
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.history import LossHistory
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.directions import OF_MODEL
from superpos_core.task.dictionaries.kinds import kind_named
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.truth import made_directions
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

OF_DICTIONARIES = [each for each in EXPERIMENTS.values() if each.config.kind == DICTIONARIES]
each_experiment = pytest.mark.parametrize("experiment", OF_DICTIONARIES, ids=lambda e: e.name)

Forge = Callable[[FloatArray, np.random.Generator, int], FloatArray]
"""Makes a decoder (K, d) from true directions (n, d), a generator and K."""


def _zeros(directions: FloatArray, _: np.random.Generator, latents: int) -> FloatArray:
    return np.zeros((latents, directions.shape[1]))


def _random(directions: FloatArray, random: np.random.Generator, latents: int) -> FloatArray:
    return random.standard_normal((latents, directions.shape[1]))


def _one_for_all(directions: FloatArray, _: np.random.Generator, latents: int) -> FloatArray:
    return np.tile(directions.sum(axis=0), (latents, 1))


def _truth(directions: FloatArray, _: np.random.Generator, latents: int) -> FloatArray:
    return directions[np.arange(latents) % len(directions)]


NONSENSE: dict[str, Forge] = {"zeros": _zeros, "random": _random, "one for all": _one_for_all}


def forged(experiment: Experiment, forge: Forge) -> DictionaryRecord:
    """A finished run with these decoders; encoders read the same directions."""
    config = replace(experiment.config, restarts=min(experiment.config.restarts, 2))
    lanes = config.lanes_of(config.dictionaries[0])
    is_made = config.directions != OF_MODEL
    directions = made_directions(config if is_made else replace(config, directions="random"), lanes)
    cohorts = {kind: _cohort(config, kind, directions, forge) for kind in config.dictionaries}
    return DictionaryRecord(config, cohorts, directions=directions)


def _cohort(
    config: ExperimentConfig, kind: str, directions: FloatArray, forge: Forge
) -> DictionaryCohort:
    lanes = config.lanes_of(kind)
    random = np.random.default_rng(0)
    decoders = np.stack([forge(each, random, config.latents) for each in directions])
    lengths = np.linalg.norm(decoders, axis=2, keepdims=True)
    decoders = (decoders / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    sizes = (config.features, config.hidden, config.latents)
    arrays = {
        each.name: np.zeros((len(lanes), *each.shape(*sizes)), np.float32)
        for each in kind_named(kind).trained
    }
    arrays |= {"decoder": decoders, "encoder": decoders.swapaxes(1, 2)}
    history = LossHistory(len(lanes))
    history.append(np.ones((5, len(lanes)), np.float32))
    return DictionaryCohort(
        lanes, config.steps, Parameters(**arrays), history.full, history.recent, config.restarts,
        active=history.full, recent_active=history.recent,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores over fewer rows: counterfeits miss the bounds by far."""
    monkeypatch.setattr(score_rows, "MOST_ENTRIES", 1 << 15)


@each_experiment
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_passes_no_check(experiment: Experiment, nonsense: str) -> None:
    seen = verdicts(experiment, forged(experiment, NONSENSE[nonsense]))
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
        seen = verdicts(EXPERIMENTS[name], forged(EXPERIMENTS[name], _truth))
        assert not all(verdict.passed for verdict in seen), name
    arena = EXPERIMENTS["arena-dictionary"]
    assert all(verdict.passed for verdict in verdicts(arena, forged(arena, _truth)))


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
    mixed = "cosine of feature 0 with the other latents, k = 1.8"
    independent = passed_without(name, (("correlation", (0.0,)), *short))
    assert independent[mixed] is False
    enough = passed_without(name, (("active_latents", 3.0), *short))
    assert enough[mixed] is False


def test_with_an_even_number_of_active_latents_recovery_does_not_change() -> None:
    short = (("steps", 500), ("model_steps", 500), ("batch", 256))
    found = passed_without("dictionary-zoo", (*short, ("sweep_values", (3.9, 4.0))))
    assert not any(found.values())
