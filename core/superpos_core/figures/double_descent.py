"""From stored rows to features, with a bump between: the figure of Henighan et al. (2023)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import NullLocator
from matplotlib.transforms import ScaledTranslation

from superpos_core.analysis.memorization import hidden_rows, losses_on_fresh_rows, training_loss
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly, spread
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.sweeps import sweep_named

LEFT = pages.MARGIN + 0.3
MOST_PLANES = 10
LARGEST_SIDE = 0.9
PLANE_GAP = 0.05
SIZES, TITLES, BELOW = 0.2, 0.32, 0.36
"""Inches for the sizes above the planes, above each plot for its title, and below for its axis."""
LOSS_HEIGHT, SHARE_HEIGHT = 1.15, 0.95
FEATURE, ROW = "#2166ac", "#b2182b"
MOST_DRAWN = 250
"""So many features and rows of a dataset: more spokes would be a disc."""
FRESH_ROWS = 1 << 12
HIGHEST_DOT = 2.5
"""Losses more than so many times as large as the best restarts' are cut off."""
ALL_RESTARTS = " Dots: all restarts; lines: that with the least training loss."
CUT_OFF = " Higher dots are cut off."
NAME_WIDTH = 0.18
"""Inches from one named size on the axis to the next, at least."""
EDGE = 1.12
"""How far a plane reaches, in lengths of its longest spoke."""
DOT_OPACITY = 0.45
BESIDE = 2.2
"""Points that features stand left, and rows right, of their dataset's size."""
PENTAGON = 2 / 5


@dataclass(frozen=True)
class _Size:
    """One size of the dataset: its best restart, and the losses of all, best first.

    ``features`` has shape (n, 2), ``hidden`` (T, 2).
    """

    rows: int
    features: FloatArray
    hidden: FloatArray
    fresh: FloatArray
    training: FloatArray

    @classmethod
    def of(cls, record: LanesRecord, cohort: Cohort, setting: int) -> "_Size":
        """What there is to see at a setting."""
        config, places = record.config, cohort.ranked(setting)
        lanes = [cohort.lanes[place] for place in places]
        parameters = cohort.parameters.take(places)
        each = [parameters.take(place) for place in range(len(lanes))]
        training = [training_loss(config, *lane) for lane in zip(lanes, each, strict=True)]
        return cls(
            rows=config.dataset_size_of(lanes[0]),
            features=parameters.encoder[0].astype(np.float64),
            hidden=hidden_rows(config, lanes[0], each[0]).astype(np.float64),
            fresh=losses_on_fresh_rows(config, lanes, parameters, FRESH_ROWS),
            training=np.array(training),
        )


def applies(record: LanesRecord, model: str) -> bool:
    """Where the dataset's size is swept, and the hidden space is a plane."""
    config = record.config
    return sweep_named(config.sweep).scales_dataset and config.hidden == 2


def draw(record: LanesRecord, model: str) -> Figure:
    """Features and hidden vectors of rows, the losses and the dimensionalities, over T.

    All of them at the first sparsity of the run.
    """
    config, cohort = record.config, record.cohorts[model]
    settings = range(len(config.sweep_values))
    sizes = sorted((_Size.of(record, cohort, setting) for setting in settings), key=_rows)
    header = pages.Header(
        pages.model_title("Stored rows and features", model), _reading(config, model, sizes)
    )
    shown = evenly(sizes, MOST_PLANES)
    width = pages.TEXT_WIDTH - LEFT - pages.MARGIN
    side = min(LARGEST_SIDE, width / len(shown) - PLANE_GAP)
    planes = SIZES + 2 * side + PLANE_GAP
    body = planes + TITLES + LOSS_HEIGHT + TITLES + SHARE_HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, pages.PLAIN_FOOTER)
    top = header.height(page.width)
    _draw_planes(page, top + SIZES, (width, side), sizes, shown)
    _name_planes(page, top + SIZES, side, _matrix_name(model))
    top += planes + TITLES
    losses = page.axes(LEFT, top, width, LOSS_HEIGHT)
    _draw_losses(losses, sizes)
    page.text(
        LEFT,
        top - 0.05,
        "total loss, on fresh rows (black) and on the training rows (grey)",
        va="bottom",
    )
    top += LOSS_HEIGHT + TITLES
    shares = page.axes(LEFT, top, width, SHARE_HEIGHT)
    _draw_shares(shares, sizes)
    page.text(
        LEFT, top - 0.05, "dimensionality, of features Dᵢ (blue) and of rows Dₓ (red)", va="bottom"
    )
    for axes in (losses, shares):
        _size_axis(axes, sizes, (width, side))
    losses.tick_params(labelbottom=False)
    shares.set_xlabel("rows in the dataset, T", labelpad=2)
    return page.figure


