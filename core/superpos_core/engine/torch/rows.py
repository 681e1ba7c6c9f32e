"""The rows of data that the torch engine trains on: fresh ones or datasets."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch

from superpos_core.engine.torch.counter_random import CounterRandom
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.dataset import (
    MAX_DRAWN,
    MAX_ORDER,
    are_drawn_whole,
    dataset,
    is_full_batch,
    row_order,
    rows_in_step,
    rows_of_steps,
)
from superpos_core.task.lanes import Lane


class TorchRows(Protocol):
    """Provides the rows of each step for all lanes of a model at once.

    A recorded step only reads tensors, so ``choose`` writes everything that changes from step to
    step into one.
    """

    def choices(self, first: int, steps: int) -> Iterator[torch.Tensor]:
        """The arguments of ``choose`` for each of ``steps`` steps from step ``first``."""

    def choose(self, choice: torch.Tensor) -> None:
        """Set the rows of the next step."""

    def now(self, step: torch.Tensor) -> torch.Tensor:
        """The rows of this step, shape (L, rows, n)."""

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean of ``values`` (L, rows, units) over a lane's rows and units, shape (L,)."""


def rows_for(config: ExperimentConfig, lanes: Sequence[Lane], device: torch.device) -> TorchRows:
    """The rows for ``config``."""
    if are_drawn_whole(config):
        return DrawnRows(config, lanes, device)
    kind = StoredRows if config.dataset_size else FreshRows
    return kind(config, lanes, device)


class DrawnRows:
    """New rows at every step, drawn as a whole in numpy: the same as in any other engine."""

    def __init__(
        self, config: ExperimentConfig, lanes: Sequence[Lane], device: torch.device
    ) -> None:
        self._config = config
        self._lanes = lanes
        self._rows = torch.zeros((len(lanes), config.batch, config.features), device=device)

    def choices(self, first: int, steps: int) -> Iterator[torch.Tensor]:
        """Each step's rows, shape (L, batch, n)."""
        ahead = max(MAX_DRAWN // self._rows.numel(), 1)
        for begin in range(first, first + steps, ahead):
            count = min(ahead, first + steps - begin)
            drawn = [rows_of_steps(self._config, lane, begin, count) for lane in self._lanes]
            yield from torch.from_numpy(np.stack(drawn, axis=1)).to(self._rows.device)

    def choose(self, choice: torch.Tensor) -> None:
        """Set the rows of the next step."""
        self._rows.copy_(choice)

    def now(self, step: torch.Tensor) -> torch.Tensor:
        """The rows of this step, shape (L, batch, n)."""
        return self._rows

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean of ``values`` (L, rows, units) over rows and units, shape (L,)."""
        return values.mean(dim=(1, 2))


class FreshRows:
    """New rows at every step, from a counter."""

    def __init__(
        self, config: ExperimentConfig, lanes: Sequence[Lane], device: torch.device
    ) -> None:
        self._distribution = distribution_named(config.distribution)
        self._rows = (config.batch, config.features)
        self._random = CounterRandom(lanes, device)
        self._has_rare_features = not config.has_equal_frequencies
        self._entries = torch.arange(config.batch * config.features, device=device)
        probability, self._set_size = self._distribution.sets(
            np.stack([config.feature_probability(lane) for lane in lanes]), config.set_size
        )
        self._probability = torch.from_numpy(probability[:, None].astype(np.float32)).to(device)

    def choices(self, first: int, steps: int) -> Iterator[torch.Tensor]:
        """There is nothing to choose."""
        yield from [self._entries] * steps

    def choose(self, choice: torch.Tensor) -> None:
        """There is nothing to choose: the counter is the step."""

    def now(self, step: torch.Tensor) -> torch.Tensor:
        """Fresh data for this step, shape (L, batch, n)."""
        activity, value = self._random.uniform_pairs(
            step * self._entries.numel() + self._entries, self._has_rare_features
        )
        shape = (-1, *self._rows)
        data: torch.Tensor = self._distribution.from_draws(
            activity.view(shape), value.view(shape), self._probability, self._set_size, torch
        )
        return data

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean of ``values`` (L, rows, units) over rows and units, shape (L,)."""
        return values.mean(dim=(1, 2))


class StoredRows:
    """The datasets of lanes: all rows at every step, or chosen ones.

    If lanes have datasets of different sizes, the smaller ones are padded with rows of weight 0.
    """

    def __init__(
        self, config: ExperimentConfig, lanes: Sequence[Lane], device: torch.device
    ) -> None:
        self._config = config
        self._lanes = lanes
        self._device = device
        self._all = all(is_full_batch(config, lane) for lane in lanes)
        size = max(config.dataset_size_of(lane) for lane in lanes)
        data = np.zeros((len(lanes), size, config.features), np.float32)
        for index, lane in enumerate(lanes):
            rows = dataset(config, lane)
            data[index, : len(rows)] = rows
        self._data = torch.from_numpy(data).to(device)
        counts = np.array([rows_in_step(config, lane) for lane in lanes])[:, None]
        weights = (np.arange(counts.max()) < counts) / counts
        self._weights = torch.from_numpy(weights.astype(np.float32)).to(device)
        self._index = torch.arange(len(lanes), device=device)[:, None]
        self._chosen = torch.zeros(weights.shape, dtype=torch.int64, device=device)

    def choices(self, first: int, steps: int) -> Iterator[torch.Tensor]:
        """The indices of each step's rows, shape (L, rows)."""
        if self._all:
            yield from [self._chosen] * steps
            return
        ahead = max(MAX_ORDER // self._chosen.numel(), 1)
        for begin in range(first, first + steps, ahead):
            count = min(ahead, first + steps - begin)
            order = np.zeros((count, *self._chosen.shape), np.int64)
            for index, lane in enumerate(self._lanes):
                rows = row_order(self._config, lane, begin, count)
                order[:, index, : rows.shape[1]] = rows
            yield from torch.from_numpy(order).to(self._device)

    def choose(self, choice: torch.Tensor) -> None:
        """Set the indices of the next step's rows."""
        if not self._all:
            self._chosen.copy_(choice)

    def now(self, step: torch.Tensor) -> torch.Tensor:
        """The rows of this step, shape (L, rows, n)."""
        return self._data if self._all else self._data[self._index, self._chosen]

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean of ``values`` (L, rows, units) over a lane's rows and units, shape (L,)."""
        return (values.mean(dim=2) * self._weights).sum(dim=1)
