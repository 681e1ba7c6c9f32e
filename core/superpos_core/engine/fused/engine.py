"""The CPU engine: many steps of a lane per compiled call, with lanes distributed over threads."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.engine import EngineState
from superpos_core.engine.fused.cohort import CohortRunner, FusedCohort
from superpos_core.engine.fused.layout import RULES, Optimiser
from superpos_core.engine.fused.ray_choice import are_rays
from superpos_core.engine.fused.specialisation import Formula, Sampling
from superpos_core.engine.fused.threads import Threads
from superpos_core.engine.states import check_start, check_state, models_to_load
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.dataset import (
    MAX_DRAWN,
    MAX_ORDER,
    are_drawn_whole,
    dataset,
    is_full_batch,
    row_order,
    rows_in_step,
    rows_of_steps,
)
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_core.task.recipe import MAX_STEPS
from superpos_core.task.schedules import schedule_named


class FusedEngine:
    """Trains the lanes of a config with the compiled kernel; the first use of one compiles it."""

    name = "fused"

    def __init__(
        self,
        config: ExperimentConfig,
        threads: int | None = None,
        on_news: Callable[[str], None] = lambda news: None,
    ) -> None:
        """``threads``: by default the number of usable cores."""
        self._config = config
        self._on_news = on_news
        self._threads = Threads(threads)
        self._runner = CohortRunner(self._threads)
        self._cohorts: dict[str, FusedCohort] = {}
        try:
            for model in config.models:
                self.join(model)
        except BaseException:
            self.close()
            raise

    @property
    def device(self) -> str:
        """The processor, with the number of threads."""
        return self._threads.where

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0; compiles the kernel if necessary."""
        self._cohorts[model] = self._new_cohort(model)

    def _new_cohort(self, model: str) -> FusedCohort:
        cohort = new_cohort(self._config, model)
        cohort.compile(self._on_news)
        return cohort

    def start_from(self, model: str, parameters: Parameters) -> None:
        """Let a model's lanes, at step 0, start from these parameters; they have a lane axis."""
        own = self._cohorts[model].parameters
        check_start(own, parameters)
        for name, view in own.arrays.items():
            view[...] = parameters.arrays[name]

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly this many steps of each named model; the losses, shape (steps, lanes)."""
        losses: dict[str, list[FloatArray]] = {model: [] for model in steps}
        left = {model: count for model, count in steps.items() if count > 0}
        while left:
            now = {model: min(count, self._max_steps(model)) for model, count in left.items()}
            work = [(self._ready(model, now[model]), self._optimiser(model, now[model]))
                    for model in now]  # fmt: skip
            for model, values in zip(
                now, self._runner.advance(self._config.batch, work), strict=True
            ):
                losses[model].append(values.T)
            left = {model: left[model] - now[model] for model in now if left[model] > now[model]}
        return {
            model: np.concatenate(parts)
            if parts
            else np.empty((0, self._cohorts[model].lanes), np.float32)
            for model, parts in losses.items()
        }

    def _max_steps(self, model: str) -> int:
        """Maximum steps per call of the kernel, which has one σ and the rows of each step."""
        return min(self._max_steps_of_rows(model), self._max_steps_of_noise(model))

    def _max_steps_of_noise(self, model: str) -> int:
        """As many as there are until σ changes."""
        step = self._steps_taken(model)
        left = (change - step for change in self._config.noise_changes if change > step)
        return next(left, MAX_STEPS)

    def _max_steps_of_rows(self, model: str) -> int:
        """As many as there is memory for."""
        is_drawn = are_drawn_whole(self._config)
        if self._config.dataset_size == 0 and not is_drawn:
            return MAX_STEPS
        rows = sum(rows_in_step(self._config, lane) for lane in self._config.lanes_of(model))
        return max(
            MAX_DRAWN // (rows * self._config.features) if is_drawn else MAX_ORDER // rows, 1
        )

    def _ready(self, model: str, steps: int) -> FusedCohort:
        """The cohort with the next steps' noise and, if it does not draw, their rows or indices."""
        config, cohort = self._config, self._with_noise(model)
        lanes = config.lanes_of(model)
        if are_drawn_whole(config):
            first = self._steps_taken(model)
            return cohort.on_drawn([rows_of_steps(config, lane, first, steps) for lane in lanes])
        if config.dataset_size == 0 or all(is_full_batch(config, lane) for lane in lanes):
            return cohort
        first = self._steps_taken(model)
        return cohort.in_order([row_order(config, lane, first, steps) for lane in lanes])

    def _with_noise(self, model: str) -> FusedCohort:
        """The cohort with the σ of its next step, which is that of all steps of a call."""
        config, cohort = self._config, self._cohorts[model]
        (factor,) = config.noise_schedule.factors_from(self._steps_taken(model), 1, config.steps)
        return replace(cohort, hidden_noise=cohort.hidden_noise * (factor, 1.0, 1.0))

    def _steps_taken(self, model: str) -> int:
        return int(self._cohorts[model].states.steps[0])

    def _optimiser(self, model: str, steps: int) -> Optimiser:
        config = self._config
        rates = schedule_named(config.learning_rate_schedule).rates(
            config.learning_rate, self._steps_taken(model), steps, config.steps, config.warm_up
        )
        return Optimiser(
            rates,
            RULES[config.optimiser],
            momentum=config.momentum,
            weight_decay=config.decay.of_all,
            decay_of_weights=config.decay.of_weights,
        )

    def parameters(self, model: str) -> Parameters:
        """The current parameters of a model's lanes, as copies with a leading lane axis."""
        return self._cohorts[model].parameters.map(lambda view: view.copy())

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to continue training from here, as flat named arrays."""
        return {name: array.copy() for name, array in _arrays_of(self._cohorts).items()}

    def load_state(self, state: EngineState) -> None:
        """Continue from a ``state`` of the same config; raises ``ValueError`` if it is not one."""
        cohorts = {model: self._new_cohort(model) for model in models_to_load(state, self._cohorts)}
        arrays = _arrays_of(cohorts)
        check_state(arrays, state)
        for name, array in arrays.items():
            array[...] = state[name]
        self._cohorts = cohorts

    def close(self) -> None:
        """End the threads."""
        self._threads.close()


def new_cohort(config: ExperimentConfig, name: str) -> FusedCohort:
    """The cohort of the model called ``name`` at step 0."""
    model, lanes = model_named(name), config.lanes_of(name)
    distribution = distribution_named(config.distribution)
    probabilities, set_size = distribution.sets(
        np.stack([config.feature_probability(lane) for lane in lanes]), config.set_size
    )
    cohort = FusedCohort.new(
        formula=Formula(model.hidden_activation, model.output_activation, model.target),
        tied=model.tied,
        hidden=config.hidden,
        probabilities=probabilities,
        importance=np.stack([config.importance_of(lane) for lane in lanes]),
        seeds=np.stack(
            [lane.seed_sequence("data").generate_state(1, np.uint64)[0] for lane in lanes]
        ),
        sampling=Sampling(distribution.values, distribution.grouping, distribution.unit_norm),
        set_sizes=[set_size] * (config.features // set_size),
        hidden_penalty=[config.hidden_penalty_of(lane) for lane in lanes],
        hidden_of_lanes=[config.hidden_of(lane) for lane in lanes],
        hidden_noise=[config.hidden_noise_of(lane) for lane in lanes],
        hidden_dropout=config.hidden_dropout,
    )
    if config.dataset_size:
        cohort = cohort.on_given(dataset(config, lane) for lane in lanes)
    elif are_drawn_whole(config):
        cohort = cohort.on_given(rows_of_steps(config, lane, 0, 1)[0] for lane in lanes)
    elif are_rays(config, name):
        cohort = cohort.on_rays(probabilities)
    views = cohort.parameters.arrays
    for name, array in stacked_initial_parameters(config, lanes).arrays.items():
        views[name][:] = array
    return cohort


def _arrays_of(cohorts: Mapping[str, FusedCohort]) -> dict[str, NDArray[Any]]:
    """All state of training, as flat named arrays that the kernel writes to."""
    return {
        f"{model}/{name}": array
        for model, cohort in cohorts.items()
        for name, array in cohort.states._asdict().items()
    }
