"""How the loss falls with the hidden dimension: the figure of Liu, Liu and Gore (2025)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from superpos_core.analysis.power_law import PowerLaw
from superpos_core.analysis.scaling import Scaling, can_scale, scaling_of
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import drawable, log_limits
from superpos_core.figures.tools.placing import spread
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.setting_names import sparsity_text
from superpos_core.ticks import power_of_ten

LEFT, GAP = pages.MARGIN + 0.42, 0.62
TITLES, BETWEEN, BELOW = 0.24, 0.36, 0.4
SMALL_HEIGHT = 1.16
LOSS_HEIGHT = 2 * SMALL_HEIGHT + BETWEEN
BODY = TITLES + LOSS_HEIGHT + BELOW
LOSS_WIDTH, NAMES = 2.7, 1.12
"""Inches across the losses, and right of them for the names of the lines."""
DOT, RING, LINE = 5.0, 8.0, 0.9
MIN_FACTOR = 4.0
"""Minimum ratio between the ends of a logarithmic axis."""
NAME_SPACING = 0.085
"""Minimum distance between two names, as a share of the height."""
MEASURED, FITTED = style.CATEGORICAL[0], style.CATEGORICAL[1]
THEORY = style.QUIET


def applies(record: LanesRecord, model: str) -> bool:
    """Whether the hidden dimension is swept, over data with closed forms."""
    return can_scale(record) and len(record.config.sweep_values) > 1


def draw(record: LanesRecord, model: str) -> Figure:
    """Losses over m beside theory; how many features are represented, and how much they overlap."""
    scaling = scaling_of(record, model)
    title = notes.model_title("Loss and hidden dimension", model)
    header = pages.Header(title, _reading(record, scaling))
    page = pages.new_page(record, header, pages.TEXT_WIDTH, BODY, scales=0)
    top = header.height(page.width) + TITLES
    right = LEFT + LOSS_WIDTH + NAMES + GAP
    width = page.width - right - pages.MARGIN
    below = top + SMALL_HEIGHT + BETWEEN
    losses = page.axes(LEFT, top, LOSS_WIDTH, LOSS_HEIGHT)
    shares = page.axes(right, top, width, SMALL_HEIGHT)
    overlaps = page.axes(right, below, width, SMALL_HEIGHT)
    _draw_losses(losses, scaling)
    _draw_shares(shares, scaling)
    _draw_overlaps(overlaps, scaling)
    for axes in (losses, shares, overlaps):
        _hidden_axis(axes, scaling.hidden)
    shares.tick_params(labelbottom=False)
    for axes in (losses, overlaps):
        axes.set_xlabel("hidden dimension m", labelpad=2)
    page.text(LEFT, top - 0.06, "total loss on fresh rows", va="bottom")
    page.text(right, top - 0.06, "share of features with ‖Wᵢ‖ > ½", va="bottom")
    page.text(right, below - 0.06, "mean squared overlap (Ŵᵢ·Ŵⱼ)²", va="bottom")
    return page.figure


def _reading(record: LanesRecord, scaling: Scaling) -> str:
    config = record.config
    first = sparsity_text(config.sparsities[0])
    several = f" All at S = {first}, the first sparsity." if len(config.sparsities) > 1 else ""
    return (
        f"One dot per m, {config.features:,} features. Rings: the loss if the represented features "
        "were kept without error and the others replaced by their mean. Dashed: the same for the "
        "m heaviest features, the best that a linear model can do. Overlaps are those of "
        "represented features; dotted: 1 / m, as for random directions; dashed: the least that is "
        "possible for so many (Welch)."
        + several
        + notes.best_note(config)
        + marks.left_out_note([scaling.losses], "what is not finite")
    )


def _draw_losses(axes: Axes, scaling: Scaling) -> None:
    hidden, law = scaling.hidden, scaling.law
    shown = [scaling.losses, scaling.loss_of_ignored, scaling.linear_losses]
    axes.set(xscale="log", yscale="log", ylim=log_limits(np.concatenate(shown), MIN_FACTOR))
    linear, ignored = drawable(scaling.linear_losses), drawable(scaling.loss_of_ignored)
    axes.plot(hidden, linear, color=THEORY, linewidth=LINE, linestyle="dashed", zorder=1)
    lines = [("best linear model", THEORY, linear), ("○ features left out", THEORY, ignored)]
    if law is not None:
        fit = law.at(hidden)
        axes.plot(hidden, fit, color=FITTED, linewidth=LINE, zorder=1.5)
        lines.append((_law_text(law), FITTED, fit))
    axes.scatter(
        hidden, ignored, s=RING**2, c="none", edgecolors=THEORY, zorder=2, plotnonfinite=False
    )
    _draw_dots(axes, hidden, scaling.losses)
    axes.set_axisbelow(True)
    _powers_of_ten(axes)
    _name_lines(axes, lines)


def _law_text(law: PowerLaw) -> str:
    """Such as "m to the −0.97 ± 0.03"."""
    return f"m to the −{law.exponent:.2f} ± {law.uncertainty:.2f}"


def _name_lines(axes: Axes, lines: list[tuple[str, str, FloatArray]]) -> None:
    """Name each line right of its end, moved apart if they would overlap."""
    low, high = np.log(axes.get_ylim())
    named = [line for line in lines if np.isfinite(line[2][-1])]
    heights = [float((np.log(values[-1]) - low) / (high - low)) for _, _, values in named]
    for (name, colour, _), height in zip(named, spread(heights, NAME_SPACING), strict=True):
        axes.annotate(
            name,
            (1, height),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            color=colour,
            fontsize=style.SMALL_SIZE,
            va="center",
        )


def _draw_shares(axes: Axes, scaling: Scaling) -> None:
    axes.set(ylim=(0, 1.06), yticks=[0, 0.5, 1])
    axes.plot(
        scaling.hidden,
        scaling.hidden / scaling.features,
        color=THEORY,
        linewidth=LINE,
        linestyle="dashed",
        zorder=1,
    )
    _draw_dots(axes, scaling.hidden, scaling.represented)


def _draw_overlaps(axes: Axes, scaling: Scaling) -> None:
    random, least = 1 / scaling.hidden, drawable(scaling.least_overlaps)
    shown = np.concatenate([scaling.overlaps, random, least])
    axes.set(yscale="log", ylim=log_limits(shown, MIN_FACTOR))
    axes.plot(scaling.hidden, random, color=THEORY, linewidth=LINE, linestyle="dotted", zorder=1)
    axes.plot(scaling.hidden, least, color=THEORY, linewidth=LINE, linestyle="dashed", zorder=1)
    _draw_dots(axes, scaling.hidden, scaling.overlaps)
    _powers_of_ten(axes)


def _powers_of_ten(axes: Axes) -> None:
    """Labels at powers of ten, and shorter ticks between them, on the vertical axis."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="minor", width=0.3, length=1.2, color=style.RULE)


def _draw_dots(axes: Axes, x: FloatArray, y: FloatArray) -> None:
    axes.scatter(
        x, y, s=DOT**2, c=MEASURED, edgecolors="white", linewidths=0.5, zorder=3,
        plotnonfinite=False,
    )  # fmt: skip


def _hidden_axis(axes: Axes, hidden: FloatArray) -> None:
    """A logarithmic axis with a tick at each m."""
    axes.set(xscale="log", xlim=log_limits(hidden, MIN_FACTOR))
    axes.xaxis.set_major_locator(FixedLocator(hidden.tolist()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.spines[["top", "right"]].set_visible(False)
