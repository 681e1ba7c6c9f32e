"""The two stages of a run of dictionaries: models that train first, and who reads them."""

from collections.abc import Mapping
from typing import cast

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.engine import Engine
from superpos_core.engine.dictionaries import DictionaryEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.directions import OF_MODEL
from superpos_core.task.dictionaries.start import stacked_initial_dictionaries
from superpos_core.task.dictionaries.truth import (
    made_directions,
    model_config,
    model_lanes_of,
    steps_of_models,
)
from superpos_core.task.parameters import Parameters
from superpos_core.training.job import EngineFactory


class TrueModels:
    """The models whose directions dictionaries should find, at step 0, in their own engine."""

    def __init__(self, config: ExperimentConfig, make_engine: EngineFactory) -> None:
        of_models = model_config(config)
        (self._model,) = of_models.models
        self._lanes = list(model_lanes_of(config, config.lanes_of(config.dictionaries[0])))
        self.engine = make_engine(of_models)

    def advance(self, steps: int) -> None:
        """Train them for so many steps."""
        self.engine.advance({self._model: steps})

    @property
    def directions(self) -> FloatArray:
        """The current directions of each lane of dictionaries: the rows of W, (lanes, n, d)."""
        encoder = self.engine.parameters(self._model).encoder
        return freeze(np.ascontiguousarray(encoder[self._lanes], np.float32))


class Stages:
    """What trains at the moment: models up to their last step, and then dictionaries.

    ``directions`` are those that dictionaries read already at ``model_step``. Without them they are
    made, or those of models that start with given weights, if no models have to train.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: EngineFactory,
        model_step: int = 0,
        directions: FloatArray | None = None,
    ) -> None:
        self.model_step = model_step
        self._config = config
        self._make_engine = make_engine
        self._models: TrueModels | None = None
        self._reading: DictionaryEngine | None = None
        self._directions = directions
        self._initial: dict[str, Parameters] = {}
        if model_step < steps_of_models(config):
            self._models = TrueModels(config, make_engine)
        else:
            self._read(self._directions_at_once() if directions is None else directions)

    @property
    def are_models_training(self) -> bool:
        """Whether the dictionaries have nothing to read yet."""
        return self._reading is None

    @property
    def engine(self) -> Engine:
        """The engine that trains now."""
        if self._reading is not None:
            return self._reading
        assert self._models is not None
        return self._models.engine

    @property
    def directions(self) -> FloatArray:
        """The directions of the moment, (lanes, n, d), float32."""
        if self._models is not None:
            return self._models.directions
        assert self._directions is not None
        return self._directions

    def advance_models(self, steps: int) -> None:
        """Train the models; after their last step the dictionaries read their directions."""
        assert self._models is not None
        self._models.advance(steps)
        self.model_step += steps
        if self.model_step == steps_of_models(self._config):
            models, directions = self._models, self._models.directions
            self._read(directions)
            self._models = None
            models.engine.close()

    def advance(self, steps: Mapping[str, int]) -> Mapping[str, tuple[FloatArray, FloatArray]]:
        """Train dictionaries; by kind the losses and L0 of every step, each (steps, lanes)."""
        assert self._reading is not None
        losses = self._reading.advance(steps)
        return {kind: (each, self._reading.active(kind)) for kind, each in losses.items()}

    def join(self, kind: str, config: ExperimentConfig) -> None:
        """Add dictionaries of a kind at step 0; ``config`` is the one with them."""
        self._config = config
        if self._reading is not None:
            self._reading.join(kind)

    def parameters(self, kind: str) -> Parameters:
        """The parameters of a kind's lanes: the initial ones as long as models train."""
        if self._reading is not None:
            return self._reading.parameters(kind).map(freeze)
        if kind not in self._initial:
            lanes = self._config.lanes_of(kind)
            initial = stacked_initial_dictionaries(self._config, lanes, self.directions)
            self._initial[kind] = initial.map(freeze)
        return self._initial[kind]

    def close(self) -> None:
        """Release the engine."""
        self.engine.close()

    def _read(self, directions: FloatArray) -> None:
        # An engine factory makes engines of dictionaries for configs of their kind.
        engine = cast(DictionaryEngine, self._make_engine(self._config))
        engine.read(directions)
        self._directions, self._reading = directions, engine

    def _directions_at_once(self) -> FloatArray:
        config = self._config
        if config.directions != OF_MODEL:
            return made_directions(config, config.lanes_of(config.dictionaries[0]))
        models = TrueModels(config, self._make_engine)
        try:
            return models.directions
        finally:
            models.engine.close()