def _rows(size: _Size) -> int:
    return size.rows


def _reading(config: ExperimentConfig, model: str, sizes: Sequence[_Size]) -> str:
    density, count = f"{config.settings[0].density:.4g}", len(config.sparsities)
    first = f" (the first of {count} sparsities)" if count > 1 else ""
    many = max(config.features, sizes[-1].rows) > MOST_DRAWN
    return (
        f"Models of datasets with T rows, 1−S = {density}{first}. Blue: features "
        f"{_matrix_name(model)}ᵢ; red: hidden vectors hₓ of the training rows; circles: "
        "length 1. Rows that are stored form a regular polygon with Dₓ = m / T (dashed); features "
        "that are learned stand out as long blue spokes."
        + (f" Of more than {MOST_DRAWN} some are drawn." if many else "")
        + (ALL_RESTARTS if config.restarts > 1 else "")
        + (CUT_OFF if _largest(_all_losses(sizes)) > _highest_loss(sizes) else "")
        + marks.not_finite_note([size.features for size in sizes])
    )


# ── planes ────────────────────────────────────────────────────────────────────────────────────


def _matrix_name(model: str) -> str:
    """The encoder, whose rows lie in one space with the hidden vectors of rows."""
    return model_named(model).encoder_symbol


def _draw_planes(
    page: pages.Page,
    top: float,
    room: tuple[float, float],
    sizes: Sequence[_Size],
    shown: Sequence[_Size],
) -> None:
    """Features above, rows below, over the place of T on the axis or as near as there is room."""
    width, side = room
    usable = width - side
    starts = spread([_place(size, sizes) for size in shown], (side + PLANE_GAP) / usable)
    for size, start in zip(shown, starts, strict=True):
        left = LEFT + start * usable
        page.text(left + side / 2, top - 0.17, f"T = {size.rows}", ha="center")
        for vectors, colour, down in (
            (size.features, FEATURE, 0.0),
            (size.hidden, ROW, side + PLANE_GAP),
        ):
            _draw_plane(page.axes(left, top + down, side, side), vectors, colour)


def _name_planes(page: pages.Page, top: float, side: float, matrix: str) -> None:
    """Left of each row, what its spokes are."""
    for name, colour, down in ((f"{matrix}ᵢ", FEATURE, 0.0), ("hₓ", ROW, side + PLANE_GAP)):
        page.text(pages.MARGIN, top + down + side / 2, name, color=colour, va="center")


