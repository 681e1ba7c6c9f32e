"""The phase diagram: what became of the last feature, trained and according to theory.

The colours follow the paper's "Superposition as a Phase Change": white is a feature that is not
represented, blue one with a dedicated dimension, red one in superposition.
"""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.analysis.phase_agreement import agreement, better_than_theory
from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.colours import scales
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.wrapping import POINTS, text_width, wrapped
from superpos_core.record.phase_grid import PhaseGrid, free_box, last_feature_of, split_in_two
from superpos_core.record.phase_map import NO_MATCH, PhaseMap
from superpos_core.theory.two_features import optimal_ignored_boundary
from superpos_core.ticks import round_numbers

SIDE = 2.6
LEFT = 0.45
GAP = 0.16
TITLES = 0.2
BELOW = 0.42
LEGEND_SIDE = 0.78
NOT_TRAINED = 0.84
"""The brightness of cells that are not trained yet."""
FINE = 240
"""Points per side of the theoretical map, which is known everywhere."""
BORDER_POINTS = 60
"""Points of the exact boundary: each needs a search, and it bends little in between."""
NAMED_SIDE = 40
"""Points per side of the map used for placing names."""


def draw(phase_map: PhaseMap) -> Figure:
    """The trained map with the theoretical boundaries on it, and the theoretical map beside it.

    Coarse cells are larger squares until finer ones are trained.
    """
    grid, better = phase_map.grid, better_than_theory(phase_map)
    header = pages.Header(
        notes.model_title("Phase diagram", grid.config.models[0]),
        _reading(phase_map) + marks.not_finite_note([phase_map.norm[phase_map.filled]]),
    )
    page = pages.new_page(phase_map, header, pages.TEXT_WIDTH, TITLES + SIDE + BELOW, scales=0)
    top = header.height(page.width) + TITLES
    trained = page.axes(pages.MARGIN + LEFT, top, SIDE, SIDE)
    _draw_trained(trained, phase_map)
    _draw_boundaries(trained, grid)
    _draw_optimal_boundary(trained, grid)
    _mark_cells(trained, grid, better)
    theory = page.axes(pages.MARGIN + LEFT + SIDE + GAP, top, SIDE, SIDE)
    _draw_theory(theory, grid)
    for axes in (trained, theory):
        _finish(axes, grid)
    trained.set_ylabel("feature density 1−S")
    theory.set_yticklabels([])
    pages.column_title(page, pages.MARGIN + LEFT + SIDE / 2, top, "trained")
    pages.column_title(page, pages.MARGIN + LEFT + 1.5 * SIDE + GAP, top, "theory")
    _draw_legend(page, top, grid)
    _write_remarks(page, top + LEGEND_SIDE + BELOW, _agreement_notes(phase_map, better))
    return page.figure


def _reading(phase_map: PhaseMap) -> str:
    restarts, last = phase_map.grid.config.restarts, phase_map.grid.config.features - 1
    averaged = "" if restarts == 1 else f" (mean of {restarts} seeds without the worst)"
    return (
        f"Feature {last}, the last: white, not represented; blue, a dedicated dimension; red, "
        f"superposition{averaged}. Lines: where the best simple solution changes; dashed: where "
        "the optimal model starts to represent it"
        + (", or to ignore the other." if last == 1 else ".")
    )


def _agreement_notes(phase_map: PhaseMap, better: BoolArray) -> list[str]:
    """Remarks on how well the map agrees with theory, and on cells that are still to come."""
    agreeing, remarks = agreement(phase_map), list[str]()
    if np.isfinite(agreeing):
        remarks.append(
            f"{agreeing:.1%} of the cells over 30% away from a line agree with theory, by the seed "
            "with the lowest loss."
        )
    others = phase_map.region == NO_MATCH
    if others.any():
        share = others.sum() / phase_map.filled.sum()
        text = f"{share:.1%} of all cells match none of its solutions"
        dots = f"; dots: the {better.sum()} with a lower loss than each." if better.any() else "."
        remarks.append(text + dots)
    if (phase_map.nearest_filled < 0).any():
        remarks.append("Grey: not trained yet.")
    elif not phase_map.filled.all():
        remarks.append("Larger cells: finer ones are still to come.")
    return remarks


