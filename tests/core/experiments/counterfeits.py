"""Counterfeits: untrained weights in the form of an experiment's last record.

An experiment's checks get these instead of trained weights. Nonsense must not pass any check; a
solution to another task must not pass most of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from tests.core.experiments.briefly_trained import donor_of, from_elsewhere, ten_times
from tests.core.experiments.untrained import (
    digons_across,
    digons_in_order,
    linear_optimum,
    linear_optimum_without_bias,
    means_only,
    one_axis,
    random_tight_frame,
    random_unit_rows,
    untrained,
    zeros,
)

from superpos_core.experiments import Experiment
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.phase_grid import PHASE_MAP, Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.record import Record
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import HIDDEN, Lane
from superpos_core.task.parameters import Parameters, stacked

MAX_RESTARTS = 2
"""Maximum restarts of a counterfeit: those of one setting are identical or random."""
SEED_SPACING = 1000

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

    All moments of its timeline are equal. A map has the grid of the quick settings, and a run that
    has fewer features then has those.
    """
    is_map = experiment.config.kind == PHASE_MAP
    is_large = is_map or experiment.quick.features is not None
    config = experiment.quick_config if is_large else experiment.config
    restarts = 1 if is_map else min(config.restarts, MAX_RESTARTS)
    config = replace(config, restarts=restarts, seed=config.seed + SEED_SPACING * seed)
    if is_map:
        return _forged_map(config, counterfeit.forge)
    cohorts = {model: _forged_cohort(config, model, counterfeit.forge) for model in config.models}
    return LanesRecord(config, cohorts)


def _forged_cohort(config: ExperimentConfig, model: str, forge: Forge) -> Cohort:
    lanes = config.lanes_of(model)
    parameters = forged_parameters(config, lanes, forge)
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


def forged_parameters(config: ExperimentConfig, lanes: Sequence[Lane], forge: Forge) -> Parameters:
    """The weights of lanes of one model, each with its own m."""
    each = [forge(_with_own_hidden(config, lane), lane) for lane in lanes]
    return stacked(each, config.padding_of(lanes))


def _with_own_hidden(config: ExperimentConfig, lane: Lane) -> ExperimentConfig:
    if config.sweep != HIDDEN:
        return config
    return replace(config, hidden=config.hidden_of(lane), sweep="none", sweep_values=())


def _forged_map(config: ExperimentConfig, forge: Forge) -> PhaseMap:
    grid = PhaseGrid(config)
    rows, columns = grid.shape
    block = Block(tuple(range(rows)), tuple(range(columns)))
    lanes = grid.config_of(block).lanes
    parameters = stacked([forge(config, lane) for lane in lanes])
    phase_map = PhaseMap.empty(grid).with_block(block, parameters, np.ones(len(lanes)))
    return replace(phase_map, share_done=1.0)
