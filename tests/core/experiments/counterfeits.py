"""Counterfeits: untrained weights in the form of an experiment's last record.

An experiment's checks get these instead of trained weights. Nonsense must not pass any check; a
solution to another task must not pass most of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.phase_grid import PHASE_MAP, Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.record import Record
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.data import Values, distribution_named
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.initialization import initial_parameters
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters, stacked
from superpos_core.theory import feature_variance
from superpos_core.training.run import train

MAX_RESTARTS = 2
"""Maximum restarts of a counterfeit: those of one setting are identical or random."""
MAX_TRAINED_RESTARTS = 8
MAX_STEPS, MAX_DATASET_STEPS = 600, 60
"""Maximum steps of the short training behind some counterfeits."""
SEED_SPACING = 1000
SAMPLED_ROWS = 1 << 13
"""Rows behind a mean that has no closed form."""
MEAN_OF_ACTIVE: Mapping[Values, float] = {
    "uniform": 1 / 2,
    "signed": 1 / 2,
    "binary": 1,
    "exponential": 1,
}
"""E[|x|] of an active feature."""

Forge = Callable[[ExperimentConfig, Lane], Parameters]
"""Makes the parameters of one lane."""


@dataclass(frozen=True)
class Counterfeit:
    """A kind of weights and how to make them.

    ``is_nonsense``: they solve no task, so they should pass no check. ``seeds``: how many random
    variants there are; 1 if deterministic.
    """

    name: str
    forge: Forge
    is_nonsense: bool = False
    seeds: int = 1


# ── weights made by hand ──────────────────────────────────────────────────────────────────────


def means(config: ExperimentConfig, lane: Lane) -> FloatArray:
    """The mean of every target, E[x_i] or E[|x_i|], shape (n,)."""
    distribution = distribution_named(config.distribution)
    target = model_named(lane.model).target
    if distribution.unit_norm:
        rows = fresh_rows(config, lane, lane.random("counterfeit means"), SAMPLED_ROWS)
        mean: FloatArray = rows.mean(axis=0, dtype=np.float64)
        return mean
    sets, size = distribution.sets(config.feature_probability(lane), config.set_size)
    active = sets / size if distribution.grouping == "anticorrelated" else sets
    if distribution.values == "signed" and target == "input":
        return np.zeros_like(active)
    return active * MEAN_OF_ACTIVE[distribution.values]


def untrained(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The initial weights."""
    return initial_parameters(config, lane)


def zeros(config: ExperimentConfig, lane: Lane) -> Parameters:
    """All parameters 0."""
    return _tied(config, lane, np.zeros((config.features, config.hidden)))


