"""The marks that figures share: matrices, hatching, numbered rows and columns, colour scales."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.patches import Rectangle

from superpos_core.arrays import FloatArray
from superpos_core.colours.scales import SUPERPOSITION_LIMIT
from superpos_core.figures.tools import style
from superpos_core.figures.tools.page import MARGIN, SCALE_PITCH, SCALE_WIDTH, Page
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_core.ticks import round_step

MAX_ENTRIES = 1000
"""Maximum number of entries drawn along a side of a matrix: about its size in dots."""


def block_side(entries: int) -> int:
    """The number of entries along a side that are drawn as one: 1 if all fit."""
    return math.ceil(entries / MAX_ENTRIES)


def blocks_note(rows: int, columns: int | None = None) -> str:
    """A note on a matrix of this size, or a square, if not all of its entries fit."""
    high, wide = block_side(rows), block_side(columns or rows)
    return "" if high == wide == 1 else f" Of each {high} × {wide} entries, the strongest is drawn."


def draw_matrix(axes: Axes, values: FloatArray, shape: tuple[int, int] | None = None) -> None:
    """A matrix on the fixed diverging scale; non-finite entries show a hatched ground.

    If it is large, the strongest entry of each block is drawn; ``shape`` is the size of the full
    matrix if ``values`` are such entries already.
    """
    rows, columns = shape or values.shape
    if shape is None:
        values = strongest_of_blocks(values, block_side(rows), block_side(columns))
    finite = np.isfinite(values)
    if not finite.all():
        add_hatching(axes, (-0.5, -0.5), columns, rows)
    limit = style.WEIGHT_LIMIT
    # Beyond the scale the colour is constant, and 1e38 would overflow while being resampled.
    clipped = np.clip(np.where(finite, values, 0), -limit, limit)
    axes.imshow(
        np.ma.masked_array(clipped, ~finite),
        cmap=style.DIVERGING,
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        extent=(
            -0.5,
            values.shape[1] * block_side(columns) - 0.5,
            values.shape[0] * block_side(rows) - 0.5,
            -0.5,
        ),
        zorder=1,
    )
    axes.tick_params(length=0)
    axes.set(xticks=[], yticks=[], xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))


def add_hatching(axes: Axes, corner: tuple[float, float], width: float, height: float) -> None:
    """The grey, hatched ground that marks non-finite values."""
    axes.add_patch(
        Rectangle(
            corner,
            width,
            height,
            facecolor=style.NOT_FINITE_FACE,
            hatch=style.HATCH,
            linewidth=0,
            edgecolor=style.NOT_FINITE_HATCH,
            zorder=0.5,
        )
    )


def feature_ticks(axes: Axes, features: int) -> None:
    """Number some rows, from 0."""
    rows = numbered_rows(features)
    axes.set_yticks(rows, [str(row) for row in rows])


def numbered_rows(count: int) -> list[int]:
    """0 and about four round numbers below ``count``.

    >>> numbered_rows(20)
    [0, 5, 10, 15]
    """
    return list(range(0, count, round_step(count)))


def end_ticks(axes: Axes, count: int) -> None:
    """Number the first and the last column, at the outer edges if columns are narrow."""
    if count < 10:
        ends = sorted({0, count - 1})
        axes.set_xticks(ends, [str(end) for end in ends])
        return
    axes.set_xticks([-0.5, count - 0.5], ["0", str(count - 1)])
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def scale_bar(
    page: Page,
    name: str,
    colours: Colormap,
    ticks: Sequence[tuple[float, str]],
    index: int = 0,
) -> None:
    """A colour scale in the footer; ``ticks`` are (share of the bar, label).

    ``index`` counts the scales of a page from the right.
    """
    left = page.width - MARGIN - SCALE_WIDTH - index * SCALE_PITCH
    top = page.height - MARGIN - 0.19
    axes = page.axes(left, top, SCALE_WIDTH, 0.07)
    axes.imshow(np.linspace(0, 1, 257)[None], cmap=colours, aspect="auto", extent=(0, 1, 0, 1))
    axes.set_yticks([])
    axes.set_xticks([value for value, _ in ticks], [label for _, label in ticks])
    # The outer labels end with the bar, so that it is flush with the panels.
    first, *_, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    page.text(
        left + SCALE_WIDTH,
        top - 0.04,
        name,
        ha="right",
        va="bottom",
        size=style.SMALL_SIZE,
        color=style.QUIET,
    )


def weight_scale_bar(
    page: Page, name: str, index: int = 0, most: float = style.WEIGHT_LIMIT
) -> None:
    """The scale of ``draw_matrix``, or the part of it from −``most`` to ``most``.

    A part is for values that reach no further, such as cosines.
    """
    reach = most / style.WEIGHT_LIMIT
    colours = ListedColormap(style.DIVERGING(np.linspace(1 - reach, 1 + reach, 257) / 2))
    or_less, or_more = ("≤ ", "≥ ") if reach == 1 else ("", "")
    ticks = [(0.0, f"{or_less}−{most:g}"), (0.5, "0"), (1.0, f"{or_more}{most:g}")]
    scale_bar(page, name, colours, ticks, index)


def superposition_scale_bar(page: Page) -> None:
    """The scale from no superposition on; at 1 others drive a feature as strongly as itself."""
    name = "superposition Σ (Ŵᵢ·Wⱼ)², j ≠ i"
    limit = SUPERPOSITION_LIMIT
    ticks = [(0.0, "0"), (1 / limit, "1"), (1.0, f"≥ {limit:g}")]
    scale_bar(page, name, style.SEQUENTIAL, ticks)


def not_finite_note(values: Sequence[FloatArray]) -> str:
    """A legend for the hatching, if there is any."""
    return _note(" Hatched: not finite.", values)


def gaps_note(values: Sequence[FloatArray]) -> str:
    """The reason for gaps in lines, if there are any."""
    return _note(" Gaps: not finite.", values)


def left_out_note(values: Sequence[FloatArray], what: str = "what is not finite") -> str:
    """A note that something is left out, if some of the values are not finite."""
    return _note(f" Left out: {what}.", values)


def _note(note: str, values: Sequence[FloatArray]) -> str:
    """``note`` if some of the values are not finite, else nothing."""
    return "" if all(np.isfinite(each).all() for each in values) else note