# ── the two maps ──────────────────────────────────────────────────────────────────────────────


def colours(norm: FloatArray, superposition: FloatArray) -> FloatArray:
    """RGB of each cell, shape (…, 3): hue by superposition, strength by ‖W‖, both cut at 1."""
    return scales.phase(np.clip(norm, 0, 1), np.clip(superposition, 0, 1), scales.PAPER)


def _draw_trained(axes: Axes, phase_map: PhaseMap) -> None:
    """Each cell in the colour of the cell that it displays; non-finite ones are transparent."""
    grid, nearest_filled = phase_map.grid, phase_map.nearest_filled
    norm, superposition = (
        values.ravel()[nearest_filled] for values in (phase_map.norm, phase_map.superposition)
    )
    finite = np.isfinite(norm) & np.isfinite(superposition)
    trained = (nearest_filled >= 0)[..., None]
    rgb = np.where(trained, np.nan_to_num(colours(norm, superposition)), NOT_TRAINED)
    opacity = np.where(trained, finite[..., None], 1.0)
    cells = np.concatenate([rgb, opacity], axis=-1)
    _draw_cells(axes, grid.relative_importances, grid.densities, cells)
    if not opacity.all():
        x, y = _edges(grid.relative_importances), _edges(grid.densities)
        marks.add_hatching(axes, (x[0], y[-1]), x[-1] - x[0], y[0] - y[-1])


def _mark_cells(axes: Axes, grid: PhaseGrid, marked: BoolArray) -> None:
    """Put a dot on each marked cell."""
    rows, columns = np.nonzero(marked)
    axes.scatter(
        grid.relative_importances[columns],
        grid.densities[rows],
        s=1.2,
        color=style.INK,
        linewidths=0,
        zorder=4,
    )


def _draw_theory(axes: Axes, grid: PhaseGrid) -> None:
    """The regions in flat colours, with their names."""
    r, p = _ranges(grid, FINE)
    regions = grid.diagram.regions(r, np.minimum(p, 1)[:, None])
    norm, superposition = last_feature_of(grid.diagram)
    _draw_cells(axes, r, p, colours(norm[regions], superposition[regions]))
    _draw_boundaries(axes, grid)
    _draw_optimal_boundary(axes, grid)
    _name_regions(axes, grid)


def _draw_cells(axes: Axes, r: FloatArray, p: FloatArray, rgb: FloatArray) -> None:
    axes.pcolormesh(_edges(r), _edges(p), rgb, rasterized=True, zorder=1)


def _draw_boundaries(axes: Axes, grid: PhaseGrid) -> None:
    """Where the best solution changes."""
    r, p = _ranges(grid, FINE)
    losses = grid.diagram.losses(r, np.minimum(p, 1)[:, None])
    # The boundaries of all regions but one include every boundary.
    for index in range(len(losses) - 1):
        lead = losses[index] - np.delete(losses, index, axis=0).min(axis=0)
        if lead.min() < 0 < lead.max():
            axes.contour(r, p, lead, levels=[0], colors=[style.INK], linewidths=0.6, zorder=3)


def _draw_optimal_boundary(axes: Axes, grid: PhaseGrid) -> None:
    """Where the optimal model starts to represent the last feature, and its mirror image.

    The mirror image, where the other feature is ignored, is exact only for two features.
    """
    p = np.minimum(_ranges(grid, BORDER_POINTS)[1], 1)
    boundary = optimal_ignored_boundary(p)
    lines = [boundary, 1 / boundary] if grid.config.features == 2 else [boundary]
    for line in lines:
        axes.plot(line, p, color=style.INK, linewidth=0.8, linestyle=(0, (2, 2)), zorder=3)


