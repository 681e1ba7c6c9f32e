"""What the colour of a feature says: its set, its importance or its superposition, by one rule."""

from dataclasses import dataclass
from typing import Protocol

import matplotlib as mpl
import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools import page as pages
from superpos_core.geometry import measures
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import Lane
from superpos_core.task.task import Task

LEAST_IMPORTANCE = 1e-3
"""Below this share of the greatest importance, all that there is to see is that it is little."""
DOT, DOT_TO_NAME = 12.0, 0.1
"""Of the legend of sets: the area of a dot, and how far right of it, in inches, its name is."""
MOST_NAMED = 3
"""The entries of more sets than these are only numbers."""
NAME_WIDTH, NUMBER_WIDTH = 0.24, 0.06
BETWEEN = 0.12
MEANING = {"correlated": "sets: active together", "anticorrelated": "sets: one at most is active"}


class FeatureColours(Protocol):
    """What colours the features of one lane have, and the legend that says so."""

    @property
    def identify(self) -> bool:
        """Whether a feature has its colour whatever a model makes of it."""

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        """RGBA of each feature, shape (n, 4)."""

    def add_legend(self, page: pages.Page) -> None:
        """In the footer, on the right."""


def feature_colours(config: ExperimentConfig) -> FeatureColours:
    """By set where features come in sets; else by importance where that varies.

    Otherwise by superposition, and so where there are more sets than colours that can be told
    apart.
    """
    count = len(np.unique(sets_of(config)))
    if distribution_named(config.distribution).has_sets and 2 <= count <= len(style.CATEGORICAL):
        return _BySet(config)
    lanes = config.lanes_of(config.models[0])[:: config.restarts]
    importance = np.stack([config.importance_of(lane) for lane in lanes])
    if np.ptp(importance) > 0:
        return _ByImportance(config, float(importance.min()), float(importance.max()))
    return _BySuperposition()


def sets_of(task: Task) -> IntArray:
    """The number of each feature's set, shape (n,); a feature of its own is a set of one."""
    has_sets = distribution_named(task.distribution).has_sets
    return np.arange(task.features) // (task.set_size if has_sets else 1)


@dataclass(frozen=True)
class OneEach:
    """A colour for each feature; numbers at their ends tell those apart that share one."""

    identify: bool = True

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        """RGBA of each feature, shape (n, 4)."""
        numbers = np.arange(len(encoder)) % len(style.CATEGORICAL)
        return mpl.colors.to_rgba_array(style.CATEGORICAL)[numbers]

    def add_legend(self, page: pages.Page) -> None:
        """None is needed."""


@dataclass(frozen=True)
class OneColour:
    """The same colour for all features: that of the whole which they form."""

    colour: str
    identify: bool = True

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        """RGBA of each feature, shape (n, 4)."""
        return np.tile(mpl.colors.to_rgba_array(self.colour), (len(encoder), 1))

    def add_legend(self, page: pages.Page) -> None:
        """None is needed: what the whole is called has its colour."""


@dataclass(frozen=True)
class _BySet:
    config: ExperimentConfig
    identify: bool = True

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        return mpl.colors.to_rgba_array(style.CATEGORICAL)[sets_of(self.config)]

    def add_legend(self, page: pages.Page) -> None:
        """One dot per set in one row that ends where scale bars do, under what makes a set."""
        count = len(np.unique(sets_of(self.config)))
        names = [f"set {number}" if count <= MOST_NAMED else f"{number}" for number in range(count)]
        name_width = NAME_WIDTH if count <= MOST_NAMED else NUMBER_WIDTH
        step = DOT_TO_NAME + name_width + BETWEEN
        width, height = count * step - BETWEEN, 0.12
        right, top = page.width - pages.MARGIN, page.height - pages.MARGIN - height - 0.02
        axes = page.axes(right - width, top, width, height)
        axes.set(xlim=(0, width), ylim=(-0.5, 0.5))
        axes.set_axis_off()
        for number, name in enumerate(names):
            left = number * step
            colour = style.CATEGORICAL[number]
            axes.scatter([left], [0], s=DOT, c=[colour], linewidths=0, clip_on=False)
            place = (left + DOT_TO_NAME, 0)
            axes.annotate(name, place, size=style.SMALL_SIZE, color=style.QUIET, va="center")
        page.text(
            right,
            top - 0.03,
            MEANING[distribution_named(self.config.distribution).grouping],
            ha="right",
            va="bottom",
            size=style.SMALL_SIZE,
            color=style.QUIET,
        )


@dataclass(frozen=True)
class _ByImportance:
    """On a logarithmic scale, since importances are powers: neighbours then differ alike."""

    config: ExperimentConfig
    least: float
    greatest: float
    identify: bool = True

    @property
    def _foot(self) -> float:
        return max(self.least, LEAST_IMPORTANCE * self.greatest)

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        importance = np.maximum(self.config.importance_of(lane), self._foot)
        shares = np.log(importance / self._foot) / np.log(self.greatest / self._foot)
        colours: FloatArray = style.SEQUENTIAL(shares)
        return colours

    def add_legend(self, page: pages.Page) -> None:
        below = "≤ " if self.least < self._foot else ""
        middle = np.sqrt(self._foot * self.greatest)
        ticks = [
            (0.0, f"{below}{self._foot:.2g}"),
            (0.5, f"{middle:.2g}"),
            (1.0, f"{self.greatest:.2g}"),
        ]
        marks.scale_bar(page, "importance Iᵢ", style.SEQUENTIAL, ticks)


@dataclass(frozen=True)
class _BySuperposition:
    identify: bool = False

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        shared = np.clip(np.nan_to_num(measures.superposition(encoder)), 0, 1)
        colours: FloatArray = style.SEQUENTIAL(shared)
        return colours

    def add_legend(self, page: pages.Page) -> None:
        marks.superposition_scale_bar(page)
