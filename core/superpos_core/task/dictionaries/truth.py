"""What dictionaries should find: the directions of features in hidden vectors."""

from dataclasses import replace

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.dictionaries.directions import DIRECTIONS, OF_MODEL
from superpos_core.task.lanes import Lane
from superpos_core.task.sweeps import sweep_named


def model_config(config: ExperimentConfig) -> ExperimentConfig:
    """The config of the models whose directions dictionaries should find, trained first.

    One lane per sparsity, swept value and seed, unless only dictionaries depend on what is swept.
    """
    is_of_dictionaries = sweep_named(config.sweep).scales_activity
    return replace(
        config,
        kind=LANES,
        models=config.models[:1],
        steps=max(config.model_steps, 1),
        warm_up=0,
        sweep="none" if is_of_dictionaries else config.sweep,
        sweep_values=() if is_of_dictionaries else config.sweep_values,
    )


def steps_of_models(config: ExperimentConfig) -> int:
    """The steps that models train before their dictionaries; 0 if directions are made."""
    return config.model_steps if config.directions == OF_MODEL else 0


def model_lanes_of(config: ExperimentConfig, lanes: tuple[Lane, ...]) -> tuple[int, ...]:
    """The index, among the lanes of ``model_config``, of the model that each lane reads."""
    of_models = model_config(config)
    (model,) = of_models.models
    index = {lane: index for index, lane in enumerate(of_models.lanes_of(model))}
    return tuple(
        index[
            replace(
                lane,
                model=model,
                swept=lane.swept if of_models.sweep_values else None,
                sweep=of_models.sweep,
            )
        ]
        for lane in lanes
    )


def made_directions(config: ExperimentConfig, lanes: tuple[Lane, ...]) -> FloatArray:
    """Directions that no model has, by ``config.directions``: shape (lanes, n, m), float32.

    They depend on the sparsity and the seed of a lane alone, not on the kind of dictionary.
    """
    made = DIRECTIONS[config.directions]
    assert made.draw is not None
    each = [
        made.draw(
            replace(lane, model=made.name, swept=None, sweep="none").random("directions"),
            config.features,
            config.hidden,
        )
        for lane in lanes
    ]
    return freeze(np.stack(each))