def _name_regions(axes: Axes, grid: PhaseGrid) -> None:
    """Each region's name in its middle, if it fits."""
    r, p = _ranges(grid, NAMED_SIDE)
    regions = grid.diagram.regions(r, np.minimum(p, 1)[:, None])
    norm, _ = last_feature_of(grid.diagram)
    for index, name in enumerate(grid.diagram.names):
        lines = split_in_two(name)
        cells_per_inch = NAMED_SIDE / SIDE
        line = pages.LINE * style.TEXT_SIZE / POINTS
        width = max(text_width(each, style.TEXT_SIZE) for each in lines)
        rows = math.ceil(line * len(lines) * cells_per_inch)
        columns = math.ceil(width * cells_per_inch)
        position = free_box(regions == index, rows, columns)
        if position is None:
            continue
        axes.text(
            float(r[position[1] + columns // 2]),
            float(p[position[0] + rows // 2]),
            "\n".join(lines),
            size=style.TEXT_SIZE,
            color="white" if norm[index] > 0 else style.INK,
            ha="center",
            va="center",
            linespacing=pages.LINE,
            zorder=4,
        )


def _ranges(grid: PhaseGrid, count: int) -> tuple[FloatArray, FloatArray]:
    """``count`` relative importances and densities, from edge to edge of the map.

    The edge of the cells with density 1 lies beyond 1: callers clip it for the theory.
    """
    x, y = _edges(grid.relative_importances), _edges(grid.densities)
    return np.geomspace(x[0], x[-1], count), np.geomspace(y[0], y[-1], count)


def _edges(values: FloatArray) -> FloatArray:
    """The edges, one more than ``values``, of cells centred there on a logarithmic scale."""
    logs = np.log(values)
    between = (logs[1:] + logs[:-1]) / 2
    first, last = (0.5, 0.5) if logs.size == 1 else np.abs(between[[0, -1]] - logs[[0, -1]])
    direction = np.sign(logs[-1] - logs[0]) or 1.0
    ends = [logs[:1] - direction * first, between, logs[-1:] + direction * last]
    edges: FloatArray = np.exp(np.concatenate(ends))
    return edges


# ── axes and legend─────────────────────────────────────────────────────────────────────────────


def _finish(axes: Axes, grid: PhaseGrid) -> None:
    """Logarithmic scales, dense at the top."""
    x, y = _edges(grid.relative_importances), _edges(grid.densities)
    axes.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(y[-1], y[0]))
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        shown = round_numbers(low, high)
        axis.set_ticks(shown, [f"{tick:g}" for tick in shown])
        axis.set_ticks([], minor=True)
    axes.set_xlabel("relative importance of the last feature")


def _draw_legend(page: pages.Page, top: float, grid: PhaseGrid) -> None:
    """The colour legend on two axes."""
    left = page.width - pages.MARGIN - LEGEND_SIDE
    axes = page.axes(left, top, LEGEND_SIDE, LEGEND_SIDE)
    superposition, norm = np.meshgrid(np.linspace(0, 1, 65), np.linspace(1, 0, 65))
    axes.imshow(colours(norm, superposition), extent=(0, 1, 0, 1), aspect="auto")
    axes.set_xticks([0, 1], ["0", "≥ 1"])
    axes.set_yticks([0, 1], ["0", "≥ 1"])
    axes.get_xticklabels()[-1].set_horizontalalignment("right")
    axes.get_yticklabels()[-1].set_verticalalignment("top")
    axes.set_xlabel("superposition", labelpad=0)
    axes.set_ylabel(f"‖{grid.last_feature}‖", labelpad=0)


def _write_remarks(page: pages.Page, top: float, remarks: list[str]) -> None:
    """Small text in the column of the legend, one paragraph per remark."""
    left = pages.MARGIN + LEFT + 2 * SIDE + 2 * GAP
    room = page.width - pages.MARGIN - left
    paragraphs = ["\n".join(wrapped(remark, room, style.SMALL_SIZE)) for remark in remarks]
    text = "\n\n".join(paragraphs)
    page.text(left, top, text, size=style.SMALL_SIZE, color=style.QUIET)
