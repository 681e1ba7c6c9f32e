"""From stored rows to features, with a bump in between: the figure of Henighan et al. (2023)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from superpos_core.arrays import FloatArray
from superpos_core.figures.double_descent_plots import (
    FEATURE,
    MAX_DRAWN,
    ROW,
    Size,
    all_losses,
    draw_losses,
    draw_shares,
    highest_loss,
    largest,
    place_on_axis,
    size_axis,
)
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly, spread
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.setting_names import sparsity_text
from superpos_core.task.sweeps import sweep_named

LEFT = pages.MARGIN + 0.3
MAX_PLANES = 10
MAX_SIDE = 0.9
PLANE_GAP = 0.05
SIZES, TITLES, BELOW = 0.2, 0.32, 0.36
"""Inches for the sizes above the planes, for the title above each plot, and for its axis below."""
LOSS_HEIGHT, SHARE_HEIGHT = 1.15, 0.95
ALL_RESTARTS = " Dots: all restarts; lines: the one with the lowest training loss."
CUT_OFF = " Higher dots are cut off."
EDGE = 1.12
"""Half the side of a plane, in units of its longest spoke."""


def applies(record: LanesRecord, model: str) -> bool:
    """Whether the dataset size is swept and the hidden space is a plane."""
    config = record.config
    return sweep_named(config.sweep).scales_dataset and config.hidden == 2


def draw(record: LanesRecord, model: str) -> Figure:
    """Features, hidden vectors of rows, losses and dimensionalities over T.

    All of them belong to the first sparsity of the run.
    """
    config, cohort = record.config, record.cohorts[model]
    settings = range(len(config.sweep_values))
    sizes = sorted((Size.of(record, cohort, setting) for setting in settings), key=_rows)
    header = pages.Header(
        notes.model_title("Stored rows and features", model), _reading(config, model, sizes)
    )
    shown = evenly(sizes, MAX_PLANES)
    width = pages.TEXT_WIDTH - LEFT - pages.MARGIN
    side = min(MAX_SIDE, width / len(shown) - PLANE_GAP)
    planes = SIZES + 2 * side + PLANE_GAP
    body = planes + TITLES + LOSS_HEIGHT + TITLES + SHARE_HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=0)
    top = header.height(page.width)
    _draw_planes(page, top + SIZES, (width, side), sizes, shown)
    _name_planes(page, top + SIZES, side, _matrix_name(model))
    top += planes + TITLES
    losses = page.axes(LEFT, top, width, LOSS_HEIGHT)
    draw_losses(losses, sizes)
    page.text(
        LEFT,
        top - 0.05,
        "total loss on fresh rows (black) and on the training rows (grey)",
        va="bottom",
    )
    top += LOSS_HEIGHT + TITLES
    shares = page.axes(LEFT, top, width, SHARE_HEIGHT)
    draw_shares(shares, sizes)
    page.text(
        LEFT,
        top - 0.05,
        "dimensionality of features, Dᵢ (blue), and of rows, Dₓ (red)",
        va="bottom",
    )
    for axes in (losses, shares):
        size_axis(axes, sizes, (width, side))
    losses.tick_params(labelbottom=False)
    shares.set_xlabel("rows in the dataset, T", labelpad=2)
    return page.figure


def _rows(size: Size) -> int:
    return size.rows


def _reading(config: ExperimentConfig, model: str, sizes: Sequence[Size]) -> str:
    sparsity, count = sparsity_text(config.sparsities[0]), len(config.sparsities)
    first = f" (the first of {count} sparsities)" if count > 1 else ""
    many = max(config.features, sizes[-1].rows) > MAX_DRAWN
    return (
        f"Models trained on T rows, S = {sparsity}{first}. Blue: features {_matrix_name(model)}ᵢ, "
        "long if learned; red: hidden vectors hₓ of the rows, if stored a regular polygon with "
        "Dₓ = m / T (dashed). Circles: length 1."
        + (f" At most {MAX_DRAWN} of each." if many else "")
        + (ALL_RESTARTS if config.restarts > 1 else "")
        + (CUT_OFF if largest(all_losses(sizes)) > highest_loss(sizes) else "")
        + marks.not_finite_note([size.features for size in sizes])
    )


def _matrix_name(model: str) -> str:
    """The name of the encoder, whose rows share a space with the hidden vectors."""
    return model_named(model).encoder_symbol


def _draw_planes(
    page: pages.Page,
    top: float,
    room: tuple[float, float],
    sizes: Sequence[Size],
    shown: Sequence[Size],
) -> None:
    """Features above rows, at the position of T on the axis or as near as possible."""
    width, side = room
    usable = width - side
    starts = spread([place_on_axis(size, sizes) for size in shown], (side + PLANE_GAP) / usable)
    for size, start in zip(shown, starts, strict=True):
        left = LEFT + start * usable
        page.text(left + side / 2, top - 0.17, f"T = {size.rows}", ha="center")
        for vectors, colour, down in (
            (size.features, FEATURE, 0.0),
            (size.hidden, ROW, side + PLANE_GAP),
        ):
            _draw_plane(page.axes(left, top + down, side, side), vectors, colour)


def _name_planes(page: pages.Page, top: float, side: float, matrix: str) -> None:
    """Label the spokes to the left of each row."""
    for name, colour, down in ((f"{matrix}ᵢ", FEATURE, 0.0), ("hₓ", ROW, side + PLANE_GAP)):
        page.text(pages.MARGIN, top + down + side / 2, name, color=colour, va="center")


def _draw_plane(axes: Axes, vectors: FloatArray, colour: str) -> None:
    """One spoke per vector, on a separate scale; the circle has length 1."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
    axes.spines[:].set_color(style.RULE)
    axes.spines[:].set_linewidth(0.3)
    if not np.isfinite(vectors).all():
        marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
        return
    longest = max(float(np.linalg.norm(vectors, axis=1).max()), 1.0)
    ends = np.stack(evenly(list(vectors / longest), MAX_DRAWN))
    axes.add_patch(Circle((0, 0), 1 / longest, fill=False, color=style.RULE, linewidth=0.5))
    spokes = np.stack([np.zeros_like(ends), ends], axis=1)
    # A few long spokes among many short ones are as strong as if they were alone.
    strength = float(np.clip(8 / max(np.sum(ends**2), 1), 0.25, 1))
    axes.add_collection(
        LineCollection(list(spokes), colors=colour, linewidths=0.6, alpha=strength, zorder=2)
    )
    axes.scatter(ends[:, 0], ends[:, 1], s=2.5 + 5 * strength, c=colour, linewidths=0, zorder=3)
