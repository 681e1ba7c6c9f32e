"""The marks that figures share: matrices, hatching, numbered rows and columns, colour scales."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import Rectangle

from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import style
from superpos_core.figures.tools.page import MARGIN, SCALE_PITCH, SCALE_WIDTH, Page
from superpos_core.geometry.blocks import strongest_of_blocks

MOST_ENTRIES = 1000
"""Entries along a side of a matrix that are drawn: no picture of one has many more dots."""


def block_side(entries: int) -> int:
    """How many of so many entries along a side are drawn as one: 1 where there is room for all."""
    return math.ceil(entries / MOST_ENTRIES)


def blocks_note(rows: int, columns: int | None = None) -> str:
    """What a matrix of this size, or a square, shows where there is no room for all entries."""
    high, wide = block_side(rows), block_side(columns or rows)
    return "" if high == wide == 1 else f" Of each {high} × {wide} entries, the strongest is drawn."


def draw_matrix(axes: Axes, values: FloatArray, shape: tuple[int, int] | None = None) -> None:
    """A matrix on the fixed diverging scale; what is not finite shows a hatched ground.

    Of a large one the strongest entry of each block is drawn; ``shape`` is how large a matrix is of
    which ``values`` are these.
    """
    rows, columns = shape or values.shape
    if shape is None:
        values = strongest_of_blocks(values, block_side(rows), block_side(columns))
    finite = np.isfinite(values)
    if not finite.all():
        add_hatching(axes, (-0.5, -0.5), columns, rows)
    limit = style.WEIGHT_LIMIT
    # Beyond the scale a colour says no more, and 1e38 would overflow while it is resampled.
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
    """The grey, hatched ground that means: not finite."""
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
    places = numbered_places(features)
    axes.set_yticks(places, [str(place) for place in places])


def numbered_places(count: int) -> list[int]:
    """0 and about four round numbers below ``count``.

    >>> numbered_places(20)
    [0, 5, 10, 15]
    """
    steps = (digit * 10**power for power in range(9) for digit in (1, 2, 5))
    step = next(step for step in steps if count / step <= 5)
    return list(range(0, count, step))


def end_ticks(axes: Axes, count: int) -> None:
    """Number the first and the last column; where columns are narrow, from edge to edge."""
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
    place: int = 0,
) -> None:
    """A colour scale in the footer; ``ticks`` are (share of the bar, label).

    ``place`` counts the scales of a page from the right.
    """
    left = page.width - MARGIN - SCALE_WIDTH - place * SCALE_PITCH
    top = page.height - MARGIN - 0.19
    axes = page.axes(left, top, SCALE_WIDTH, 0.07)
    axes.imshow(np.linspace(0, 1, 257)[None], cmap=colours, aspect="auto", extent=(0, 1, 0, 1))
    axes.set_yticks([])
    axes.set_xticks([place for place, _ in ticks], [label for _, label in ticks])
    # The outer labels end where the bar does, so that it can stand flush with the panels.
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


def weight_scale_bar(page: Page, name: str, place: int = 0) -> None:
    """The scale of ``draw_matrix``."""
    limit = f"{style.WEIGHT_LIMIT:g}"
    ticks = [(0.0, f"≤ −{limit}"), (0.5, "0"), (1.0, f"≥ {limit}")]
    scale_bar(page, name, style.DIVERGING, ticks, place)


def superposition_scale_bar(page: Page) -> None:
    """The scale from no superposition to so much that others drive a feature as hard as itself."""
    name = "superposition Σ (Ŵᵢ·Wⱼ)², j ≠ i"
    scale_bar(page, name, style.SEQUENTIAL, [(0.0, "0"), (0.5, "½"), (1.0, "≥ 1")])


def not_finite_note(values: Sequence[FloatArray]) -> str:
    """A legend for the hatching, where there is any."""
    return _note(" Hatched: not finite.", values)


def gaps_note(values: Sequence[FloatArray]) -> str:
    """Why lines have gaps, where they have."""
    return _note(" Gaps: not finite.", values)


def left_out_note(values: Sequence[FloatArray], what: str = "what is not finite") -> str:
    """That something is left out, where some of the values are not finite."""
    return _note(f" Left out: {what}.", values)


def _note(note: str, values: Sequence[FloatArray]) -> str:
    """``note`` where some of the values are not finite."""
    return "" if all(np.isfinite(each).all() for each in values) else note
