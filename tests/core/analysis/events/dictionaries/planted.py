"""Dictionaries with planted events, and the events found in them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record

from superpos_core.analysis.events.event import Event
from superpos_core.analysis.events.of_record import events_of
from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.history import LossHistory
from superpos_core.record.timeline import Moment, Timeline

ORTHOGONAL = replace(
    SMALL_DICTIONARIES, features=4, hidden=4, latents=4, dictionaries=("relu",), restarts=1,
    sparsities=(0.9,), steps=100, directions="orthogonal",
)  # fmt: skip
SILENT = -10.0
"""A bias with which a latent is never active."""


def planted(
    decoders: Sequence[FloatArray],
    silent: Sequence[Sequence[int]] | None = None,
    *,
    steps: Sequence[int] | None = None,
    resample_every: int = 0,
) -> DictionaryRecord:
    """A run that kept these decoders (K, 4), read by their transposes; the features are the axes.

    ``silent`` are the latents that are never active at each moment.
    """
    moments = []
    latents = len(decoders[0])
    config = replace(ORTHOGONAL, latents=latents, resample_every=resample_every)
    kept = list(range(len(decoders))) if steps is None else list(steps)
    made = made_record(config, kept[-1])
    cohort = made.cohorts["relu"]
    for index, decoder in enumerate(decoders):
        bias = np.where(np.isin(np.arange(latents), silent[index] if silent else []), SILENT, 0)
        arrays = {
            "decoder": decoder, "encoder": decoder.T, "encoder_bias": bias, "bias": np.zeros(4)
        }  # fmt: skip
        stacked = {name: np.asarray(each, np.float32)[None] for name, each in arrays.items()}
        moments.append(Moment(kept[index], cohort.parameters.with_arrays(**stacked)))
    losses = LossHistory(1)
    losses.append(np.ones((kept[-1], 1), np.float32))
    cohort = replace(
        cohort, parameters=moments[-1].parameters, timeline=Timeline(tuple(moments)),
        losses=losses.full,
    )  # fmt: skip
    return replace(made, cohorts={"relu": cohort}, directions=np.eye(4, dtype=np.float32)[None])


def found_in(record: DictionaryRecord) -> list[Event]:
    return events_of(record, "relu", [0])


def texts(record: DictionaryRecord, *kinds: str) -> list[tuple[int, str]]:
    """The step and the text of the events of these kinds."""
    return [(each.step, each.text) for each in found_in(record) if each.kind in kinds]


def turned(angle: float) -> FloatArray:
    """The four features, of which the first is turned by an angle towards the second; (4, 4)."""
    decoder = np.eye(4)
    decoder[0, :2] = np.cos(angle), np.sin(angle)
    return decoder
