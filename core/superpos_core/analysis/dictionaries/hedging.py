"""How far a single latent turns from a parent towards its child."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.theory.dictionaries import hedging_angle

SWEEP = "first-density"


@dataclass(frozen=True)
class Hedging:
    """Angles of latents over the probabilities of rows, for one kind of dictionary.

    All arrays have shape (densities, ratios): ``alone`` P1 and ``both`` P12 are the probabilities
    of rows with the parent alone and with both; ``angle`` is in radians from the parent towards the
    child, and ``expected`` the closed form (``theory.dictionaries``).
    """

    alone: FloatArray
    both: FloatArray
    angle: FloatArray

    @property
    def expected(self) -> FloatArray:
        """φ*."""
        return hedging_angle(self.alone, self.both)


def has_hedging(run: DictionaryRecord) -> bool:
    """Whether single latents read a parent and its child at several frequencies of the parent."""
    config = run.config
    return (
        config.latents == 1
        and config.features == 2
        and config.distribution == "leader"
        and config.correlation == (1.0,)
        and config.sweep == SWEEP
    )


def hedging_of(run: DictionaryRecord, kind: str) -> Hedging:
    """The angles of all latents of a kind, of the best seed by error at each setting."""
    config, cohort = run.config, run.cohorts[kind]
    settings = range(len(config.settings))
    lanes = [cohort.ranked(setting)[0] for setting in settings]
    probability = np.stack([config.feature_probability(cohort.lanes[lane]) for lane in lanes])
    decoder = np.stack([cohort.parameters.take(lane).arrays["decoder"][0] for lane in lanes])
    along = np.einsum("lnd,ld->nl", run.directions[lanes].astype(np.float64), decoder)
    with np.errstate(all="ignore"):
        angle = np.arctan2(along[1] * np.sign(along[0]), np.abs(along[0]))
    shape = len(config.sparsities), len(config.sweep_values)
    both = probability[:, 1].reshape(shape)
    return Hedging(probability[:, 0].reshape(shape) - both, both, angle.reshape(shape))
