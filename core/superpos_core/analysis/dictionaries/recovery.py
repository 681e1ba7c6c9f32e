"""Recovery against reconstruction: every dictionary of a run as one point."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryRecord


@dataclass(frozen=True)
class Recovery:
    """What became of the dictionaries of one kind, over settings; each array (settings,).

    Means over seeds. ``l0`` is the number of active latents per row, ``mcc`` the mean \\|cosine\\|
    of features with their latents. ``unexplained`` is the error over the variance of h, and
    ``unexplained_by_truth`` the same of the true features at the same L0.
    """

    kind: str
    l0: FloatArray
    mcc: FloatArray
    unexplained: FloatArray
    unexplained_by_truth: FloatArray

    @property
    def by_l0(self) -> "Recovery":
        """The same in order of rising L0."""
        order = np.argsort(self.l0)
        arrays = (self.l0, self.mcc, self.unexplained, self.unexplained_by_truth)
        return Recovery(self.kind, *(array[order] for array in arrays))


def recoveries_of(run: DictionaryRecord) -> list[Recovery]:
    """One for each kind of dictionary."""
    return [_recovery(run, kind) for kind in run.cohorts]


def _recovery(run: DictionaryRecord, kind: str) -> Recovery:
    cohort = run.cohorts[kind]
    points = []
    for lane in range(len(cohort.lanes)):
        score = score_of(run, kind, lane)
        parts, variance = score.reconstruction, score.reconstruction.variance
        with np.errstate(all="ignore"):
            ratios = np.array([parts.error, parts.error_of_truth]) / variance
        points.append([score.activity.l0, score.mcc, *ratios])
    by_setting = np.array(points).reshape(len(run.config.settings), cohort.restarts, -1)
    return Recovery(kind, *by_setting.mean(axis=1).T)
