"""Everything that is measured of a trained dictionary whose true features are known."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.absorption import Absorption, absorption_of
from superpos_core.analysis.dictionaries.activity import Activity, Detection
from superpos_core.analysis.dictionaries.duplicates import NO_LATENT, duplicate_of
from superpos_core.analysis.dictionaries.matching import (
    UNMATCHED,
    Matching,
    cosines_between,
    match,
)
from superpos_core.analysis.dictionaries.reconstruction import Reconstruction, reconstruction_of
from superpos_core.analysis.dictionaries.rows import MOST_ROWS, TrueRows, rows_of_lane
from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.forward import decode, encode
from superpos_core.task.dictionaries.kinds import DictionaryKind, kind_named
from superpos_core.task.dictionaries.penalty import mean_penalty
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class DictionaryScore:
    """How well a dictionary of K latents finds n features.

    ``cosines`` (n, K) are those of the true directions and the decoder's rows. ``mean_activations``
    (K,) are E[f_j], and ``decoder_lengths`` (K,) ‖d_j‖. ``penalty`` is what is minimised besides
    the error.
    """

    cosines: FloatArray
    matching: Matching
    activity: Activity
    reconstruction: Reconstruction
    absorption: Absorption
    mean_activations: FloatArray
    decoder_lengths: FloatArray
    penalty: float

    @property
    def cosines_in_order(self) -> FloatArray:
        """The cosines, (n, K), with latents in matched order: matched pairs are on the diagonal.

        Off the diagonal if there are more features than latents.
        """
        ordered: FloatArray = self.cosines[:, self.matching.order(self.cosines.shape[1])]
        return ordered

    @property
    def is_recovered(self) -> BoolArray:
        """Which features are recovered, (n,)."""
        return self.matching.is_recovered

    @property
    def duplicates(self) -> IntArray:
        """The latent that each latent duplicates, or ``NO_LATENT``, (K,)."""
        return duplicate_of(self.cosines, self.activity.is_dead)

    @property
    def is_duplicate(self) -> BoolArray:
        """Which active latents lie along a feature that another one has already, (K,)."""
        return np.asarray(self.duplicates != NO_LATENT)

    @property
    def mcc(self) -> float:
        """The mean \\|cosine\\| of matched pairs."""
        return self.matching.mcc

    @property
    def mean_max_cosine_of_features(self) -> float:
        """The mean over features of the largest \\|cosine\\| with any latent.

        The mean max cosine similarity of Sharkey et al. 2022, "Taking features out of superposition
        with sparse autoencoders".
        """
        return float(np.abs(self.cosines).max(axis=1).mean())

    @property
    def mean_max_cosine_of_latents(self) -> float:
        """The mean over latents of the largest \\|cosine\\| with any feature."""
        return float(np.abs(self.cosines).max(axis=0).mean())

    @property
    def nearest_feature(self) -> IntArray:
        """The feature with the largest \\|cosine\\| for each latent, (K,)."""
        nearest: IntArray = np.abs(self.cosines).argmax(axis=0)
        return nearest

    @property
    def uniqueness(self) -> float:
        """The number of different nearest features over that of latents, as in SAELens."""
        return len(np.unique(self.nearest_feature)) / len(self.nearest_feature)

    @property
    def detection(self) -> Detection:
        """How well latents detect their nearest features, on average, as in SAELens."""
        return self.activity.detection(self.nearest_feature)

    @property
    def precision(self) -> FloatArray:
        """Each feature's latent as its detector: precision, (n,); 0 without a latent."""
        return self._of_pairs(self.activity.precision)

    @property
    def recall(self) -> FloatArray:
        """The recall of each feature's latent, (n,)."""
        return self._of_pairs(self.activity.recall)

    @property
    def f1(self) -> FloatArray:
        """The F1 of each feature's latent, (n,)."""
        return self._of_pairs(self.activity.f1)

    @property
    def l1(self) -> float:
        """Σ_j E[f_j]·‖d_j‖, the penalised activity of a ReLU dictionary."""
        return float(self.mean_activations @ self.decoder_lengths)

    def _of_pairs(self, values: FloatArray) -> FloatArray:
        latent_of = self.matching.latent_of
        found = values[np.arange(len(latent_of)), latent_of]
        return np.where(latent_of == UNMATCHED, 0, found)


def evaluate_dictionary(
    kind: DictionaryKind,
    parameters: Parameters,
    directions: FloatArray,
    rows: TrueRows,
    active_latents: float,
    latent_penalty: float,
) -> DictionaryScore:
    """Score a dictionary with ``parameters`` of one lane on rows of known features.

    ``directions`` (n, d) are those of the features, of any lengths. ``active_latents`` is k, for
    the kinds that fix it, and ``latent_penalty`` λ, for the others.
    """
    with np.errstate(all="ignore"):  # of a diverged dictionary, measures are NaN or 0
        activations = encode(kind, parameters, rows.hidden, active_latents)
        active = activations > 0
        activity = Activity.of(rows, active)
        cosines = freeze(cosines_between(directions, parameters.decoder))
        matching = match(cosines)
        return DictionaryScore(
            cosines,
            matching,
            activity,
            reconstruction_of(rows, decode(parameters, activations), directions, activity.l0),
            absorption_of(rows, active, activity, cosines, matching, directions),
            mean_activations=freeze(rows.mean(activations)),
            decoder_lengths=freeze(np.linalg.norm(parameters.decoder, axis=1)),
            penalty=mean_penalty(
                kind, parameters, rows.hidden, activations, rows.shares, latent_penalty
            ),
        )


def evaluate_lane(
    config: ExperimentConfig,
    lane: Lane,
    parameters: Parameters,
    directions: FloatArray,
    most_rows: int = MOST_ROWS,
) -> DictionaryScore:
    """Score the dictionary of ``lane`` on rows of its own distribution that it never saw."""
    with np.errstate(all="ignore"):  # the directions of a diverged model are not finite
        rows = rows_of_lane(config, lane, directions, parameters.decoder.shape[0], most_rows)
    kind, k, penalty = (
        kind_named(lane.model),
        config.active_latents_of(lane),
        config.latent_penalty_of(lane),
    )
    return evaluate_dictionary(kind, parameters, directions, rows, k, penalty)
