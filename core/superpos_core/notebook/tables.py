"""The numbers of a record as tables: structured arrays, one row per point or per lane."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.geometry import measures
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.record import Record

Table = NDArray[np.void]
"""A structured array: ``table["loss"]`` is a column, ``table[0]`` a row."""
Column = tuple[str, str] | tuple[str, str, tuple[int, ...]]

LANE: tuple[Column, ...] = (
    ("model", "U32"),
    ("lane", "U64"),
    ("sparsity", "f8"),
    ("swept", "f8"),
    ("seed", "i8"),
)
"""What names a lane; ``lane`` is its label, and ``swept`` is NaN without a sweep."""
POINT: tuple[Column, ...] = (("step", "i8"), ("loss", "f8"))


def losses_of(record: Record) -> Table:
    """The loss curves: one row per lane and point, which is the mean since the point before.

    A record without lanes has no rows.
    """
    tables = [
        _filled((*LANE, *POINT), len(cohort.losses.steps), [
            *name, cohort.losses.steps, cohort.losses.mean[index]
        ])
        for cohort, names in _cohorts(record)
        for index, name in enumerate(names)
    ]  # fmt: skip
    return np.concatenate([_filled((*LANE, *POINT), 0, []), *tables])


def measures_of(record: Record) -> Table:
    """Measures of the weights: one row per lane, with the names of ``summary.json``.

    ``loss`` is the mean over the last hundred steps. ``feature_norms``, ``feature_dimensionality``
    and ``superposition`` have one number per feature.
    """
    per_feature = (record.config.features,)
    columns: tuple[Column, ...] = (
        *LANE,
        *POINT,
        ("represented", "i8"),
        ("dimensions_per_feature", "f8"),
        ("sum_dimensionality", "f8"),
        ("feature_norms", "f8", per_feature),
        ("feature_dimensionality", "f8", per_feature),
        ("superposition", "f8", per_feature),
    )
    tables = [
        _filled(columns, 1, [*name, cohort.step, *_measured(cohort, index)])
        for cohort, names in _cohorts(record)
        for index, name in enumerate(names)
    ]
    return np.concatenate([_filled(columns, 0, []), *tables])


def _measured(cohort: Cohort, index: int) -> list[Any]:
    """The columns of ``measures_of`` after the step."""
    vectors = cohort.vectors_of(index).astype(np.float64)
    dimensionality = measures.feature_dimensionality(vectors)
    return [
        cohort.recent_loss(range(index, index + 1))[0],
        measures.represented(vectors),
        measures.dimensions_per_feature(vectors),
        np.sum(dimensionality),
        measures.feature_norms(vectors),
        dimensionality,
        measures.superposition(vectors),
    ]


def _cohorts(record: Record) -> list[tuple[Cohort, list[list[Any]]]]:
    """The cohorts, each with the values of ``LANE`` for its lanes."""
    if not isinstance(record, LanesRecord):
        return []
    return [
        (
            cohort,
            [
                [lane.model, name, lane.sparsity, np.nan if lane.swept is None else lane.swept,
                 lane.seed]
                for lane, name in zip(cohort.lanes, table.names, strict=True)
            ],
        )
        for cohort, table in zip(record.cohorts.values(), record.losses, strict=True)
    ]  # fmt: skip


def _filled(columns: Sequence[Column], rows: int, values: Sequence[Any]) -> Table:
    """A table with these values, each for a whole column."""
    table = np.zeros(rows, dtype=list(columns))
    for column, value in zip(columns, values, strict=bool(values)):
        table[column[0]] = value
    return table
