"""What ``summary.json`` of a run holds: every check, and measures of every lane.

``summary.json`` is a stable interface; keys are never renamed:

- ``experiment``, ``config``, ``seed``, ``versions``, ``engine``, ``device``, ``seconds_training``
- ``unknown``, only if a file of weights left something open: the names of the settings in
  ``config`` that nobody told
- ``share_done`` of all training, from 0 to 1, and ``provenance``, part by part
- ``loss_low`` and ``loss_high``, the lowest and the highest ``loss_mean`` of its lanes, and
  ``shapes``: how many of each regular shape their features form, the most frequent first
- ``checks``, one object per check of the experiment: ``check``, ``expected``, ``seen`` and
  ``passed`` (null if the check does not apply to this run)
- ``lanes``, one object per lane: ``model``, ``sparsity`` (S), ``density`` (1−S), ``swept``
  (the swept value, or null), ``seed``, ``steps``, ``rank`` (1 for the best restart of its setting:
  ``LaneGroup.ranked``, the order on the screen and in figures, by what the last steps of training
  minimised), ``loss_mean`` and ``loss_total`` (over ``evaluation_rows`` fresh rows),
  ``loss_over_linear``, ``loss_minimised`` (``loss_mean`` with the penalty on the hidden layer; null
  where the data are unknown, as is all else that a file of weights does not tell, the rank
  included), ``represented`` (features with
  ‖W_i‖ > 0.5), ``shapes`` (how many of each regular shape they form; null for more than
  ``MAX_FEATURES_IN_SHAPES`` features), ``dimensions_per_feature`` (D* = m/‖W‖_F²),
  ``sum_dimensionality`` (Σ D_i, at most min(n, m)), and, with one number per feature,
  ``feature_norms`` (‖W_i‖), ``feature_dimensionality`` (D_i) and ``superposition``
  (Σ_{j≠i} (Ŵ_i·W_j)²). They come last: a list of runs reads only what is before them.

In a run of dictionaries every one is a lane, with the measures of ``dictionary_summary``.

Measures are based on the feature vectors: the rows W_i, or with two matrices those of the product
W₁·W₂, whose norms are √(W₁W₂)_ii (``feature_vectors``). Non-finite numbers are null.
"""

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import numpy as np

from superpos_core.analysis.evaluation import OF_LOSSES, evaluate, evaluation_rows
from superpos_core.arrays import FloatArray
from superpos_core.experiments import Experiment, verdicts
from superpos_core.experiments.checks.check import verdicts_as_dicts
from superpos_core.files.dictionary_summary import measured_dictionaries
from superpos_core.files.versions import software_versions
from superpos_core.geometry import measures
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.machine.cores import usable_cores
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.hidden_penalty import mean_penalty
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters

LOSSES = ("evaluation_rows", "loss_mean", "loss_total", "loss_over_linear", "loss_minimised")
PENALTY_ROWS = 1 << 14
"""Rows for the mean penalty of a lane; restarts of a setting share them."""
MAX_FEATURES_IN_SHAPES = 500
"""Naming the shapes of more features takes longer than all other measures."""


