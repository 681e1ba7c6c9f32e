"""The dimensionality of every feature over training: one line per feature, from kept moments."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.record.timeline import feature_dimensionality_over
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.numbers import grouped, short_count
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.scene import TRAINING, Scene
from superpos_tui.selection import Change, SelectStep
from superpos_tui.views.dimensionality import numbers
from superpos_tui.views.dimensionality.axis import DimensionAxis, scatter, write_ticks
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_FEATURES
from superpos_tui.views.shared.entries import plain
from superpos_tui.views.shared.feature_colours import feature_inks

MAX_LINES = 24


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The lines, the selected feature's on top, and a faint vertical line at the current step."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    canvas = layout.axis.canvas()
    current = layout.dot_of(scene.step)
    layout.axis.draw_vertical_line(canvas, current)
    if layout.steps.size:
        _draw_lines(canvas, layout, scene)
    layout.axis.paint(cells, canvas)
    if not layout.steps.size:
        cells.write_centred(layout.axis.height // 2, "no moment kept yet", Ink.MUTED)
    focused = layout.axis.column_at(current), grouped(scene.step)
    write_ticks(cells, layout.axis, _ticks(layout), focused)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the kept step nearest to a column."""
    layout = _Layout.of(scene, width, height)
    moment = layout.nearest(x)
    return None if moment is None else SelectStep(int(layout.steps[moment]))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The kept step nearest to a column, and the feature whose line is nearest there."""
    layout = _Layout.of(scene, width, height)
    moment = layout.nearest(x)
    if moment is None:
        return ""
    step = f"step {grouped(int(layout.steps[moment]))}"
    values = _dimensionality_at(scene, moment)[:: _features_apart(scene)]
    away = np.abs(layout.axis.rows_of(values) - DOTS_DOWN * y - (DOTS_DOWN - 1) / 2)
    if y >= layout.axis.height or not np.isfinite(away).any():
        return step
    nearest = int(np.nanargmin(np.where(np.isfinite(away), away, np.nan)))
    feature = nearest * _features_apart(scene)
    return f"{step} · feature {feature}: D {plain(float(values[nearest]))}"


@dataclass(frozen=True)
class _Layout:
    """The axis and the kept steps, whose positions on the canvas are log(1 + step)."""

    axis: DimensionAxis
    steps: IntArray
    last: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        steps = scene.cohort.timeline.steps
        return cls(DimensionAxis(width, max(height - 1, 1)), steps, max(scene.cohort.step, 1))

    def nearest(self, x: int) -> int | None:
        """The index of the kept step nearest to a column of cells."""
        if not self.steps.size:
            return None
        dot = DOTS_ACROSS * (x - self.axis.left) + (DOTS_ACROSS - 1) / 2
        return int(np.argmin(np.abs(self.dots_of(self.steps) - dot)))

    def dots_of(self, steps: IntArray) -> FloatArray:
        """The positions of steps, in dots."""
        share: FloatArray = np.log1p(steps.astype(np.float64)) / np.log1p(self.last)
        return np.minimum(share, 1) * max(self.axis.dots_across - 1, 0)

    def dot_of(self, step: int) -> float:
        """The position of a step, in dots."""
        return float(self.dots_of(np.array(step)))


def _ticks(layout: _Layout) -> list[tuple[int, str]]:
    """0, the last step, and the decades between them."""
    decades = [10**power for power in range(9) if 10**power < layout.last]
    return [
        (layout.axis.column_at(layout.dot_of(step)), short_count(step))
        for step in [layout.last, 0, *reversed(decades)]
    ]


def _draw_lines(canvas: Canvas, layout: _Layout, scene: Scene) -> None:
    """Draw all lines in their colours; if a feature is selected, only it, the others faint."""
    dimensionality = feature_dimensionality_over(
        scene.cohort.timeline, scene.model, scene.lane_index
    )
    moments = layout.dots_of(layout.steps)
    rows = layout.axis.rows_of(_at_every_dot(moments, dimensionality, canvas.dots_across))
    others = slice(None, None, _features_apart(scene))
    cursor = scene.options.cursor
    inks = feature_inks(scene)
    if cursor is None:
        _draw_rows(canvas, rows[:, others], inks[others])
        return
    _draw_rows(canvas, rows[:, others], np.full_like(inks, Ink.FAINT)[others])
    _draw_rows(canvas, rows[:, cursor.feature, None], inks[cursor.feature, None])


def _dimensionality_at(scene: Scene, moment: int) -> FloatArray:
    """D_i at a kept moment, shape (n,): the lines have been drawn through it."""
    kept = scene.cohort.timeline.moments[moment]
    return kept.feature_dimensionality(scene.model, scene.lane_index)


def _features_apart(scene: Scene) -> int:
    """The step between features with a line: more lines would cover each other."""
    return -(-scene.config.features // MAX_LINES)


def _at_every_dot(moments: FloatArray, values: FloatArray, dots: int) -> FloatArray:
    """Values, shape (moments, n), interpolated at every dot: (dots, n)."""
    if moments.size == 1:
        return values.repeat(dots, axis=0)
    positions = np.arange(dots, dtype=np.float64)
    after = np.clip(np.searchsorted(moments, positions), 1, moments.size - 1)
    gaps = np.maximum(moments[after] - moments[after - 1], 1e-9)
    share = np.clip((positions - moments[after - 1]) / gaps, 0, 1)[:, None]
    between: FloatArray = (1 - share) * values[after - 1] + share * values[after]
    return between


def _draw_rows(canvas: Canvas, rows: FloatArray, inks: InkArray) -> None:
    """Draw lines through ``rows``, shape (dots, n): each dot joined to the previous one."""
    rows = np.clip(np.rint(rows), -1, canvas.dots_down)
    before = np.concatenate([rows[:1], rows[:-1]])
    columns, features = np.nonzero(np.isfinite(rows))
    first = np.fmin(rows, before)[columns, features].astype(int)
    counts = np.fmax(rows, before)[columns, features].astype(int) - first + 1
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    down = np.repeat(first, counts) + step
    scatter(canvas, np.repeat(columns, counts), down, np.repeat(inks[features], counts))


def _title(scene: Scene) -> str:
    every = _features_apart(scene)
    return "D_i over training" + (f", features 0, {every}, {2 * every} …" if every > 1 else "")


PANEL = Panel(
    name="dimensions-over-steps",
    needs=frozenset({TRAINING}),
    title=_title,
    readings=(
        "one line per feature, against log step · vertical: the step shown · click: go to a step",
        "one line per feature, against log step · click: go to a step",
        "one line per feature, against log step",
    ),
    story=(
        "How the dimensionality of each feature developed. Features jump from one level to the "
        "next, each time with a drop in the loss: the “energy levels” of the paper's section on "
        "learning dynamics."
    ),
    draw=draw,
    numbers=numbers.over_steps,
    pick=pick,
    read=read,
    seconds_between_draws=0.25,
    colours=OF_FEATURES,
)
