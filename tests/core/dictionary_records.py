"""Records of dictionaries made by hand: random arrays, and curves that fall and rise."""

from dataclasses import replace

import numpy as np

from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.history import LossHistory
from superpos_core.record.timeline import TimelineRecorder
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.parameters import Parameters
from superpos_core.task.trained_arrays import array_shapes

SMALL_DICTIONARIES = ExperimentConfig(
    "small-dictionaries",
    kind=DICTIONARIES,
    features=5,
    hidden=2,
    models=("tied",),
    sparsities=(0.5, 0.9),
    restarts=2,
    dictionaries=("relu", "gated", "batch-topk"),
    latents=6,
    model_steps=30,
    steps=40,
)


def made_record(config: ExperimentConfig = SMALL_DICTIONARIES, step: int = 40) -> DictionaryRecord:
    """A record at a step, with the moments 0, ``step`` and one between; models are trained."""
    random = np.random.default_rng(step)
    lanes = len(config.lanes_of(config.dictionaries[0]))
    directions = random.standard_normal((lanes, config.features, config.hidden), np.float32)
    cohorts = {name: _made_cohort(config, name, step, random) for name in config.dictionaries}
    return DictionaryRecord(config, cohorts, directions, config.model_steps)


def _made_cohort(
    config: ExperimentConfig, name: str, step: int, random: np.random.Generator
) -> DictionaryCohort:
    lanes = config.lanes_of(name)
    losses, active, timeline = LossHistory(len(lanes)), LossHistory(len(lanes)), TimelineRecorder()
    losses.append(random.random((step, len(lanes)), np.float32))
    active.append(1 + random.random((step, len(lanes)), np.float32))
    for moment in sorted({0, step // 2, step}):
        timeline.record(moment, _random_parameters(config, name, random))
    return DictionaryCohort(
        lanes,
        step,
        timeline.view().moments[-1].parameters,
        losses.full,
        losses.recent,
        config.restarts,
        timeline.view(),
        active=active.full,
        recent_active=active.recent,
    )


def _random_parameters(
    config: ExperimentConfig, name: str, random: np.random.Generator
) -> Parameters:
    lanes, shapes = len(config.lanes_of(name)), array_shapes(config, name)
    return Parameters(
        **{
            each: random.standard_normal((lanes, *shape), np.float32)
            for each, shape in shapes.items()
        }
    )


def still_training_models(record: DictionaryRecord, model_step: int) -> DictionaryRecord:
    """A record at step 0 of its dictionaries, while models train."""
    return replace(made_record(record.config, 0), model_step=model_step)
