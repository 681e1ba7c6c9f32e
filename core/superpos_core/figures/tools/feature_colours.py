"""The meaning of a feature's colour: its set, its importance or its superposition."""

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

MIN_IMPORTANCE = 1e-3
"""Importances below this share of the largest share one colour."""
DOT, DOT_TO_NAME = 12.0, 0.1
"""The legend of sets: the area of a dot, and the distance in inches to its name."""
MAX_NAMED = 3
"""Maximum number of sets with full names; more are only numbered."""
NAME_WIDTH, NUMBER_WIDTH = 0.24, 0.06
BETWEEN = 0.12
MEANING = {"correlated": "sets: active together", "anticorrelated": "sets: at most one active"}


class FeatureColours(Protocol):
    """The colours of one lane's features, and their legend."""

    @property
    def identify(self) -> bool:
        """Whether a feature's colour identifies it, independently of the model."""

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        """RGBA of each feature, shape (n, 4)."""

    def add_legend(self, page: pages.Page) -> None:
        """Add the legend at the right of the footer."""


def feature_colours(config: ExperimentConfig) -> FeatureColours:
    """By set if features come in sets, or else by importance if it varies.

    Otherwise by superposition, also if there are more sets than distinguishable colours.
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
    """The number of each feature's set, shape (n,); without sets, each feature is one."""
    has_sets = distribution_named(task.distribution).has_sets
    return np.arange(task.features) // (task.set_size if has_sets else 1)


@dataclass(frozen=True)
class OneEach:
    """One colour per feature; numbers distinguish features with the same colour."""

    identify: bool = True

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        """RGBA of each feature, shape (n, 4)."""
        numbers = np.arange(len(encoder)) % len(style.CATEGORICAL)
        return mpl.colors.to_rgba_array(style.CATEGORICAL)[numbers]

    def add_legend(self, page: pages.Page) -> None:
        """No legend is needed."""


@dataclass(frozen=True)
class OneColour:
    """One colour for all features: that of the shape they form."""

    colour: str
    identify: bool = True

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        """RGBA of each feature, shape (n, 4)."""
        return np.tile(mpl.colors.to_rgba_array(self.colour), (len(encoder), 1))

    def add_legend(self, page: pages.Page) -> None:
        """No legend is needed: the name of the shape has its colour."""


@dataclass(frozen=True)
class _BySet:
    config: ExperimentConfig
    identify: bool = True

    def of(self, encoder: FloatArray, lane: Lane) -> FloatArray:
        return mpl.colors.to_rgba_array(style.CATEGORICAL)[sets_of(self.config)]

    def add_legend(self, page: pages.Page) -> None:
        """One dot per set in a row aligned with the scale bars, below the meaning of sets."""
        count = len(np.unique(sets_of(self.config)))
        names = [f"set {number}" if count <= MAX_NAMED else f"{number}" for number in range(count)]
        name_width = NAME_WIDTH if count <= MAX_NAMED else NUMBER_WIDTH
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
            position = (left + DOT_TO_NAME, 0)
            axes.annotate(name, position, size=style.SMALL_SIZE, color=style.QUIET, va="center")
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
    """On a logarithmic scale, since importances are powers: neighbours then differ equally."""

    config: ExperimentConfig
    least: float
    greatest: float
    identify: bool = True

    @property
    def _foot(self) -> float:
        return max(self.least, MIN_IMPORTANCE * self.greatest)

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
        return style.superposition_colours(measures.superposition(encoder))

    def add_legend(self, page: pages.Page) -> None:
        marks.superposition_scale_bar(page)
