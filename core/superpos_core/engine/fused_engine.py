"""The CPU engine: many whole steps of a lane in one compiled call, lanes dealt out to threads."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig
from superpos_core.data import distribution_named
from superpos_core.engine.fused.cohort import Dealer, FusedCohort
from superpos_core.engine.fused.dealing import Threads
from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.specialisation import Formula, Sampling
from superpos_core.initialization import stacked_initial_parameters
from superpos_core.models import MODELS, Parameters, model_named
from superpos_core.schedules import schedule_named


class FusedEngine:
    """Trains the lanes of a config with the compiled kernel; the first use of one compiles it."""

    name = "fused"

    def __init__(
        self,
        config: ExperimentConfig,
        threads: int | None = None,
        on_news: Callable[[str], None] = lambda news: None,
    ) -> None:
        """``threads``: as many as the process may use cores, if not said otherwise."""
        self._config = config
        self._on_news = on_news
        self._threads = Threads(threads)
        self._dealer = Dealer(self._threads)
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
        return f"cpu×{self._threads.count}"

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0; compiles the kernel if it has to."""
        self._cohorts[model] = self._new_cohort(model)

    def _new_cohort(self, name: str) -> FusedCohort:
        model, lanes = model_named(name), self._config.lanes_of(name)
        distribution = distribution_named(self._config.distribution)
        cohort = FusedCohort.new(
            formula=Formula(model.hidden_activation, model.output_activation, model.target),
            tied=model.tied,
            hidden=self._config.hidden,
            probabilities=np.stack([self._config.feature_probability(lane) for lane in lanes]),
            importance=np.stack([self._config.importance_of(lane) for lane in lanes]),
            seeds=np.stack(
                [lane.seed_sequence("data").generate_state(1, np.uint64)[0] for lane in lanes]
            ),
            sampling=Sampling(distribution.values, distribution.grouping),
        )
        start = stacked_initial_parameters(self._config, lanes)
        cohort.encoder[:] = start.encoder
        if start.free_decoder is not None:
            cohort.decoder[:] = start.free_decoder
        if cohort.needs_compiling:
            self._on_news("compiling the training kernel, once")
        cohort.compile()
        return cohort

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly so many steps of each model named; the losses, shape (steps, lanes)."""
        work = [(self._cohorts[model], self._optimiser(model, steps[model])) for model in steps]
        losses = self._dealer.advance(self._config.batch, work)
        return {model: values.T for model, values in zip(steps, losses, strict=True)}

    def _optimiser(self, model: str, steps: int) -> Optimiser:
        config = self._config
        first = int(self._cohorts[model].states.steps[0])
        rates = schedule_named(config.learning_rate_schedule).rates(
            config.learning_rate, first, steps, config.steps
        )
        return Optimiser(rates, weight_decay=config.weight_decay)

    def parameters(self, model: str) -> Parameters:
        """The parameters of a model's lanes now, as copies with a leading lane axis."""
        cohort = self._cohorts[model]
        free = None if cohort.layout.tied else cohort.decoder.copy()
        return Parameters(cohort.encoder.copy(), free, cohort.bias.copy())

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that training needs to go on from here, as flat named arrays."""
        return {
            f"{model}/{name}": array.copy()
            for model, cohort in self._cohorts.items()
            for name, array in cohort.states._asdict().items()
        }

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a ``state`` of the same config; raises ``ValueError`` if it is not one."""
        models = dict.fromkeys([*self._cohorts, *(name.split("/")[0] for name in state)])
        cohorts = {model: self._new_cohort(model) for model in models if model in MODELS}
        arrays = {
            f"{model}/{name}": array
            for model, cohort in cohorts.items()
            for name, array in cohort.states._asdict().items()
        }
        if arrays.keys() != state.keys():
            raise ValueError("the state is not one of this config: its arrays have other names")
        for name, array in arrays.items():
            if array.shape != state[name].shape or array.dtype != state[name].dtype:
                raise ValueError(f"the state is not one of this config: {name} is another array")
        for name, array in arrays.items():
            array[...] = state[name]
        self._cohorts = cohorts

    def close(self) -> None:
        """End the threads."""
        self._threads.close()
