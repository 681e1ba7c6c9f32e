"""How noise on the hidden layer shrinks features until they are given up, beside theory."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from superpos_core.analysis.hidden_noise import NoiseResponse, has_noise_response, noise_responses
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.data import distribution_named
from superpos_core.theory import Moments, noise_that_removes

LEFT, GAP = pages.MARGIN + 0.3, 0.7
TITLES, HEIGHT, BELOW = 0.24, 2.5, 0.4
WIDTH = 3.9
"""Inches across the lengths; what is given up takes the rest."""
MAX_DRAWN = 6
"""Maximum number of sparsities with lines and dots of their own."""
DOT, LINE = 5.0, 0.9
HIGHEST, ROOM = 2.0, 0.06
"""Maximum ‖W_i‖² on the axis, and the share of an axis left free at its end."""
CURVE_POINTS, MAX_TICKS = 201, 5


def applies(record: LanesRecord, model: str) -> bool:
    """Whether noise is swept, over data with a closed form."""
    return has_noise_response(record) and len(record.config.sweep_values) > 1


def draw(record: LanesRecord, model: str) -> Figure:
    """‖W_i‖² over σ² on the left; on the right, where it reaches 0, over density."""
    every = noise_responses(record, model)
    shown = evenly(every, MAX_DRAWN)
    reading = _reading(record, len(shown), every)
    header = pages.Header(notes.model_title("Noise on the hidden layer", model), reading)
    page = pages.new_page(record, header, pages.TEXT_WIDTH, TITLES + HEIGHT + BELOW, scales=0)
    top = header.height(page.width) + TITLES
    right = LEFT + WIDTH + GAP
    lengths = page.axes(LEFT, top, WIDTH, HEIGHT)
    removals = page.axes(right, top, page.width - right - pages.MARGIN, HEIGHT)
    colours = style.sparsity_colours(len(shown))
    _draw_lengths(lengths, shown, colours)
    _draw_removals(removals, shown, colours, distribution_named(record.config.distribution).moments)
    vector = f"{notes.matrix_name(model)}ᵢ"
    page.text(LEFT, top - 0.06, f"‖{vector}‖² of the longest feature", va="bottom")
    page.text(right, top - 0.06, "σ² that removes features", va="bottom")
    return page.figure


def _reading(record: LanesRecord, shown: int, every: list[NoiseResponse]) -> str:
    return (
        "One dot per model, σ: the standard deviation of the noise in training. Lines: the closed "
        "form 1 − σ²/(2V), at least 0, of a linear model's feature with a direction of its own and "
        "variance V(p). Right: σ² = 2V over density, and where straight lines through the dots "
        "on the left reach 0."
        + notes.some_note(shown, len(every), "sparsities")
        + notes.best_note(record.config)
        + marks.left_out_note([each.squared_norms for each in every])
    )


def _draw_lengths(axes: Axes, shown: list[NoiseResponse], colours: list[str]) -> None:
    highest = max(_greatest(each.squared_norms) for each in shown)
    last = max(float(each.noise.max()) for each in shown) ** 2 or 1.0
    axes.set(xlim=(-ROOM / 2 * last, (1 + ROOM) * last), ylim=(-ROOM / 2, _end(highest)))
    for each, colour in zip(shown, colours, strict=True):
        corner = [0, each.removed_at, max(last, each.removed_at)]
        axes.plot(corner, [1, 0, 0], color=colour, linewidth=LINE, zorder=1)
        _draw_dots(axes, each.noise**2, each.squared_norms, colour)
    names = [f"● p = {1 - each.sparsity:.3g}" for each in shown]
    for index, (name, colour) in enumerate(zip(names, colours, strict=True)):
        axes.annotate(
            name, (1, 1), xycoords="axes fraction", xytext=(-4, -6 - 9 * index),
            textcoords="offset points", color=colour, fontsize=style.SMALL_SIZE, ha="right",
            va="top",
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(MAX_TICKS))
    axes.set_xlabel("σ²", labelpad=2)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_removals(
    axes: Axes, shown: list[NoiseResponse], colours: list[str], moments: Moments
) -> None:
    densities = np.linspace(0, 1, CURVE_POINTS)
    curve = noise_that_removes(densities, moments) ** 2
    axes.plot(densities, curve, color=style.QUIET, linewidth=LINE, zorder=1)
    for each, colour in zip(shown, colours, strict=True):
        found = np.array([each.fitted_removal])
        _draw_dots(axes, np.array([1 - each.sparsity]), found, colour)
    axes.set(xlim=(0, 1 + ROOM), ylim=(0, (1 + 2 * ROOM) * curve.max()))
    axes.set_xlabel("p = 1 − S", labelpad=2)
    axes.spines[["top", "right"]].set_visible(False)


def _greatest(values: FloatArray) -> float:
    """The greatest finite value, or 0."""
    return float(values[np.isfinite(values)].max(initial=0))


def _end(highest: float) -> float:
    """The upper end of the axis of ‖W_i‖²."""
    return (1 + ROOM) * min(max(highest, 1.0), HIGHEST)


def _draw_dots(axes: Axes, x: FloatArray, y: FloatArray, colour: str) -> None:
    axes.scatter(
        x, y, s=DOT**2, c=colour, edgecolors="white", linewidths=0.5, zorder=3,
        plotnonfinite=False,
    )  # fmt: skip
