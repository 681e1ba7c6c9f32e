"""One feature denser or sparser than the others: non-uniform superposition, as in the paper."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import drawable, log_ticks, loss_axis
from superpos_core.figures.tools.placing import evenly
from superpos_core.geometry import measures
from superpos_core.geometry.alignment import pointing_up
from superpos_core.geometry.components import Geometry, geometry_of
from superpos_core.geometry.projection import EDGE, circle_radius
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.setting_names import sparsity_text
from superpos_core.task.sweeps import sweep_named

SWEEP = "first-density"
SIDE = 2.9
LEFT, GAP = pages.MARGIN, 0.62
TITLES, BELOW, BETWEEN_ROWS = 0.5, 0.42, 0.12
MAX_DRAWN = 3
"""Maximum number of restarts per setting whose features are drawn: those with the lowest loss."""
DOT, RINGED, LOSS_DOT = 9.0, 20.0, 7.0
STRIP = 0.028
"""The height of the colour scale on the axis of densities, as a share of the axes."""
COLOURS_OF_SCALE = 128
CLASSES = ("all {n} represented", "only feature 0 ignored", "others ignored")
COLOURS = (style.CATEGORICAL[0], style.CATEGORICAL[1], style.NOT_FINITE_HATCH)
OTHERS, NOT_FINITE = 2, -1
NAME_WIDTH, LINE_HEIGHT = 1.25, 0.14
"""Inches from one class name to the next, and from the title to the names."""


@dataclass(frozen=True)
class _Sweep:
    """All restarts of the settings with one sparsity."""

    density: float
    """1 − S of all features except feature 0."""
    factors: FloatArray
    """The relative density of feature 0, shape (lanes,)."""
    encoders: FloatArray
    losses: FloatArray
    geometries: list[Geometry]
    classes: IntArray
    drawn: IntArray
    """The indices of the lanes that are among the best of their setting."""

    @classmethod
    def of(cls, cohort: Cohort, settings: range) -> "_Sweep":
        """``settings`` are consecutive."""
        lanes = range(cohort.lanes_at(settings[0]).start, cohort.lanes_at(settings[-1]).stop)
        encoders = cohort.parameters.encoder[lanes.start : lanes.stop].astype(np.float64)
        geometries = [geometry_of(encoder) for encoder in encoders]
        best = [lane for setting in settings for lane in cohort.ranked(setting)[:MAX_DRAWN]]
        return cls(
            density=cohort.lanes[lanes.start].density,
            factors=np.array([cohort.lanes[lane].swept for lane in lanes]),
            encoders=encoders,
            losses=cohort.recent_loss(lanes),
            geometries=geometries,
            classes=np.array([_class_of(geometry) for geometry in geometries]),
            drawn=np.array(best) - lanes.start,
        )

    def usual_geometry(self, number: int) -> str:
        """The geometry of more than half of a class's restarts; "" if there is none."""
        members = np.flatnonzero(self.classes == number)
        names = Counter(self.geometries[member].text for member in members)
        name, count = names.most_common(1)[0] if names else ("", 0)
        return name if 2 * count > len(members) else ""


def _class_of(geometry: Geometry) -> int:
    """An index into ``CLASSES``, or ``NOT_FINITE``."""
    if geometry.not_finite:
        return NOT_FINITE
    return {(): 0, (0,): 1}.get(geometry.ignored, OTHERS)


def applies(record: LanesRecord, model: str) -> bool:
    """Whether the density of feature 0 was swept in two hidden dimensions."""
    return record.config.sweep == SWEEP and record.config.hidden == 2


def draw(record: LanesRecord, model: str) -> Figure:
    """Where the features lie, and which solution has the lowest loss, one row per sparsity."""
    config, cohort = record.config, record.cohorts[model]
    length = len(config.sweep_values)
    row_height = TITLES + SIDE + BELOW
    firsts = range(0, len(config.settings), length)
    shown = evenly(firsts, pages.rows_that_fit(row_height, BETWEEN_ROWS))
    sweeps = [_Sweep.of(cohort, range(first, first + length)) for first in shown]
    radius = circle_radius(np.concatenate([sweep.encoders.reshape(-1, 2) for sweep in sweeps]), 2)
    header = pages.Header(
        notes.model_title("One feature denser or sparser than the others", model),
        _reading(config.restarts, radius, notes.matrix_name(model))
        + notes.some_note(len(shown), len(firsts), "sparsities")
        + marks.left_out_note([sweep.encoders for sweep in sweeps]),
    )
    body = len(sweeps) * (row_height + BETWEEN_ROWS) - BETWEEN_ROWS
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=0)
    for row, sweep in enumerate(sweeps):
        top = header.height(page.width) + row * (row_height + BETWEEN_ROWS) + TITLES
        _draw_row(page, top, sweep, radius)
    return page.figure


def _reading(restarts: int, radius: float, matrix: str) -> str:
    best = f" of the {min(restarts, MAX_DRAWN)} best of {restarts} seeds" if restarts > 1 else ""
    return (
        f"Left: the features {matrix}ᵢ{best}, rotated so that feature 0 (ringed) points up, or the "
        f"gap where it would be. Circle: length {radius:g}. Colour, as on the axis: density of "
        "feature 0 relative to the others. Right: one dot per seed; lines join the lowest losses."
    )


