"""A dictionary of given hidden vectors in one call, for notebooks and scripts."""

from dataclasses import dataclass, field, fields
from typing import cast

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.dictionaries import DictionaryEngine
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.dictionary import Dictionary
from superpos_core.task.dictionaries.given_rows import GivenRows
from superpos_core.task.dictionaries.kinds import kind_named
from superpos_core.task.dictionaries.options import DICTIONARIES, FREE, TRAINED, UNIT


@dataclass(frozen=True, kw_only=True)
class DictionaryConfig:
    """What to train; every field but ``kind`` is the option of that name on the command line.

    ``kind`` is one of ``task.dictionaries.kinds.KINDS``.
    """

    kind: str = "relu"
    latents: int = 5
    active_latents: float = 1.0
    latent_penalty: float = 0.1
    steps: int = 10_000
    batch: int = 1024
    learning_rate: float = 1e-3
    learning_rate_schedule: str = "constant"
    encoder: str = FREE
    decoder_bias: str = TRAINED
    decoder_norm: str = UNIT
    resample_every: int = 0
    seed: int = 0

    def as_experiment(self, hidden: int) -> ExperimentConfig:
        """The same for hidden vectors of this many dimensions; checks every value."""
        kind_named(self.kind)
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        del values["kind"]
        return ExperimentConfig(
            "given hidden vectors",
            kind=DICTIONARIES,
            dictionaries=(self.kind,),
            features=1,
            hidden=hidden,
            models=("tied",),
            sparsities=(0.0,),
            directions="random",
            **values,
        )


@dataclass(frozen=True)
class TrainedDictionary(Dictionary):
    """A dictionary, and how it was trained.

    ``losses`` are the means of ‖h − ĥ‖² over each batch, and ``active`` those of L0, the number of
    active latents per row; both have shape (steps,).
    """

    losses: FloatArray = field(kw_only=True)
    active: FloatArray = field(kw_only=True)


def train_dictionary(
    hidden: FloatArray, config: DictionaryConfig, engine: EngineChoice | None = None
) -> TrainedDictionary:
    """Train a dictionary on ``hidden``, shape (rows, d).

    Rows come in a random order, all of them before any comes again. The same rows, config and
    engine give the same numbers. Raises ``InvalidValue`` for rows that are no finite matrix, and
    for invalid settings.
    """
    rows = _checked(hidden)
    experiment = config.as_experiment(rows.shape[1])
    (lane,) = experiment.lanes_of(config.kind)
    # A config of this kind gets an engine of dictionaries.
    trains = cast(DictionaryEngine, (engine or EngineChoice()).make(experiment))
    try:
        trains.read_rows([GivenRows(rows, lane, config.batch)])
        losses = trains.advance({config.kind: config.steps})[config.kind]
        active = trains.active(config.kind)
        parameters = trains.parameters(config.kind).take(0).map(freeze)
    finally:
        trains.close()
    return TrainedDictionary(
        kind_named(config.kind),
        parameters,
        config.active_latents,
        losses=freeze(losses[:, 0].copy()),
        active=freeze(active[:, 0].copy()),
    )


def _checked(hidden: FloatArray) -> FloatArray:
    rows = np.asarray(hidden)
    if rows.ndim != 2 or 0 in rows.shape or rows.dtype.kind not in "fiu":
        what = f"an array of shape {rows.shape} and type {rows.dtype}"
        raise InvalidValue("hidden", what, "it is no matrix of numbers", "shape (rows, d)")
    if not np.isfinite(rows).all():
        raise InvalidValue("hidden", "NaN or inf", "a row is not finite", "finite numbers")
    return rows.astype(np.float32)