def summarise(
    snapshot: Snapshot,
    seconds_training: float,
    *,
    experiment: Experiment | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """The content of ``summary.json``; evaluates every lane, which takes seconds."""
    config, record = snapshot.config, snapshot.record
    summaries = _SUMMARIES.get(type(record))
    lanes = [] if summaries is None else summaries(record, threads or usable_cores())
    return {
        "experiment": config.name,
        "config": config.as_dict(),
        "seed": None if "seed" in record.unknown else config.seed,
        "versions": software_versions(),
        "engine": snapshot.engine,
        "device": snapshot.device,
        "seconds_training": seconds_training,
        "share_done": record.share_done,
        **({"unknown": sorted(record.unknown)} if record.unknown else {}),
        "provenance": (*record.provenance, *record.remarks),
        **_over_lanes(lanes),
        "checks": verdicts_as_dicts(verdicts(experiment, record)) if experiment else [],
        "lanes": lanes,
    }


def _dictionary_summaries(record: DictionaryRecord, threads: int) -> list[dict[str, Any]]:
    measured = measured_dictionaries(record, threads)
    return [{**lane, **each} for lane, each in zip(_lanes(record), measured, strict=True)]


def _over_lanes(lanes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a list of runs shows of all lanes together."""
    known = [lane["loss_mean"] for lane in lanes if lane["loss_mean"] is not None]
    losses = [loss for loss in known if math.isfinite(loss)]
    shapes: Counter[str] = Counter()
    for lane in lanes:
        shapes.update(lane["shapes"] or {})
    return {
        "loss_low": min(losses, default=None),
        "loss_high": max(losses, default=None),
        "shapes": dict(shapes.most_common()),
    }


def _lane_summaries(record: LanesRecord, threads: int) -> list[dict[str, Any]]:
    """One summary per lane, evaluated in threads: most of the time goes into sampling."""
    stopped = threading.Event()

    def check_running() -> None:
        if stopped.is_set():
            raise CancelledError

    def measures_of(of: tuple[Lane, Parameters, int]) -> dict[str, Any]:
        check_running()
        lane, parameters, rows = of
        losses: dict[str, Any] = dict.fromkeys(LOSSES)
        if not record.unknown & OF_LOSSES:
            losses = _losses(record.config, lane, parameters, rows, check_running)
        return {**losses, **_weights(lane, parameters)}

    with ThreadPoolExecutor(threads) as pool:
        try:
            measured = pool.map(measures_of, _to_evaluate(record))
            return [{**lane, **each} for lane, each in zip(_lanes(record), measured, strict=True)]
        finally:
            # If a signal ends the program, do not wait for queued or unfinished evaluations.
            stopped.set()


def _to_evaluate(record: LanesRecord) -> Iterator[tuple[Lane, Parameters, int]]:
    """Every lane with its parameters and its number of evaluation rows."""
    for cohort in record.cohorts.values():
        best = set(cohort.best().lanes)
        for index, lane in enumerate(cohort.lanes):
            rows = evaluation_rows(record.config.features, lane in best)
            yield lane, cohort.parameters.take(index), rows


def _lanes(record: LanesRecord | DictionaryRecord) -> Iterator[dict[str, Any]]:
    """What every lane is, and its rank among the restarts of its setting."""
    is_ranked = not record.unknown & OF_LOSSES
    for group in record.cohorts.values():
        for lane, rank in zip(group.lanes, group.ranks(), strict=True):
            named = _lane(lane, group.step, record.unknown)
            yield {**named, "rank": rank if is_ranked else None}


def _lane(lane: Lane, steps: int, unknown: frozenset[str]) -> dict[str, Any]:
    """What a lane is; null where nobody knows."""
    values = {
        "sparsity": ("sparsities", lane.sparsity),
        "density": ("sparsities", lane.density),
        "swept": ("sweep_values", lane.swept),
        "seed": ("seed", lane.seed),
        "steps": ("steps", steps),
    }
    known = {name: None if field in unknown else value for name, (field, value) in values.items()}
    return {"model": lane.model, **known}


def _losses(
    config: ExperimentConfig,
    lane: Lane,
    parameters: Parameters,
    rows: int,
    check_running: Callable[[], None],
) -> dict[str, Any]:
    evaluation = evaluate(config, lane, parameters, rows, on_chunk=check_running)
    penalty = mean_penalty(config, lane, parameters.encoder, PENALTY_ROWS)
    return {
        "evaluation_rows": evaluation.rows,
        "loss_mean": evaluation.loss_mean,
        "loss_total": evaluation.loss_total,
        "loss_over_linear": evaluation.loss_over_linear,
        "loss_minimised": evaluation.loss_mean + penalty,
    }


def _weights(lane: Lane, parameters: Parameters) -> dict[str, Any]:
    vectors = feature_vectors(model_named(lane.model), parameters).astype(np.float64)
    dimensionality = measures.feature_dimensionality(vectors)
    return {
        "represented": int(measures.represented(vectors)),
        "shapes": shapes_of(vectors),
        "dimensions_per_feature": float(measures.dimensions_per_feature(vectors)),
        "sum_dimensionality": float(np.sum(dimensionality)),
        "feature_norms": measures.feature_norms(vectors),
        "feature_dimensionality": dimensionality,
        "superposition": measures.superposition(vectors),
    }


def shapes_of(vectors: FloatArray) -> dict[str, int] | None:
    """How many of each regular shape features form, from their vectors, shape (n, m)."""
    if len(vectors) > MAX_FEATURES_IN_SHAPES:
        return None
    shapes = geometry_of(vectors).shapes
    return dict(Counter(shape.name for shape in shapes if shape.known).most_common())


_SUMMARIES: dict[type[Record], Callable[[Any, int], list[dict[str, Any]]]] = {
    LanesRecord: _lane_summaries,
    DictionaryRecord: _dictionary_summaries,
}
"""Of the lanes, by kind of record; other kinds have none."""
