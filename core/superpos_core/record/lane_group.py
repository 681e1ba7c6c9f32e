"""Lanes that train in lockstep: what they have in common, whatever it is that trains."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from superpos_core.arrays import FloatArray, IntArray, freeze
from superpos_core.record.history import LossCurve
from superpos_core.record.penalties import Penalties
from superpos_core.record.steady_order import steady_order
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters
from superpos_core.task.trained_arrays import array_shapes, trained_arrays

RANKING_STEPS = 100
"""Restarts are ranked by their mean loss over this many last steps, plus the current penalty."""


@dataclass(frozen=True)
class Mark:
    """The step where a dial was turned, and which one."""

    step: int
    text: str


@dataclass(frozen=True)
class LaneGroup:
    """Lanes that compute the same and train in lockstep: the leading axis of every array.

    They are grouped by setting, ``restarts`` of them per setting. ``penalties`` are what the lanes
    minimise besides their loss, at the newest step; ``None`` if that is nothing.
    """

    compared_by_seed: ClassVar[bool] = False
    """Whether lanes of one seed have the same task, as dictionaries with the same directions do."""

    lanes: tuple[Lane, ...]
    step: int
    parameters: Parameters
    losses: LossCurve
    recent_losses: LossCurve
    restarts: int = 1
    timeline: Timeline = field(default_factory=Timeline)
    marks: tuple[Mark, ...] = ()
    penalties: Penalties | None = None

    @property
    def name(self) -> str:
        """The name of the model, or of the kind of dictionary, that all lanes compute."""
        return self.lanes[0].model

    def arrays_in_files(self) -> dict[str, FloatArray]:
        """The parameters of all lanes by their names in files, with a leading lane axis."""
        return named_for_files(self.name, self.parameters)

    def further_arrays(self) -> Mapping[str, FloatArray]:
        """What it has besides what every group has, by names in files; nothing by default."""
        return {}

    def at_step(self, step: int) -> Self:
        """The same lanes at the kept moment nearest to ``step``."""
        if not self.timeline.moments:
            return self
        moment = self.timeline.nearest(step)
        return replace(self, step=moment.step, parameters=moment.parameters)

    def best(self) -> Self:
        """One lane per setting: its best restart by the training objective."""
        if self.restarts == 1:
            return self
        settings = range(len(self.lanes) // self.restarts)
        return self._only([self.lane_at(setting) for setting in settings])

    def _only(self, indices: list[int]) -> Self:
        """Some of the lanes, one per setting, without their timeline."""
        return replace(
            self,
            lanes=tuple(self.lanes[index] for index in indices),
            parameters=self.parameters.take(indices),
            losses=self.losses.lanes(indices),
            recent_losses=self.recent_losses.lanes(indices),
            restarts=1,
            timeline=Timeline(),
            penalties=None,
        )

    def lanes_at(self, setting: int) -> range:
        """The indices of a setting's restarts; raises ``IndexError`` for an unknown setting."""
        first = setting * self.restarts
        if not 0 <= first < len(self.lanes):
            raise IndexError(f"there is no setting {setting}")
        return range(first, first + self.restarts)

    def recent_loss(self, indices: range) -> FloatArray:
        """The mean loss of some lanes over the last ``RANKING_STEPS``; NaN before the first.

        Excludes any penalty, as displayed losses do.
        """
        return recent_mean(self.recent_losses, indices)

    def penalty_of(self, indices: range) -> FloatArray:
        """What the training objective of some lanes has besides their loss."""
        return np.zeros(len(indices)) if self.penalties is None else self.penalties.at(indices)

    def recent_objective(self, indices: range) -> FloatArray:
        """``recent_loss`` including the penalty: the objective that training minimises."""
        return self.recent_loss(indices) + self.penalty_of(indices)

    def lane_at(self, setting: int, rank: int = 0) -> int:
        """The index of the restart of this rank: one entry of ``ranked``."""
        indices = self.lanes_at(setting)
        if rank > 0:
            return indices[int(self._order(indices)[rank])]
        return indices[int(np.argmin(self._ranking(indices)))]

    def ranked(self, setting: int) -> list[int]:
        """The indices of a setting's restarts by the training objective, best first."""
        indices = self.lanes_at(setting)
        return [indices[int(index)] for index in self._order(indices)]

    def ranks(self) -> list[int]:
        """The place of every lane in ``ranked`` among the restarts of its setting, from 1."""
        ranks = [0] * len(self.lanes)
        for setting in range(len(self.lanes) // self.restarts):
            for rank, index in enumerate(self.ranked(setting), start=1):
                ranks[index] = rank
        return ranks

    def steadily_ranked(self, setting: int) -> list[int]:
        """The indices of a setting's restarts, best first, as they are shown while they train.

        Unlike in ``ranked``, noise does not change the order; see ``steady_order``.
        """
        indices = self.lanes_at(setting)
        if len(indices) == 1:
            return list(indices)
        diverged = ~np.isfinite(self.recent_objective(indices))
        order = steady_order(self.losses, indices, self.penalty_of(indices), diverged)
        return [indices[int(index)] for index in order]

    def _order(self, indices: range) -> IntArray:
        return np.argsort(self._ranking(indices), kind="stable")

    def _ranking(self, indices: range) -> FloatArray:
        """The training objective; a lane that has diverged ranks last."""
        if len(indices) == 1:
            return np.zeros(1)
        means = self.recent_objective(indices)
        return np.where(np.isfinite(means), means, np.inf)


def recent_mean(curve: LossCurve, indices: range) -> FloatArray:
    """The mean of a curve of recent steps over ``RANKING_STEPS``; NaN before the first."""
    if not curve.steps.size:
        return np.full(len(indices), np.nan)
    with np.errstate(all="ignore"):
        means: FloatArray = curve.mean[indices.start : indices.stop, -RANKING_STEPS:].mean(axis=1)
    return means


def named_for_files(name: str, parameters: Parameters) -> dict[str, FloatArray]:
    """The arrays of a model or a kind of dictionary by their names in files."""
    arrays = parameters.arrays
    return {each.file_name: arrays[each.name] for each in trained_arrays(name)}


def parameters_from_file(
    config: ExperimentConfig, name: str, arrays: Mapping[str, FloatArray]
) -> Parameters:
    """The parameters of a group's lanes from ``arrays_in_files``.

    Raises ``KeyError`` for a missing array and ``ValueError`` for one of another shape.
    """
    lanes, shapes = config.lanes_of(name), array_shapes(config, name)
    found = {}
    for each in trained_arrays(name):
        array = arrays[each.file_name]
        if array.shape != (len(lanes), *shapes[each.name]):
            raise ValueError(f"{each.file_name} has shape {array.shape}, which {name} has not")
        found[each.name] = freeze(array)
    return Parameters(**found).padded(config.padding_of(lanes))


def marks_by_name(groups: Mapping[str, LaneGroup]) -> dict[str, list[list[int | str]]]:
    """The marks of every group as JSON values: ``[step, text]``."""
    return {
        name: [[mark.step, mark.text] for mark in group.marks] for name, group in groups.items()
    }


def marks_from(values: Iterable[Sequence[Any]]) -> tuple[Mark, ...]:
    """The marks of a group from ``marks_by_name``."""
    return tuple(Mark(int(step), str(text)) for step, text in values)
