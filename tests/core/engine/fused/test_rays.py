"""Rows with few active features, drawn by entry and trained on as rays. Thresholds: five sigmas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.core.engine.fused.test_gradient import Reference, random_cohort, relative_error
from tests.core.engine.fused.test_sampling import assert_rate

from superpos_core.analysis.evaluation import evaluate
from superpos_core.engine.fused.cohort import CohortRunner, FusedCohort, scratch_memory
from superpos_core.engine.fused.engine import FusedEngine, new_cohort
from superpos_core.engine.fused.layout import SGD, Optimiser
from superpos_core.engine.fused.ray_rows import RayTables
from superpos_core.engine.fused.sampling_tables import SamplingTables
from superpos_core.engine.fused.specialisation import Formula, Sampling
from superpos_core.engine.fused.threads import Threads
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.frequencies import scaled_to

FEATURES, HIDDEN, BATCH = 70, 7, 150
ZIPF = scaled_to(1 / np.arange(1.0, FEATURES + 1), 1.5)
RELU, SIGNED = Formula(), Formula("identity", "relu", "absolute")


def cohort_of(formula=RELU, tied=True, lanes=1, values="uniform", **options) -> FusedCohort:
    cohort = random_cohort(FEATURES, HIDDEN, tied, formula, lanes, **options)
    specialisation = replace(cohort.specialisation, sampling=Sampling(values))
    drawn = cohort.on_rays(np.tile(ZIPF, (lanes, 1)))
    return replace(drawn, specialisation=specialisation)


def step_of(cohort: FusedCohort, lane: int = 0):
    """The rows of a lane's next step, its loss and its gradient."""
    before = cohort.states.random.copy()
    x = cohort.batch(lane, BATCH)
    cohort.states.random[:] = before
    losses = np.zeros((cohort.lanes, 1), np.float32)
    # With momentum 0 the velocity of SGD is the gradient.
    optimiser = Optimiser(np.zeros(1), SGD, momentum=0.0, weight_decay=0.0)
    memory = scratch_memory(cohort.scratch(BATCH))
    cohort.train(np.array([lane]), BATCH, optimiser, losses, memory)
    return x, losses[lane, 0], cohort.layout.named(cohort.states.first_moment[lane])


def assert_gradient_of_autograd(cohort: FusedCohort, lane: int = 0) -> None:
    reference = Reference(cohort, lane)
    x, loss, gradient = step_of(cohort, lane)
    active = np.count_nonzero(x, axis=1)
    assert (active == 0).any()
    assert (active > 2).any()
    expected, minimised = reference.losses(x)
    minimised.backward()
    assert loss == pytest.approx(float(expected.detach()), rel=1e-5)
    ours = [gradient.encoder, gradient.bias]
    ours += [] if cohort.layout.tied else [gradient.arrays["decoder"]]
    for mine, theirs in zip(ours, reference.parameters, strict=True):
        assert relative_error(mine, theirs.grad) < 1e-5


@pytest.mark.parametrize("tied", [True, False])
def test_the_gradient_is_that_of_autograd(tied: bool) -> None:
    assert_gradient_of_autograd(cohort_of(tied=tied))


def test_a_lane_with_fewer_hidden_units_has_its_own_gradient() -> None:
    cohort = cohort_of(lanes=2)
    narrow = cohort.layout.tiles.hidden
    cohort.units[1] = narrow
    cohort.parameters.encoder[1, :, narrow:] = 0
    for lane in (0, 1):
        assert_gradient_of_autograd(cohort, lane)


@pytest.mark.thorough
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize(
    ("formula", "values"),
    [
        (SIGNED, "signed"),
        (Formula("relu", "relu"), "exponential"),
        (Formula("identity", "identity"), "uniform-2"),
        (Formula("identity", "softplus"), "binary"),
    ],
)
def test_the_gradient_with_other_values_and_a_penalty(formula, values, tied: bool) -> None:
    assert_gradient_of_autograd(cohort_of(formula, tied, values=values, penalty=0.3))


