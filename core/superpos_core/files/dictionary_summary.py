"""What ``summary.json`` says of every dictionary of a run: how well it finds the true features.

Besides what it says of every lane: ``loss_mean`` (mean ‖h − ĥ‖² on rows that it never saw),
``loss_minimised`` (with all else that is minimised, such as the penalty), ``loss_of_truth``
(``loss_mean`` of the true directions with as many active features), ``l0`` (active latents per
row), ``explained_variance``, ``shrinkage``, ``recovered`` (features with a
latent whose \\|cosine\\| is at least 0.98), ``mcc``, ``dead`` (latents that are never active),
``duplicates`` (latents that lie along another one's feature), ``f1`` (mean over features) and
``absorbed`` (mean share of a feature's rows on which others replace its latent). All are null where
nobody knows the data.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.analysis.dictionaries.score import DictionaryScore
from superpos_core.analysis.evaluation import OF_LOSSES
from superpos_core.record.dictionaries import DictionaryRecord

MEASURES = (
    "loss_mean", "loss_minimised", "loss_of_truth", "l0", "explained_variance", "shrinkage",
    "recovered", "mcc", "dead", "duplicates", "f1", "absorbed",
)  # fmt: skip


def measured_dictionaries(record: DictionaryRecord, threads: int) -> Iterator[dict[str, Any]]:
    """The measures of every dictionary, in the order of lanes; ``shapes`` are those of models."""
    every = [
        (name, index) for name, group in record.cohorts.items() for index in range(len(group.lanes))
    ]
    if record.unknown & OF_LOSSES:
        for _ in every:
            yield {**dict.fromkeys(MEASURES), "shapes": None}
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from map(_measures, pool.map(lambda of: score_of(record, *of), every))


def _measures(score: DictionaryScore) -> dict[str, Any]:
    reconstruction = score.reconstruction
    values = (
        reconstruction.error,
        reconstruction.error + score.penalty,
        reconstruction.error_of_truth,
        score.activity.l0,
        reconstruction.explained_variance,
        reconstruction.shrinkage,
        int(score.is_recovered.sum()),
        score.mcc,
        int(score.activity.is_dead.sum()),
        int(score.is_duplicate.sum()),
        float(score.f1.mean()),
        float(score.absorption.absorbed.mean()),
    )
    return {**dict(zip(MEASURES, values, strict=True)), "shapes": None}
