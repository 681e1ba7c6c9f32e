"""Records and snapshots for tests: from the scripted engine, or made by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tests.scripted_engine import ScriptedEngine

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

SMALL = ExperimentConfig(
    "small", features=5, hidden=2, sparsities=(0.0, 0.9), steps=40, importance=0.9
)


def finished(config: ExperimentConfig = SMALL) -> Snapshot:
    """The last snapshot of a run of the scripted engine."""
    return train(config, engine=ScriptedEngine)


def trained(config: ExperimentConfig = SMALL) -> LanesRecord:
    """The record of that run."""
    return finished(config).record_as(LanesRecord)


def left_by(record: Record) -> Snapshot:
    """The last snapshot of a run, with a record made by hand."""
    return Snapshot(0, record, "finished", 0.0, "by hand", "cpu")


def with_losses(config: ExperimentConfig, losses: FloatArray) -> LanesRecord:
    """A record of initial weights and these losses, shape (steps, lanes), for every model."""
    cohorts = {}
    for model in config.models:
        lanes = config.lanes_of(model)
        history = LossHistory(len(lanes))
        history.append(losses.astype(np.float32))
        parameters = stacked_initial_parameters(config, lanes)
        cohorts[model] = Cohort(
            lanes, history.step, parameters, history.full, history.recent, config.restarts
        )
    return LanesRecord(config, cohorts)


def with_encoders(
    config: ExperimentConfig,
    encoders: Sequence[FloatArray] | FloatArray,
    losses: Sequence[float] | FloatArray,
) -> LanesRecord:
    """A record of the tied model: one encoder and one loss per lane, and biases of 0."""
    record = with_losses(replace(config, models=("tied",)), np.array([losses]))
    stacked = np.asarray(encoders, np.float32)
    parameters = Parameters(encoder=stacked, bias=np.zeros(stacked.shape[:2], np.float32))
    return replace(record, cohorts={"tied": replace(record.cohorts["tied"], parameters=parameters)})


def spoiled(record: LanesRecord) -> LanesRecord:
    """The same record with a NaN, an infinity and 1e38 in the weights of every model."""
    cohorts = {}
    for model, cohort in record.cohorts.items():
        encoder, bias = cohort.parameters.encoder.copy(), cohort.parameters.bias.copy()
        encoder[0, 0, 0] = np.nan
        encoder[-1, -1, -1] = 1e38
        bias[0, -1] = np.inf
        parameters = cohort.parameters.with_arrays(encoder=encoder, bias=bias)
        cohorts[model] = replace(cohort, parameters=parameters)
    return replace(record, cohorts=cohorts)
