"""A record of lanes that train in lockstep, group by group: what all such records share."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossCurve
from superpos_core.record.lane_group import (
    LaneGroup,
    marks_by_name,
    marks_from,
    named_for_files,
    parameters_from_file,
)
from superpos_core.record.lane_names import exact_lane_names
from superpos_core.record.record import Record
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import INSTANCE
from superpos_core.task.sweeps import sweep_named

Group = TypeVar("Group", bound=LaneGroup)


@dataclass(frozen=True)
class GroupedRecord(Record, Generic[Group]):
    """All groups of lanes by name, in the order in which they train."""

    cohorts: Mapping[str, Group]

    @classmethod
    @abstractmethod
    def group_from(
        cls, config: ExperimentConfig, parts: Mapping[str, Any], further: Mapping[str, FloatArray]
    ) -> Group:
        """A stored group from the ``parts`` that every group has and its ``further`` arrays."""

    @property
    def groups(self) -> Mapping[str, LaneGroup]:
        """The same as ``cohorts``."""
        return self.cohorts

    @property
    def share_done(self) -> float:
        """The fraction done by the group that is furthest behind."""
        return self.steps_done / self.config.steps

    @property
    def steps_done(self) -> int:
        """Steps that every lane has taken."""
        return min(self.steps.values())

    def arrays(self) -> dict[str, FloatArray]:
        """Every array of every lane by name, such as ``tied/S=0.9/W``."""
        return {
            f"{lane_name}/{name}": np.ascontiguousarray(array)
            for group in self.cohorts.values()
            for index, lane_name in enumerate(exact_lane_names(group.lanes))
            for name, array in named_for_files(group.name, group.parameters.take(index)).items()
        }

    def stored(self) -> Stored:
        """The newest parameters, the curves and the marks of every group."""
        stored = Stored(facts={"steps": self.steps, "marks": marks_by_name(self.cohorts)})
        for name, group in self.cohorts.items():
            stored = stored.with_arrays(f"parameters/{name}", group.arrays_in_files())
            stored = stored.with_arrays(f"losses/{name}", group.losses.arrays())
            stored = stored.with_arrays(f"recent/{name}", group.recent_losses.arrays())
            stored = stored.with_arrays(f"further/{name}", group.further_arrays())
        return stored

    @classmethod
    def restored(
        cls, config: ExperimentConfig, stored: Stored, timelines: Mapping[str, Timeline]
    ) -> Self:
        """The groups that were ``stored``; see ``Record.restored``."""
        groups = {
            name: cls.group_from(
                config,
                _parts(config, name, stored, timelines.get(name, Timeline())),
                stored.under(f"further/{name}"),
            )
            for name in stored.facts["steps"]
        }
        return cls(config, groups, **cls.restored_fields(config, stored))

    @classmethod
    def restored_fields(cls, config: ExperimentConfig, stored: Stored) -> Mapping[str, Any]:
        """The stored fields of a kind that has more than its groups; none by default."""
        return {}

    def at_step(self, step: int) -> Self:
        """The kept moments nearest to ``step``; losses stay whole."""
        cohorts = {name: group.at_step(step) for name, group in self.cohorts.items()}
        return replace(self, cohorts=cohorts)

    @property
    def _varied(self) -> tuple[str, ...]:
        config = self.config
        if config.sweep == INSTANCE:
            instances = len(config.sweep_values)
            return (f"{instances} instances",) if instances > 1 else ()
        return (f"swept: {sweep_named(config.sweep).factor_of}",) if config.sweep_values else ()

    @property
    def _chosen(self) -> tuple[str, ...]:
        restarts = self.config.restarts
        return (f"best of {restarts} restarts",) if restarts > 1 else ()


def _parts(
    config: ExperimentConfig, name: str, stored: Stored, timeline: Timeline
) -> Mapping[str, Any]:
    """What every group has, as the keywords of ``LaneGroup``."""
    return {
        "lanes": config.lanes_of(name),
        "step": int(stored.facts["steps"][name]),
        "parameters": parameters_from_file(config, name, stored.under(f"parameters/{name}")),
        "losses": LossCurve.stored(stored.under(f"losses/{name}")),
        "recent_losses": LossCurve.stored(stored.under(f"recent/{name}")),
        "restarts": config.restarts,
        "timeline": timeline,
        "marks": marks_from(stored.facts["marks"].get(name, ())),
    }
