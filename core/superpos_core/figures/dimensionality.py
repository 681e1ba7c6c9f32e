"""How much of a dimension each feature gets: over sparsity, and over training at each setting."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from superpos_core import measures
from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.config import ExperimentConfig, Setting
from superpos_core.figures import marks, style
from superpos_core.figures import page as pages
from superpos_core.figures.loss import spread
from superpos_core.models import model_named
from superpos_core.snapshot import Cohort, Snapshot
from superpos_core.sweeps import sweep_named
from superpos_core.theory import DIMENSIONALITY_MARKS
from superpos_core.timeline import feature_dimensionality_over

LEFT = pages.MARGIN + pages.ROW_LABELS
SHAPE_NAMES = 1.15
"""Inches on the right for the names of the shapes."""
TOP_ROOM, BOTTOM_ROOM = 0.2, 0.36
"""Inches above and below the axes of a scatter, for a title and for ticks with their name."""
SCATTER_HEIGHT = 2.1
MOST_SCATTERS = 4
HISTORY_HEIGHT = 1.15
HISTORY_GAP = 0.16
MOST_HISTORIES = 12
LOW, HIGH = -0.04, 1.08
"""Where the axis of dimensionality ends: dots at 0 and at 1 are whole."""
SPREAD_SHARE = 0.75
"""The share of the distance between settings over which their features stand side by side."""
WIDEST_SPREAD = 0.3
"""Decades over which they stand at most."""
LABEL_SPACING = 0.075
"""The least distance of two shapes' names, as a share of the axis."""
MOST_TICKS = 16


@dataclass(frozen=True)
class _Column:
    """A setting: its value on the axis, and what its features get."""

    setting: Setting
    abscissa: float
    dimensionality: FloatArray
    superposition: FloatArray
    dimensions_per_feature: float


def draw(snapshot: Snapshot, model: str) -> Figure:
    """D_i and D* against 1 / (1 − S) or what is swept; below, D_i over the steps kept."""
    cohort = snapshot.cohorts[model]
    lanes = [cohort.ranked(setting)[0] for setting in range(len(snapshot.config.settings))]
    columns = [_column(cohort, lane) for lane in lanes]
    scatters = _spread_over(_by_axis(snapshot.config, columns), MOST_SCATTERS)
    has_histories = len(cohort.timeline.moments) > 1
    histories = _spread_over(range(len(columns)), MOST_HISTORIES) if has_histories else []
    header = pages.Header(
        pages.model_title("Feature dimensionality", model),
        _reading(snapshot, model, columns, has_histories),
    )
    rows = _rows_of(len(histories))
    scatter_room = TOP_ROOM + SCATTER_HEIGHT + BOTTOM_ROOM
    history_room = pages.LANE_TITLE + HISTORY_HEIGHT + pages.COLUMN_LABELS
    body = len(scatters) * scatter_room + len(rows) * history_room
    page = pages.new_page(snapshot, header, pages.TEXT_WIDTH, body)
    ...
