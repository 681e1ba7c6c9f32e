"""Dictionaries attached to a model: trained on the hidden vectors of one lane of a run."""

from dataclasses import replace
from typing import Any

from superpos_core.engine.given_start import GivenStart
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.lanes import INSTANCE, Lane
from superpos_core.task.sweeps import sweep_named

SUFFIX = "-dictionary"
"""What the name of such a run ends with."""
STEPS, LEARNING_RATE, RESAMPLE_EVERY = 20_000, 1e-3, 2_500
"""As ARENA trains dictionaries of toy models."""


def attached_to(
    record: LanesRecord, model: str, lane_index: int
) -> tuple[ExperimentConfig, GivenStart]:
    """The config and the start of a run of one dictionary of a lane, with as many latents as n.

    It reads the hidden vectors of the record's weights at the lane's density; the model does not
    train on. Raises ``KeyError`` for a model that does not train.
    """
    cohort = record.cohorts[model]
    lane, name = cohort.lanes[lane_index], f"{record.config.name}{SUFFIX}"
    config = replace(
        record.config,
        name=name,
        kind=DICTIONARIES,
        models=(model,),
        hidden=record.config.hidden_of(lane),
        sparsities=(lane.sparsity,),
        **_swept_alone(lane),
        seed=lane.seed,
        restarts=1,
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        learning_rate_schedule="constant",
        warm_up=0,
        dictionaries=("relu",),
        latents=record.config.features,
        active_latents=min(record.config.active_latents, record.config.features),
        model_steps=0,
        directions="model",
        resample_every=RESAMPLE_EVERY,
    )
    return config, GivenStart(name, {model: cohort.parameters.take([lane_index])})


def _swept_alone(lane: Lane) -> dict[str, Any]:
    """The sweep with the value of a lane alone, if its data depend on it."""
    if lane.swept is None or lane.sweep == INSTANCE or sweep_named(lane.sweep).sets_hidden:
        return {"sweep": "none", "sweep_values": ()}
    return {"sweep": lane.sweep, "sweep_values": (lane.swept,)}
