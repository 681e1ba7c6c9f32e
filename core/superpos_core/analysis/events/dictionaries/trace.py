"""The history of one dictionary, as rules see it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.analysis.dictionaries.matching import UNMATCHED, cosines_between, match
from superpos_core.analysis.dictionaries.rows import TrueRows, rows_of_lane
from superpos_core.analysis.events.trace import Trace, finite_part
from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.dictionaries.forward import encode
from superpos_core.task.dictionaries.kinds import kind_named
from superpos_core.task.parameters import Parameters

MOST_ROWS = 1 << 12
"""Rows on which latents are active or not; all moments see the same ones."""
ALONG, SAME_SIGN = 0.9, 0.05
"""The cosine from which a latent lies along a feature, and its advantage over one against it."""


@dataclass(frozen=True)
class DictionaryTrace(Trace):
    """The history of a dictionary of K latents, whose true directions are ``directions`` (n, d).

    ``decoders`` (moments, K, d); ``activity`` (moments, K): on what share of rows latents are
    active. ``true_l0`` is the mean number of active features per row. Silent latents are
    resampled every ``resample_every`` steps, if that is not 0.
    """

    decoders: FloatArray
    directions: FloatArray
    activity: FloatArray
    true_l0: float
    resample_every: int

    @cached_property
    def all_cosines(self) -> FloatArray:
        """The cosines of all features with all latents, shape (moments, n, K)."""
        n, latents = len(self.directions), self.decoders.shape[1]
        found = [cosines_between(self.directions, decoder) for decoder in self.decoders]
        return np.reshape(found, (len(self.steps), n, latents))

    @cached_property
    def latent_of(self) -> IntArray:
        """The latent that each feature is matched with, or ``UNMATCHED``, shape (moments, n).

        Of two opposite features, a latent along both is that of the one with the same sign: the
        matching of scores, which takes no notice of signs, may take turns.
        """
        found = [match(each + SAME_SIGN * (each >= ALONG)).latent_of for each in self.all_cosines]
        return np.reshape(found, (len(self.steps), len(self.directions))).astype(np.int64)

    @cached_property
    def cosines(self) -> FloatArray:
        """\\|cosine\\| of each feature with its latent, shape (moments, n); 0 without a latent."""
        at = np.maximum(self.latent_of, 0)[..., None]
        sizes = np.abs(np.take_along_axis(self.all_cosines, at, axis=-1)[..., 0])
        return np.where(self.latent_of == UNMATCHED, 0, sizes)

    @cached_property
    def is_active(self) -> BoolArray:
        """Which latents are active at all, shape (moments, K)."""
        active: BoolArray = self.activity > 0
        return active


def trace_of(record: DictionaryRecord, kind: str, lane: int) -> DictionaryTrace:
    """The trace of one lane of a kind, up to the first loss or weight that is not finite."""
    config, cohort, directions = record.config, record.cohorts[kind], record.directions[lane]
    timeline = cohort.timeline.thinned(cohort.parameters.nbytes // len(cohort.lanes))
    loss_steps, losses = cohort.losses.steps, cohort.losses.mean[lane]
    with np.errstate(all="ignore"):  # the directions of a diverged model are not finite
        rows = rows_of_lane(config, cohort.lanes[lane], directions, config.latents, MOST_ROWS)
    moments = [moment.parameters.take(lane) for moment in timeline.moments]
    is_finite = np.array([_is_finite(each) for each in moments], np.bool_)
    count, points, end = finite_part(timeline.steps, is_finite, loss_steps, losses)
    k = config.active_latents_of(cohort.lanes[lane])
    decoders = [each.decoder for each in moments[:count]]
    activity = [_activity(kind, each, rows, k) for each in moments[:count]]
    return DictionaryTrace(
        timeline.steps[:count],
        loss_steps[:points],
        losses[:points],
        np.reshape(decoders, (count, config.latents, config.hidden)),
        directions,
        np.reshape(activity, (count, config.latents)),
        float(rows.mean(rows.is_active).sum()),
        config.resample_every,
        diverged_at=end,
    )


def _is_finite(parameters: Parameters) -> bool:
    return all(bool(np.isfinite(array).all()) for array in parameters.arrays.values())


def _activity(kind: str, parameters: Parameters, rows: TrueRows, k: float) -> FloatArray:
    return rows.mean(encode(kind_named(kind), parameters, rows.hidden, k) > 0)