def means_only(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Zero weights and the optimal bias for them."""
    return _tied(config, lane, np.zeros((config.features, config.hidden)), bias=means(config, lane))


def linear_optimum(config: ExperimentConfig, lane: Lane) -> Parameters:
    """A dedicated dimension for each of the m heaviest features; means for the rest."""
    encoder, ignored = _dedicated(config, lane)
    return _tied(config, lane, encoder, bias=np.where(ignored, means(config, lane), 0))


def linear_optimum_without_bias(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The same, but ignored features are reconstructed as 0."""
    encoder, _ = _dedicated(config, lane)
    return _tied(config, lane, encoder)


def random_unit_rows(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Features of norm 1 in random directions."""
    rows = _normal(config, lane)
    return _tied(config, lane, rows / np.linalg.norm(rows, axis=1, keepdims=True))


def random_tight_frame(config: ExperimentConfig, lane: Lane) -> Parameters:
    """W where WᵀW is a multiple of the identity and the mean ‖W_i‖² is 1: Σ D_i = m exactly."""
    left, _, right = np.linalg.svd(_normal(config, lane), full_matrices=False)
    scale = np.sqrt(config.features / min(config.features, config.hidden))
    return _tied(config, lane, scale * left @ right)


def one_axis(config: ExperimentConfig, lane: Lane) -> Parameters:
    """All features along the first hidden dimension."""
    encoder = np.zeros((config.features, config.hidden))
    encoder[:, 0] = 1
    return _tied(config, lane, encoder)


def digons_in_order(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Antipodal pairs of features 0 and 1, 2 and 3, …, one per dimension; means for the rest."""
    return _digons(config, lane, np.arange(config.features))


def digons_across(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Antipodal pairs of features i and i + m, which join sets if there are any."""
    features = np.arange(config.features)
    order = np.ravel(
        [features[: config.hidden], np.roll(features, -config.hidden)[: config.hidden]], "F"
    )
    return _digons(config, lane, order)


def _dedicated(config: ExperimentConfig, lane: Lane) -> tuple[FloatArray, BoolArray]:
    """W, shape (n, m), and which features are ignored, shape (n,)."""
    variance = feature_variance(
        config.feature_probability(lane), distribution_named(config.distribution).moments
    )
    heaviest = np.argsort(-config.importance_of(lane) * variance, kind="stable")[: config.hidden]
    encoder = np.zeros((config.features, config.hidden))
    encoder[heaviest, np.arange(heaviest.size)] = 1
    ignored: BoolArray = ~np.any(encoder, axis=1)
    return encoder, ignored


def _digons(config: ExperimentConfig, lane: Lane, order: IntArray) -> Parameters:
    encoder = np.zeros((config.features, config.hidden))
    for index, feature in enumerate(order[: 2 * config.hidden]):
        encoder[feature, index // 2] = 1 if index % 2 == 0 else -1
    return _tied(config, lane, encoder, bias=np.where(encoder.any(axis=1), 0, means(config, lane)))


def _normal(config: ExperimentConfig, lane: Lane) -> FloatArray:
    return lane.random("counterfeit").standard_normal((config.features, config.hidden))


def _tied(
    config: ExperimentConfig, lane: Lane, encoder: FloatArray, bias: FloatArray | None = None
) -> Parameters:
    """Parameters of either kind of model, with W₂ = W₁ᵀ."""
    return Parameters(
        encoder=encoder.astype(np.float32),
        decoder=None if model_named(lane.model).tied else encoder.T.astype(np.float32),
        bias=(np.zeros(config.features) if bias is None else bias).astype(np.float32),
    )


# ── briefly trained weights ───────────────────────────────────────────────────────────────────


def ten_times(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The experiment's own briefly trained parameters, times ten."""
    return _trained_parameters(config.name, config, lane).map(lambda array: 10 * array)


def from_elsewhere(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The weights of ``donor_of`` at its nearest density."""
    donor = donor_of(EXPERIMENTS[config.name])
    if donor is None:
        raise LookupError(f"no other experiment has the sizes of {config.name}")
    return _trained_parameters(donor.name, config, lane)


def donor_of(experiment: Experiment) -> Experiment | None:
    """Another experiment that trains one of the models at the same sizes, if there is one."""
    config = experiment.config
    for other in EXPERIMENTS.values():
        if (
            other.name != experiment.name
            and other.config.kind == LANES
            and (other.config.features, other.config.hidden) == (config.features, config.hidden)
            and other.config.models[0] in config.models
        ):
            return other
    return None


def _trained_parameters(name: str, config: ExperimentConfig, lane: Lane) -> Parameters:
    """The best lane of the briefly trained experiment ``name`` at the setting nearest to it."""
    run = briefly_trained(name)
    model = lane.model if lane.model in run.cohorts else run.config.models[0]
    cohort = run.cohorts[model]
    away = [
        abs(np.log(setting.density / lane.density)) + _sweep_apart(setting.swept, lane.swept)
        for setting in run.config.settings
    ]
    return cohort.parameters.take(cohort.lane_at(int(np.argmin(away))))


def _sweep_apart(one: float | None, other: float | None) -> float:
    """The distance between two swept factors: of their logarithms unless one is 0."""
    if one is None:
        return 0
    other = 1.0 if other is None else other
    return abs(float(np.log(one / other))) if one and other else abs(one - other)


@cache
def briefly_trained(name: str) -> LanesRecord:
    """A shortened quick run of the experiment ``name``, which takes seconds at most."""
    config = EXPERIMENTS[name].quick_config
    steps = min(config.steps, MAX_DATASET_STEPS if config.dataset_size else MAX_STEPS)
    short = replace(
        config,
        steps=steps,
        batch=min(config.batch, 256),
        warm_up=min(config.warm_up, steps // 10),
        restarts=min(config.restarts, MAX_TRAINED_RESTARTS),
    )
    return train(short).record_as(LanesRecord)


# ── counterfeit snapshots ─────────────────────────────────────────────────────────────────────

COUNTERFEITS: Mapping[str, Counterfeit] = {
    counterfeit.name: counterfeit
    for counterfeit in (
        Counterfeit("untrained", untrained, is_nonsense=True, seeds=2),
        Counterfeit("zeros", zeros, is_nonsense=True),
        Counterfeit("means only", means_only, is_nonsense=True),
        Counterfeit("random unit rows", random_unit_rows, is_nonsense=True, seeds=2),
        Counterfeit("random tight frame", random_tight_frame, is_nonsense=True),
        Counterfeit("one axis", one_axis, is_nonsense=True),
        Counterfeit("linear optimum", linear_optimum),
        Counterfeit("linear optimum without bias", linear_optimum_without_bias),
        Counterfeit("digons in order", digons_in_order),
        Counterfeit("digons across", digons_across),
        Counterfeit("ten times", ten_times, is_nonsense=True),
        Counterfeit("from elsewhere", from_elsewhere),
    )
}


def counterfeits_of(experiment: Experiment) -> list[Counterfeit]:
    """The counterfeits possible for ``experiment``; maps have none that need training."""
    impossible = set()
    if experiment.config.kind == PHASE_MAP:
        impossible.add("ten times")
    if experiment.config.kind == PHASE_MAP or donor_of(experiment) is None:
        impossible.add("from elsewhere")
    return [each for each in COUNTERFEITS.values() if each.name not in impossible]


def forged(experiment: Experiment, counterfeit: Counterfeit, seed: int = 0) -> Record:
    """A finished run of ``experiment`` with a counterfeit's weights in every lane.

    All moments of its timeline are equal. A map has the grid of the quick settings.
    """
    is_map = experiment.config.kind == PHASE_MAP
    config = experiment.quick_config if is_map else experiment.config
    restarts = 1 if is_map else min(config.restarts, MAX_RESTARTS)
    config = replace(config, restarts=restarts, seed=config.seed + SEED_SPACING * seed)
    if is_map:
        return _forged_map(config, counterfeit.forge)
    cohorts = {model: _forged_cohort(config, model, counterfeit.forge) for model in config.models}
    return LanesRecord(config, cohorts)


def _forged_cohort(config: ExperimentConfig, model: str, forge: Forge) -> Cohort:
    lanes = config.lanes_of(model)
    parameters = stacked([forge(config, lane) for lane in lanes])
    history = LossHistory(len(lanes))
    history.append(np.ones((5, len(lanes)), dtype=np.float32))
    moments = tuple(Moment(step, parameters) for step in (0, config.steps // 2, config.steps))
    return Cohort(
        lanes,
        config.steps,
        parameters,
        history.full,
        history.recent,
        restarts=config.restarts,
        timeline=Timeline(moments),
    )


def _forged_map(config: ExperimentConfig, forge: Forge) -> PhaseMap:
    grid = PhaseGrid(config)
    rows, columns = grid.shape
    block = Block(tuple(range(rows)), tuple(range(columns)))
    lanes = grid.config_of(block).lanes
    parameters = stacked([forge(config, lane) for lane in lanes])
    phase_map = PhaseMap.empty(grid).with_block(block, parameters, np.ones(len(lanes)))
    return replace(phase_map, share_done=1.0)
