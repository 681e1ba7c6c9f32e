"""The rows that a lane trains on: fresh ones, or a finite dataset in order."""

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named, sample
from superpos_core.task.lanes import Lane

MAX_ORDER = 1 << 22
"""Maximum number of row indices that an engine prepares in advance."""
MAX_DRAWN = 1 << 20
"""Maximum entries of rows that an engine has drawn in advance: a few arrays of 8 MiB."""


def fresh_rows(
    config: ExperimentConfig, lane: Lane, random: np.random.Generator, rows: int
) -> FloatArray:
    """Rows from a lane's distribution, shape (rows, n), float32, drawn from ``random``.

    They are unseen in training if ``random`` is a separate stream, such as
    ``lane.random("evaluation")``.
    """
    distribution = distribution_named(config.distribution)
    return sample(
        distribution,
        random,
        rows,
        config.feature_probability(lane),
        config.set_size,
        rare=not config.has_equal_frequencies,
        structure=config.structure,
    )


def check_data(config: ExperimentConfig) -> None:
    """Raise ``InvalidValue`` if rows come from a file that is gone, has changed or does not fit."""
    lane = config.lanes[0]
    fresh_rows(config, lane, lane.random("check"), 1)


def are_drawn_whole(config: ExperimentConfig) -> bool:
    """Whether every step's rows are drawn here, as a whole, for either engine."""
    return distribution_named(config.distribution).source is not None and not config.dataset_size


def rows_of_steps(config: ExperimentConfig, lane: Lane, first: int, steps: int) -> FloatArray:
    """The rows of ``steps`` steps from step ``first``, shape (steps, batch, n), float32.

    A step's rows depend on the lane and the step alone, so any division into slices has the same.
    """
    drawn = [
        fresh_rows(config, lane, lane.random_at("data", step), config.batch)
        for step in range(first, first + steps)
    ]
    return np.stack(drawn)


def dataset(config: ExperimentConfig, lane: Lane) -> FloatArray:
    """All rows that a lane trains on, shape (T, n), float32, drawn once from the lane's seed.

    Raises ``InvalidValue`` if data are fresh at every step.
    """
    rows = config.dataset_size_of(lane)
    if rows == 0:
        reason = "data are fresh at every step"
        raise InvalidValue("dataset-size", 0, reason, "a number of rows above 0")
    return fresh_rows(config, lane, lane.random("dataset"), rows)


def rows_in_step(config: ExperimentConfig, lane: Lane) -> int:
    """Rows per step of a lane: the batch, or the whole dataset if that is smaller."""
    return min(config.batch, config.dataset_size_of(lane) or config.batch)


def is_full_batch(config: ExperimentConfig, lane: Lane) -> bool:
    """Whether every step of a lane uses its whole dataset."""
    return 0 < config.dataset_size_of(lane) <= config.batch


def row_order(config: ExperimentConfig, lane: Lane, first: int, steps: int) -> IntArray:
    """The indices of the rows in ``steps`` steps from step ``first``, shape (steps, rows).

    A full batch has them in order. Smaller batches go through the dataset in a new random order in
    each epoch; a batch may span two epochs.
    """
    size, rows = config.dataset_size_of(lane), rows_in_step(config, lane)
    if rows == size:
        return np.broadcast_to(np.arange(size), (steps, size))
    begin, end = first * rows, (first + steps) * rows
    epochs = range(begin // size, -(-end // size))
    order = np.concatenate([_epoch(lane, size, epoch) for epoch in epochs] or [np.arange(0)])
    begun = begin - begin // size * size
    return order[begun : begun + end - begin].reshape(steps, rows)


def _epoch(lane: Lane, size: int, epoch: int) -> IntArray:
    return lane.random(f"epoch {epoch}").permutation(size)