def test_entries_are_independent_and_as_frequent_as_they_should_be() -> None:
    """From certain to rarer than once in 100,000 rows."""
    rows = 100_000
    probabilities = np.full(FEATURES, 2e-3)
    probabilities[:6] = [1.0, 0.4, 0.1, 0.01, 1e-6, 0.0]
    cohort = cohort_of()
    x = replace(cohort, rows=RayTables.of(probabilities[None])).batch(0, rows)
    active = x != 0
    assert (active[:, 0].sum(), active[:, 5].sum()) == (rows, 0)
    assert_rate(active.sum(0), rows, probabilities)
    patterns = active[:, 1:4] @ [1, 2, 4]
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    expected = np.where(bits, probabilities[1:4], 1 - probabilities[1:4]).prod(axis=1) * rows
    assert stats.chisquare(np.bincount(patterns, minlength=8), expected).pvalue > 1e-4
    others = np.bincount(active[:, 6:].sum(axis=1), minlength=4)[:4]
    law = stats.binom(FEATURES - 6, 2e-3).pmf(np.arange(4)) * rows
    assert stats.chisquare(others, law * others.sum() / law.sum()).pvalue > 1e-4
    assert stats.kstest(x[active[:, 1], 1], "uniform").pvalue > 1e-4
    after = active[1:, 1] & active[:-1, 1]
    assert_rate(after.sum(), rows - 1, 0.4**2 * 1.0)


def test_results_do_not_depend_on_threads_or_slices() -> None:
    found = []
    for threads, slices in ((1, (6,)), (2, (1, 2, 3))):
        cohort = cohort_of(lanes=3)
        with Threads(threads) as pool:
            runner = CohortRunner(pool)
            for steps in slices:
                runner.advance(BATCH, [(cohort, Optimiser(np.full(steps, 1e-2)))])
        found.append(cohort.states.parameters)
    np.testing.assert_array_equal(found[0], found[1])


CONFIG = ExperimentConfig(
    "zipf", features=FEATURES, hidden=HIDDEN, models=("tied",), sparsities=(0.0,), importance=1.0,
    frequency="zipf", active=1.5, batch=BATCH, steps=300, learning_rate=0.01,
)  # fmt: skip


def test_noise_on_the_hidden_layer_needs_whole_rows() -> None:
    for config in (replace(CONFIG, hidden_noise=0.1), replace(CONFIG, hidden_dropout=0.1)):
        assert isinstance(new_cohort(config, "tied").rows, SamplingTables)


def test_rays_are_for_few_active_features_of_unequal_frequency() -> None:
    for frequency, active, distribution, kind in (
        ("zipf", 1.5, "uniform", RayTables),
        ("zipf", 30.0, "uniform", SamplingTables),
        ("zipf", 1.5, "unit-norm", SamplingTables),
        ("equal", 1.5, "uniform", SamplingTables),
    ):
        config = replace(CONFIG, frequency=frequency, active=active, distribution=distribution)
        assert isinstance(new_cohort(config, "tied").rows, kind)


@pytest.mark.parametrize("decay", [-2.0, 2.0])
def test_weights_decay_as_with_any_rows(decay: float) -> None:
    """Decay is decoupled: it moves the weights before the step, and the step stays the same."""
    starts, ends = [], []
    for weight_decay in (0.0, decay):
        config = replace(CONFIG, weight_decay=weight_decay, decay_of="weights")
        engine = FusedEngine(config, 1)
        starts.append(engine.parameters("tied"))
        engine.advance({"tied": 1})
        ends.append(engine.parameters("tied"))
        engine.close()
    encoder = starts[0].encoder
    np.testing.assert_array_equal(encoder, starts[1].encoder)
    towards = -1.0 if decay > 0 else 1 / np.linalg.norm(encoder, axis=-1, keepdims=True) - 1
    expected = CONFIG.learning_rate * abs(decay) * encoder * towards
    np.testing.assert_allclose(ends[1].encoder - ends[0].encoder, expected, atol=1e-6)
    np.testing.assert_array_equal(ends[0].bias, ends[1].bias)


def test_both_engines_learn_the_same() -> None:
    losses = []
    for engine in (FusedEngine(CONFIG, 1), TorchEngine(CONFIG)):
        engine.advance({"tied": CONFIG.steps})
        (lane,) = CONFIG.lanes
        weights = engine.parameters("tied").take(0)
        losses.append(evaluate(CONFIG, lane, weights, 1 << 14).loss_total)
        engine.close()
    assert losses[0] == pytest.approx(losses[1], rel=0.03)
    assert losses[0] < 0.8 * float(CONFIG.feature_frequency.sum()) / 3
