"""What is kept of lanes that train in lockstep: their curves, moments and marks."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossCurve, LossHistory
from superpos_core.record.lane_group import LaneGroup, Mark
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import TimelineRecorder
from superpos_core.task.parameters import Parameters

PARTIAL = "partial"
"""What precedes the names of losses that do not fill a point yet, in a state."""


class Kept:
    """The losses, moments and marks of a group of lanes, from step 0.

    ``further`` names curves besides the losses, of the same steps, without ranges. The steps
    ``also`` are worth keeping, too.
    """

    def __init__(self, lanes: int, also: Iterable[int] = (), further: Sequence[str] = ()) -> None:
        self.losses = LossHistory(lanes)
        self.further = {name: LossHistory(lanes, keeps_ranges=False) for name in further}
        self.timeline = TimelineRecorder(also=also)
        self.marks: tuple[Mark, ...] = ()

    @classmethod
    def restored(
        cls,
        group: LaneGroup,
        state: Stored,
        also: Iterable[int] = (),
        further: Mapping[str, tuple[LossCurve, LossCurve]] | None = None,
    ) -> "Kept":
        """What was kept of a group when ``state`` was taken.

        ``further`` are the other curves, each whole and of the newest steps. Raises ``KeyError``
        or ``ValueError`` if they are none.
        """
        kept = cls(len(group.lanes), also)
        partial = state.under(PARTIAL)
        kept.losses = LossHistory.restored(group.losses, group.recent_losses, partial[group.name])
        kept.further = {
            name: LossHistory.restored(*curves, partial[f"{group.name}/{name}"], keeps_ranges=False)
            for name, curves in (further or {}).items()
        }
        kept.timeline = TimelineRecorder.of(group.timeline, also)
        kept.marks = group.marks
        return kept

    @property
    def step(self) -> int:
        """The number of steps so far."""
        return self.losses.step

    def keep(self, parameters: Parameters) -> None:
        """Keep the parameters as the newest moment."""
        self.timeline.record(self.step, parameters)

    def mark(self, text: str) -> None:
        """Mark the newest step as that where a dial was turned."""
        self.marks = (*self.marks, Mark(self.step, text))

    def parts(self) -> dict[str, Any]:
        """What it knows of a group, as keywords of ``LaneGroup``."""
        return {
            "step": self.step,
            "losses": self.losses.full,
            "recent_losses": self.losses.recent,
            "timeline": self.timeline.view(),
            "marks": self.marks,
        }

    def partial(self, name: str) -> dict[str, FloatArray]:
        """The newest points of the curves of the group ``name`` that are not full yet."""
        further = {f"{name}/{each}": curve.partial for each, curve in self.further.items()}
        return {name: self.losses.partial, **further}

    def copy(self) -> "Kept":
        """An independent copy, to return to."""
        twin = copy(self)
        twin.losses = self.losses.copy()
        twin.further = {name: curve.copy() for name, curve in self.further.items()}
        twin.timeline = self.timeline.copy()
        return twin


def partial_points(kept: Mapping[str, Kept]) -> dict[str, FloatArray]:
    """The points of all groups that are not full yet, by name, for a state."""
    return {key: array for name, each in kept.items() for key, array in each.partial(name).items()}
