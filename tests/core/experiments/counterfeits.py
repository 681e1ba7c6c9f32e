"""Counterfeits: weights that training never made, in the shape of any experiment's last record.

An experiment's checks are shown these instead of trained weights. Nonsense must pass none of them;
what is a solution to another problem must not pass most of them.
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

MOST_RESTARTS = 2
"""Restarts of a counterfeit: those of one setting are alike, or random ones."""
MOST_TRAINED_RESTARTS = 8
MOST_STEPS, MOST_STEPS_OF_A_DATASET = 600, 60
"""Steps of the short training behind the counterfeits that need some."""
SEEDS_APART = 1000
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
    """A kind of weights, and how they are made.

    ``is_nonsense``: they solve no problem, so that they should pass no check. ``seeds``: how many
    different ones there are; 1 where no chance is involved.
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
    """Nothing at all."""
    return _tied(config, lane, np.zeros((config.features, config.hidden)))


def means_only(config: ExperimentConfig, lane: Lane) -> Parameters:
    """No weights, and the best bias that there is without any."""
    return _tied(config, lane, np.zeros((config.features, config.hidden)), bias=means(config, lane))


def linear_optimum(config: ExperimentConfig, lane: Lane) -> Parameters:
    """A unit vector of its own for each of the m features that weigh most; means for the rest."""
    encoder, ignored = _dedicated(config, lane)
    return _tied(config, lane, encoder, bias=np.where(ignored, means(config, lane), 0))


def linear_optimum_without_bias(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The same, where ignored features are given back as 0."""
    encoder, _ = _dedicated(config, lane)
    return _tied(config, lane, encoder)


def random_unit_rows(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Every feature has norm 1, in any direction."""
    rows = _normal(config, lane)
    return _tied(config, lane, rows / np.linalg.norm(rows, axis=1, keepdims=True))


def random_tight_frame(config: ExperimentConfig, lane: Lane) -> Parameters:
    """W with WᵀW a multiple of the identity and a mean ‖W_i‖² of 1: Σ D_i = m exactly."""
    left, _, right = np.linalg.svd(_normal(config, lane), full_matrices=False)
    scale = np.sqrt(config.features / min(config.features, config.hidden))
    return _tied(config, lane, scale * left @ right)


def one_axis(config: ExperimentConfig, lane: Lane) -> Parameters:
    """All features along the first hidden dimension."""
    encoder = np.zeros((config.features, config.hidden))
    encoder[:, 0] = 1
    return _tied(config, lane, encoder)


def digons_in_order(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Antipodal pairs of features 0 and 1, 2 and 3, …, one for each dimension; means for others."""
    return _digons(config, lane, np.arange(config.features))


def digons_across(config: ExperimentConfig, lane: Lane) -> Parameters:
    """As many antipodal pairs, of features i and i + m: they join sets where there are some."""
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
    for place, feature in enumerate(order[: 2 * config.hidden]):
        encoder[feature, place // 2] = 1 if place % 2 == 0 else -1
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


# ── weights that a little training made ───────────────────────────────────────────────────────


def ten_times(config: ExperimentConfig, lane: Lane) -> Parameters:
    """What the experiment's own training comes to, every number of it ten times as large."""
    return _trained_parameters(config.name, config, lane).map(lambda array: 10 * array)


def from_elsewhere(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The weights of ``donor_of`` at its nearest density."""
    donor = donor_of(EXPERIMENTS[config.name])
    if donor is None:
        raise LookupError(f"nothing else has the sizes of {config.name}")
    return _trained_parameters(donor.name, config, lane)


def donor_of(experiment: Experiment) -> Experiment | None:
    """Another experiment with the same sizes that trains one of the models; ``None`` if none is."""
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
    """Of the experiment ``name``, trained for a moment, the best lane at the nearest setting."""
    run = briefly_trained(name)
    model = lane.model if lane.model in run.cohorts else run.config.models[0]
    cohort = run.cohorts[model]
    away = [
        abs(np.log(setting.density / lane.density)) + _sweep_apart(setting.swept, lane.swept)
        for setting in run.config.settings
    ]
    return cohort.parameters.take(cohort.lane_at(int(np.argmin(away))))


def _sweep_apart(one: float | None, other: float | None) -> float:
    """How far apart two factors are, where there are two: by logarithm, if neither is 0."""
    if one is None:
        return 0
    other = 1.0 if other is None else other
    return abs(float(np.log(one / other))) if one and other else abs(one - other)


@cache
def briefly_trained(name: str) -> LanesRecord:
    """The experiment ``name``, trained for seconds at most: the quick settings, cut short."""
    config = EXPERIMENTS[name].quick_config
    most_steps = MOST_STEPS_OF_A_DATASET if config.dataset_size else MOST_STEPS
    steps = min(config.steps, most_steps)
    short = replace(
        config,
        steps=steps,
        batch=min(config.batch, 256),
        warm_up=min(config.warm_up, steps // 10),
        restarts=min(config.restarts, MOST_TRAINED_RESTARTS),
    )
    return train(short).record_as(LanesRecord)


# ── snapshots of them ─────────────────────────────────────────────────────────────────────────

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
    """Those that can be made of an experiment; a map is not trained for a counterfeit."""
    impossible = set()
    if experiment.config.kind == PHASE_MAP:
        impossible.add("ten times")
    if experiment.config.kind == PHASE_MAP or donor_of(experiment) is None:
        impossible.add("from elsewhere")
    return [each for each in COUNTERFEITS.values() if each.name not in impossible]


def forged(experiment: Experiment, counterfeit: Counterfeit, seed: int = 0) -> Record:
    """What a finished run of ``experiment`` looks like with a counterfeit's weights in every lane.

    Every moment of its timeline is the same. A map has the grid of the quick settings.
    """
    is_map = experiment.config.kind == PHASE_MAP
    config = experiment.quick_config if is_map else experiment.config
    restarts = 1 if is_map else min(config.restarts, MOST_RESTARTS)
    config = replace(config, restarts=restarts, seed=config.seed + SEEDS_APART * seed)
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