def _draw_plane(axes: Axes, vectors: FloatArray, colour: str) -> None:
    """One spoke per vector, on a scale of its own; the circle has length 1."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
    axes.spines[:].set_color(style.RULE)
    axes.spines[:].set_linewidth(0.3)
    if not np.isfinite(vectors).all():
        marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
        return
    longest = max(float(np.linalg.norm(vectors, axis=1).max()), 1.0)
    ends = np.stack(evenly(list(vectors / longest), MOST_DRAWN))
    axes.add_patch(Circle((0, 0), 1 / longest, fill=False, color=style.RULE, linewidth=0.5))
    spokes = np.stack([np.zeros_like(ends), ends], axis=1)
    # Few long spokes among many short ones are as strong as if they were alone.
    strength = float(np.clip(8 / max(np.sum(ends**2), 1), 0.25, 1))
    axes.add_collection(
        LineCollection(list(spokes), colors=colour, linewidths=0.6, alpha=strength, zorder=2)
    )
    axes.scatter(ends[:, 0], ends[:, 1], s=2.5 + 5 * strength, c=colour, linewidths=0, zorder=3)


# ── plots over T ──────────────────────────────────────────────────────────────────────────────


def _draw_losses(axes: Axes, sizes: Sequence[_Size]) -> None:
    """The best restarts of every size, joined, and all restarts as faint dots."""
    fresh, training = [size.fresh for size in sizes], [size.training for size in sizes]
    _draw_restarts(axes, sizes, training, style.QUIET, "dashed")
    _draw_restarts(axes, sizes, fresh, style.INK, "solid")
    axes.set_ylim(0, 1.08 * _highest_loss(sizes) or 1)


def _highest_loss(sizes: Sequence[_Size]) -> float:
    """That of the highest dot that is drawn: no more than so many times the highest line."""
    lines = [losses[0] for size in sizes for losses in (size.fresh, size.training)]
    return min(_largest(_all_losses(sizes)), HIGHEST_DOT * _largest(np.array(lines)))


def _all_losses(sizes: Sequence[_Size]) -> FloatArray:
    return np.concatenate([losses for size in sizes for losses in (size.fresh, size.training)])


def _largest(values: FloatArray) -> float:
    """The largest that is finite; 0 if none is."""
    return float(np.nanmax(_finite(values), initial=0.0))


def _draw_restarts(
    axes: Axes, sizes: Sequence[_Size], losses: Sequence[FloatArray], colour: str, line: str
) -> None:
    rows = [size.rows for size in sizes]
    best = _finite(np.array([each[0] for each in losses]))
    axes.plot(rows, best, color=colour, linewidth=1.0, linestyle=line, zorder=3)
    axes.plot(rows, best, color=colour, linestyle="", marker="o", markersize=2.6, zorder=3)
    axes.scatter(
        np.repeat(rows, [len(each) for each in losses]),
        _finite(np.concatenate(losses)),
        s=8,
        c=colour,
        alpha=0.3,
        linewidths=0,
        zorder=2,
    )


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)


def _draw_shares(axes: Axes, sizes: Sequence[_Size]) -> None:
    """D_i left of each size and D_x right of it, and the line of regular polygons."""
    highest = 1.1 * PENTAGON
    for size in sizes:
        for vectors, colour, way in ((size.features, FEATURE, -1), (size.hidden, ROW, 1)):
            # Of a lane that diverged nothing is known, whichever of its vectors are finite.
            if np.isfinite(vectors).all():
                shares = np.array(evenly(feature_dimensionality(vectors).tolist(), MOST_DRAWN))
                highest = max(highest, float(shares.max()))
                _draw_beside(axes, size.rows, shares, colour, way * BESIDE)
    rows = np.geomspace(max(sizes[0].rows, 3), max(sizes[-1].rows, 4), 100)
    axes.plot(rows, 2 / rows, color=style.QUIET, linewidth=0.7, linestyle="dashed", zorder=1)
    axes.axhline(PENTAGON, color=style.RULE, linewidth=0.4, zorder=0.5)
    ticks = {0.0: "0", PENTAGON: "2/5", 1.0: "1"}
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.set_ylim(-0.06 * highest, 1.06 * highest)


def _draw_beside(axes: Axes, rows: int, shares: FloatArray, colour: str, points: float) -> None:
    """Dots at the size of a dataset, moved to the side by so many points."""
    moved = ScaledTranslation(points / pages.POINTS, 0, axes.figure.dpi_scale_trans)
    axes.scatter(
        np.full(len(shares), rows),
        shares,
        s=5,
        c=colour,
        alpha=DOT_OPACITY,
        linewidths=0,
        zorder=2,
        transform=axes.transData + moved,
    )


def _size_axis(axes: Axes, sizes: Sequence[_Size], room: tuple[float, float]) -> None:
    """Logarithmic in T, with room on both sides for half a plane."""
    width, side = room
    low, high = np.log(sizes[0].rows), np.log(sizes[-1].rows)
    beyond = max(high - low, 1.0) * side / 2 / (width - side)
    centre = 0.0 if high > low else 0.5
    axes.set(xscale="log", xlim=(np.exp(low - centre - beyond), np.exp(high + centre + beyond)))
    axes.set_xticks(
        [size.rows for size in sizes],
        [
            "" if is_crowded else str(size.rows)
            for size, is_crowded in _crowded(sizes, width - side)
        ],
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x", color=style.RULE, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _crowded(sizes: Sequence[_Size], width: float) -> Iterator[tuple[_Size, bool]]:
    """Each size, and whether the last one that is not crowded is too near for both to be named."""
    last = -math.inf
    for size in sizes:
        place = _place(size, sizes) * width
        is_crowded = place - last < NAME_WIDTH
        last = last if is_crowded else place
        yield size, is_crowded


def _place(size: _Size, sizes: Sequence[_Size]) -> float:
    """Where a size is between the least and the largest, on a logarithmic scale from 0 to 1."""
    low, high = np.log(sizes[0].rows), np.log(sizes[-1].rows)
    return float((np.log(size.rows) - low) / (high - low)) if high > low else 0.5