def _draw_row(page: pages.Page, top: float, sweep: _Sweep, radius: float) -> None:
    """The features on the left and the losses on the right, with titles above."""
    right = LEFT + SIDE + GAP
    _draw_features(page.axes(LEFT, top, SIDE, SIDE), sweep, radius)
    losses = page.axes(right, top, page.width - right - pages.MARGIN, SIDE)
    _draw_losses(losses, sweep)
    _density_axis(losses, sweep.factors)
    title = top - TITLES + 0.02
    page.text(LEFT, title, f"features, S = {sparsity_text(1 - sweep.density)}")
    page.text(right, title, "mean loss")
    for index, (name, colour) in enumerate(zip(CLASSES, COLOURS, strict=True)):
        named = name.format(n=sweep.encoders.shape[1])
        left = right + index * NAME_WIDTH
        usual = sweep.usual_geometry(index) if index < OTHERS else ""
        lines = f"● {named}\n" + (f"mostly {usual}" if usual else "")
        page.text(left, title + LINE_HEIGHT, lines, size=style.SMALL_SIZE, color=colour)


# ── where the features lie ────────────────────────────────────────────────────────────────────


def _draw_features(axes: Axes, sweep: _Sweep, radius: float) -> None:
    """One dot per feature; feature 0 is ringed."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.add_patch(Circle((0, 0), 1, fill=False, color=style.RULE, linewidth=0.5))
    axes.plot([-1, 1, np.nan, 0, 0], [0, 0, np.nan, -1, 1], color=style.RULE, linewidth=0.3)
    drawn = [lane for lane in sweep.drawn if sweep.classes[lane] != NOT_FINITE]
    if not drawn:
        marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
        return
    points = np.stack([pointing_up(sweep.encoders[lane], 0) for lane in drawn]) / radius
    colours = _colour_map()(_share_of_scale(sweep.factors[drawn], sweep.factors))
    first, others = points[:, 0], points[:, 1:]
    axes.scatter(
        others[..., 0].ravel(),
        others[..., 1].ravel(),
        s=DOT,
        c=np.repeat(colours, others.shape[1], axis=0),
        linewidths=0,
    )
    axes.scatter(
        first[:, 0],
        first[:, 1],
        s=RINGED,
        c=colours,
        edgecolors=style.INK,
        linewidths=0.6,
        zorder=3,
    )
    up = np.linalg.norm(first, axis=1) > measures.REPRESENTED_NORM / radius
    if up.any():
        _name(axes, "feature 0", float(first[up, 1].max()), 7)
    if not up.all():
        _name(axes, "feature 0, ignored", float(first[~up, 1].min()), -11)


def _name(axes: Axes, name: str, height: float, above: float) -> None:
    """Write a name ``above`` points above a height on the vertical axis."""
    axes.annotate(
        name,
        (0, height),
        xytext=(0, above),
        textcoords="offset points",
        ha="center",
        va="baseline",
        size=style.SMALL_SIZE,
        color=style.QUIET,
        bbox={"facecolor": "white", "linewidth": 0, "pad": 0.4},
        zorder=1.5,
    )


def _colour_map() -> Colormap:
    """Bright where feature 0 is sparse, dark where it is dense, like all sparsity colours."""
    colours = style.sparsity_colours(COLOURS_OF_SCALE)[::-1]
    return LinearSegmentedColormap.from_list("superpos relative density", colours)


def _share_of_scale(factors: FloatArray, all_factors: FloatArray) -> FloatArray:
    """Factors mapped to 0 (smallest) … 1 (largest) on a logarithmic scale."""
    least, greatest = np.log(all_factors.min()), np.log(all_factors.max())
    span = (greatest - least) or 1.0
    share: FloatArray = np.clip((np.log(factors) - least) / span, 0, 1)
    return share


# ── their losses ────────────────────────────────────────────────────────────────────────────


def _draw_losses(axes: Axes, sweep: _Sweep) -> None:
    """One dot per restart in the colour of its class; a line joins the best of each class."""
    losses = drawable(sweep.losses)
    loss_axis(axes, [losses])
    for number, colour in reversed(list(enumerate(COLOURS))):
        members = (sweep.classes == number) & np.isfinite(losses)
        factors = np.unique(sweep.factors[members])
        least = [losses[members & (sweep.factors == factor)].min() for factor in factors]
        axes.scatter(
            sweep.factors[members], losses[members], s=LOSS_DOT, c=colour, alpha=0.6, linewidths=0
        )
        if number < OTHERS:
            axes.plot(factors, least, color=colour, linewidth=1.0)


def _density_axis(axes: Axes, factors: FloatArray) -> None:
    """A logarithmic axis with a colour strip along it."""
    room = (factors.max() / factors.min()) ** 0.03 if np.ptp(factors) else 2.0
    least, greatest = float(factors.min() / room), float(factors.max() * room)
    axes.set(xscale="log", xlim=(least, greatest))
    log_ticks(axes.xaxis, "×{x:g}")
    axes.set_xlabel(sweep_named(SWEEP).axis, labelpad=2)
    strip = axes.inset_axes((0, 0, 1, STRIP))
    edges = np.geomspace(least, greatest, COLOURS_OF_SCALE + 1)
    shares = _share_of_scale(np.sqrt(edges[1:] * edges[:-1]), factors)
    strip.pcolormesh(edges, [0, 1], shares[None], cmap=_colour_map(), vmin=0, vmax=1)
    strip.set(xscale="log", xlim=(least, greatest))
    strip.set_axis_off()
