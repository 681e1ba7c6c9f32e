"""Resampling: silent latents start again, where the reconstruction is worst."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.engine.dictionaries.engine import LanesOfKind
from superpos_core.engine.dictionaries.forms import Arrays, as_shown, is_of_batch, own_arrays
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.forward import decode, encode
from superpos_core.task.dictionaries.kinds import THRESHOLD
from superpos_core.task.dictionaries.objective import JUMP_THRESHOLD
from superpos_core.task.dictionaries.start import of_length_1
from superpos_core.task.parameters import Parameters

ENCODER_SHARE = 0.2
"""The length of a new encoder column, in mean lengths of the others (Bricken et al. 2023)."""


@dataclass(frozen=True)
class Trained:
    """What one lane trains: views that are written to.

    ``moments`` are the optimiser's means, each with the arrays of ``arrays``. ``activity``
    (latents,) is above 0 for latents that have been active since the last resampling.
    """

    arrays: Arrays
    moments: tuple[Arrays, ...]
    activity: FloatArray


def is_resampled(config: ExperimentConfig, step: int) -> bool:
    """Whether silent latents are replaced before this step, counted from 0.

    So the last of them have a whole interval to learn, and none is new at the end of a run.
    """
    return config.resample_every > 0 and step > 0 and step % config.resample_every == 0


def replace_silent(given: LanesOfKind, lane: int, trained: Trained, step: int) -> None:
    """Give latents that were never active a new direction, and count activity from 0 again.

    The direction is the residual of a row of this step, drawn in proportion to its squared error
    (ARENA, after Bricken et al. 2023); its encoder is short, its biases and moments are 0.
    """
    silent = np.flatnonzero(trained.activity == 0)
    trained.activity[:] = 0
    if len(silent) == 0:
        return
    shown = as_shown(given.kind, trained.arrays)
    directions = _residuals(given, lane, shown, len(silent), step)
    if directions is None:
        return
    encoder = _encoder_length(shown.encoder, silent) * directions.T
    begun = {"encoder": encoder, "decoder": directions}
    if given.kind.activation == "jump-relu":
        begun[THRESHOLD.name] = np.log(np.full(len(silent), JUMP_THRESHOLD, np.float32))
    for each in own_arrays(given.config, given.kind):
        if "latents" not in each.axes or is_of_batch(given.kind, each):
            continue
        at = tuple(silent if axis == "latents" else slice(None) for axis in each.axes)
        trained.arrays[each.name][at] = begun.get(each.name, 0)
        for moment in trained.moments:
            moment[each.name][at] = 0


def _residuals(
    given: LanesOfKind, lane: int, shown: Parameters, count: int, step: int
) -> FloatArray | None:
    """Residuals h − ĥ of ``count`` rows, of length 1; ``None`` without a finite error."""
    rows = given.rows[lane].of_steps(step, 1)
    active_latents = given.config.active_latents_of(given.lanes[lane])
    activations = encode(given.kind, shown, rows.vectors, active_latents)
    residuals = rows.vectors - decode(shown, activations)
    weights = rows.shares * np.square(residuals, dtype=np.float64).sum(axis=1)
    if not 0 < weights.sum() < np.inf:
        return None
    random = given.lanes[lane].random_at("resampling", step)
    chosen = random.choice(len(weights), size=count, p=weights / weights.sum())
    return of_length_1(residuals[chosen])


def _encoder_length(encoder: FloatArray, silent: IntArray) -> float:
    lengths = np.delete(np.linalg.norm(encoder, axis=0), silent)
    return ENCODER_SHARE * float(lengths.mean() if len(lengths) else 1.0)
