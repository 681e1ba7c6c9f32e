"""How far a dictionary's only latent turns from a parent towards its child, beside theory."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.analysis.dictionaries.hedging import Hedging, has_hedging, hedging_of
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import log_limits, log_ticks
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.theory.dictionaries import hedging_angle

LEFT, GAP = pages.MARGIN + 0.34, 0.5
TITLES, HEIGHT, BELOW = 0.24, 2.1, 0.38
MOST_DEGREES = 45.0
"""The angle of a child that is active whenever its parent is."""
SCALE = ((0.0, "0°"), (0.5, "22.5°"), (1.0, "45°"))
DOT, MANY_DOTS, LINE, CURVE_POINTS = 4.6, 1.4, 0.9, 201
MIN_FACTOR = 3.0


def applies(record: DictionaryRecord) -> bool:
    """Whether single latents read a parent and its child at several frequencies."""
    return has_hedging(record) and len(record.config.settings) > 1


def draw(record: DictionaryRecord) -> Figure:
    """The angle over both probabilities, measured and in theory, and over their ratio."""
    kind = next(iter(record.cohorts))
    hedging = hedging_of(record, kind)
    header = pages.Header("Hedging: one latent for a parent and its child", _reading(hedging))
    body = TITLES + HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=1)
    top = header.height(page.width) + TITLES
    width = (page.width - LEFT - pages.MARGIN - 2 * GAP) / 3
    axes = [page.axes(LEFT + index * (width + GAP), top, width, HEIGHT) for index in range(3)]
    titles = ("φ, trained", "φ*, closed form", "φ over the share of the child")
    for index, title in enumerate(titles):
        page.text(LEFT + index * (width + GAP), top - 0.06, title, va="bottom")
    _draw_map(axes[0], hedging, hedging.angle)
    _draw_map(axes[1], hedging, hedging.expected)
    _draw_angles(axes[2], hedging)
    marks.scale_bar(page, "φ", style.ORDERED, SCALE)
    return page.figure


def _reading(hedging: Hedging) -> str:
    off = np.degrees(np.abs(hedging.angle - hedging.expected))
    return (
        f"One cell and one dot per dictionary, {hedging.angle.size:,} of them, each with one "
        "latent and no decoder bias. The child is active only with its parent. φ: the angle of "
        "the latent from the parent towards the child; line and second map: ½·atan2(2·P12, P1), "
        "the first principal component through 0 (Chanin et al. 2025). At most "
        f"{np.nanmax(off):.2f}° off."
    )


def _draw_map(axes: Axes, hedging: Hedging, angle: FloatArray) -> None:
    axes.pcolormesh(
        _corners(hedging.alone), _corners(hedging.both), np.degrees(angle), cmap=style.ORDERED,
        vmin=0, vmax=MOST_DEGREES, rasterized=True,
    )  # fmt: skip
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("P1, parent alone", labelpad=2)
    axes.set_ylabel("P12, both", labelpad=1)
    for axis in (axes.xaxis, axes.yaxis):
        log_ticks(axis)


def _corners(centres: FloatArray) -> FloatArray:
    """The corners of cells around ``centres`` (a, b) on logarithmic axes, (a + 1, b + 1)."""
    corners = np.log(np.maximum(centres, 1e-9))
    for axis in (0, 1):
        size = corners.shape[axis]
        ends = [corners.take([0], axis), corners.take([size - 1], axis)]
        if size > 1:
            steps = [corners.take([one], axis) - corners.take([other], axis)
                     for one, other in ((0, 1), (size - 1, size - 2))]  # fmt: skip
            ends = [end + step for end, step in zip(ends, steps, strict=True)]
        wide = np.concatenate([ends[0], corners, ends[1]], axis)
        lower, upper = (np.take(wide, range(first, first + size + 1), axis) for first in (0, 1))
        corners = (lower + upper) / 2
    found: FloatArray = np.exp(corners)
    return found


def _draw_angles(axes: Axes, hedging: Hedging) -> None:
    ratio = (hedging.both / hedging.alone).ravel()
    low, high = log_limits(ratio, MIN_FACTOR)
    curve = np.geomspace(low, high, CURVE_POINTS)
    axes.plot(curve, np.degrees(hedging_angle(1 / (1 + curve), curve / (1 + curve))),
              color=style.QUIET, linewidth=LINE, zorder=1)  # fmt: skip
    size = DOT if ratio.size < 100 else MANY_DOTS
    axes.scatter(
        ratio, np.degrees(hedging.angle).ravel(), s=size**2, c=style.CATEGORICAL[0],
        edgecolors="white" if size == DOT else "none", linewidths=0.4, zorder=3,
    )  # fmt: skip
    axes.set(xscale="log", xlim=(low, high), ylim=(0, MOST_DEGREES + 2), yticks=[0, 15, 30, 45])
    axes.set_xlabel("P12 / P1", labelpad=2)
    log_ticks(axes.xaxis)
    axes.spines[["top", "right"]].set_visible(False)
