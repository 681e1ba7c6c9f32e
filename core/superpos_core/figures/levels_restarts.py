"""The restarts whose energy levels are drawn, and an example of each polygon among them."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.polygon_descent import (
    Plateau,
    corner_sequence,
    exact_losses_over,
    polygon_level,
    polygon_plateaus,
)
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools import style
from superpos_core.record.lanes import Cohort
from superpos_core.task.lanes import Lane
from superpos_core.theory import PolygonLevel, polygon_levels


@dataclass(frozen=True)
class Example:
    """A restart at a level; ``encoder`` has shape (n, m)."""

    lane: Lane
    encoder: FloatArray
    corners: int


@dataclass(frozen=True)
class Restarts:
    """All lanes of a model: their plateaus and their final levels.

    ``losses`` has shape (moments, lanes): the exact total loss.
    """

    steps: IntArray
    losses: FloatArray
    plateaus: tuple[tuple[Plateau, ...], ...]
    ends: tuple[PolygonLevel | None, ...]
    colours: dict[str, str]
    """The colours of levels with plateaus, by name."""
    examples: dict[str, Example]

    @classmethod
    def of(cls, cohort: Cohort, features: int) -> "Restarts":
        timeline = cohort.timeline
        losses = exact_losses_over(timeline)
        lanes = range(len(cohort.lanes))
        plateaus = tuple(polygon_plateaus(timeline, losses, lane) for lane in lanes)
        encoders = timeline.moments[-1].parameters.encoder
        ends = tuple(
            polygon_level(encoder, float(loss))
            for encoder, loss in zip(encoders, losses[-1], strict=True)
        )
        examples = _examples(cohort, plateaus)
        seen = [level.name for level in polygon_levels(features)[::-1] if level.name in examples]
        colours = dict(zip(seen, style.CATEGORICAL, strict=False))
        return cls(timeline.steps, losses, plateaus, ends, colours, examples)

    def colour(self, level: PolygonLevel | None) -> str:
        """The colour of a final level; grey between levels, or at one without a plateau."""
        return style.QUIET if level is None else self.colours.get(level.name, style.QUIET)

    def best(self) -> int | None:
        """The lane with the lowest final loss, if any is finite."""
        finite = np.isfinite(self.losses[-1])
        return int(np.nanargmin(self.losses[-1])) if finite.any() else None

    def longest_way(self) -> int | None:
        """The lane with plateaus at the most polygons; among ties, the one that stays longest.

        ``None`` if no lane leaves a plateau again.
        """
        last = len(self.steps) - 1
        lengths = {
            lane: (len(corner_sequence(of_lane)), max(self._growth(each) for each in left))
            for lane, of_lane in enumerate(self.plateaus)
            if (
                left := [
                    each for each in of_lane if each.last < last and self.ends[lane] != each.level
                ]
            )
        }
        return max(lengths, key=lambda lane: lengths[lane], default=None)

    def _growth(self, plateau: Plateau) -> float:
        """The growth factor of the step on a plateau."""
        return float(self.steps[plateau.last] / self.steps[plateau.first])


def _encoder_at(cohort: Cohort, lane: int, moment: int) -> FloatArray:
    return cohort.timeline.moments[moment].parameters.take(lane).encoder


def _examples(cohort: Cohort, plateaus: tuple[tuple[Plateau, ...], ...]) -> dict[str, Example]:
    """For every level with plateaus, the restart with the latest one."""
    of_all = ((plateau, lane) for lane, of_lane in enumerate(plateaus) for plateau in of_lane)
    latest = {
        plateau.level.name: (plateau, lane)
        for plateau, lane in sorted(of_all, key=lambda pair: (pair[0].last, -pair[1]))
    }
    return {
        name: Example(
            cohort.lanes[lane], _encoder_at(cohort, lane, plateau.middle), plateau.level.corners
        )
        for name, (plateau, lane) in latest.items()
    }
