"""Scenes of dictionaries made by hand: latents that are features, mix them, or are dead."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record
from tests.tui.pictures import options_with

from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus
from superpos_tui.views.dictionary.state import DictionaryState

FOUR = replace(
    SMALL_DICTIONARIES, features=4, hidden=4, latents=4, dictionaries=("relu",), restarts=1,
    sparsities=(0.9,), steps=200,
)  # fmt: skip
"""Four orthogonal features: cosines are coefficients."""
DEAD = -10.0
"""A bias of the encoder with which a latent is never active."""


def pentagon() -> FloatArray:
    """Five features in a plane, shape (5, 2)."""
    angles = 2 * np.pi * np.arange(5) / 5
    corners: FloatArray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return corners


def record_with(
    config: ExperimentConfig,
    directions: FloatArray,
    decoder: FloatArray,
    dead: tuple[int, ...] = (),
    step: int = 200,
) -> DictionaryRecord:
    """Every lane has these directions (n, d) and this decoder (K, d), and the tied encoder."""
    made = made_record(config, step)
    lanes = len(made.lanes)
    biases = np.where(np.isin(np.arange(len(decoder)), dead), DEAD, 0)
    arrays: Mapping[str, FloatArray] = {
        "decoder": decoder,
        "encoder": decoder.T,
        "encoder_bias": biases,
        "bias": np.zeros(decoder.shape[1]),
    }
    cohorts = {}
    for name, cohort in made.cohorts.items():
        stacked = {
            key: np.repeat(np.asarray(array, np.float32)[None], lanes, axis=0)
            for key, array in arrays.items()
            if key in cohort.parameters.arrays
        }
        cohorts[name] = replace(cohort, parameters=cohort.parameters.with_arrays(**stacked))
    every = np.repeat(np.asarray(directions, np.float32)[None], lanes, axis=0)
    return replace(made, cohorts=cohorts, directions=every)


def scene_of_record(
    record: Record, *, latent: int | None = None, feature: int | None = None
) -> Scene:
    """The first lane of the first kind, with a latent and a feature selected."""
    cursor = None if feature is None else Cursor(feature, feature)
    options = options_with(DictionaryState(latent=latent), cursor=cursor)
    snapshot = Snapshot(0, record, "finished", 100.0, "fused", "cpu")
    return Scene(snapshot, Focus(record.config.groups[0]), options)


def absorbing(**selected: int) -> Scene:
    """Latent 2 mixes features 0 and 1, latent 3 is dead, 0 is feature 3, and 1 is feature 2."""
    decoder = np.array([[0, 0, 0, 1], [0, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]) + 0.0
    decoder[2] /= np.sqrt(2)
    record = record_with(FOUR, np.eye(4), decoder, dead=(3,))
    return scene_of_record(record, **selected)


def in_a_plane(**selected: int) -> Scene:
    """Six latents of five features in a plane; the last one is another feature's again."""
    decoder = np.concatenate([pentagon(), pentagon()[:1]])
    return scene_of_record(record_with(SMALL_DICTIONARIES, pentagon(), decoder), **selected)
