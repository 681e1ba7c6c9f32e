"""Do dictionaries find the features? Recovery and reconstruction over the activity of latents."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.analysis.dictionaries.recovery import Recovery, recoveries_of
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import drawable, log_limits, log_ticks
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.dictionaries.kinds import kind_named

LEFT, GAP = pages.MARGIN + 0.3, 0.55
TITLES, HEIGHT, BELOW, NAMES = 0.24, 1.95, 0.38, 0.22
DOT, LINE, FAINT = 4.4, 0.9, 0.8
MIN_FACTOR = 1.6
LEAST = 1e-6
"""Share of the variance below which nothing is unexplained, and nothing drawn."""
MARKERS = ("o", "s", "^", "D", "v", "P")


def applies(record: DictionaryRecord) -> bool:
    """Whether several dictionaries can be compared."""
    return len(record.config.settings) * len(record.cohorts) > 1


def draw(record: DictionaryRecord) -> Figure:
    """MCC over L0, unexplained variance over L0, and the one over the other; a line per kind."""
    recoveries = [each.by_l0 for each in recoveries_of(record)]
    header = pages.Header(
        "Recovery and reconstruction by dictionaries", _reading(record, recoveries)
    )
    body = NAMES + TITLES + HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=0)
    top = header.height(page.width) + NAMES + TITLES
    width = (page.width - LEFT - pages.MARGIN - 2 * GAP) / 3
    panels = [page.axes(LEFT + index * (width + GAP), top, width, HEIGHT) for index in range(3)]
    titles = ("MCC, features with their latents", "unexplained variance", "MCC")
    for index, title in enumerate(titles):
        page.text(LEFT + index * (width + GAP), top - 0.06, title, va="bottom")
    _draw_recovery(panels[0], recoveries)
    _draw_reconstruction(panels[1], recoveries)
    for axes in panels[:2]:
        _l0_axis(axes, recoveries, true_l0(record))
    _draw_trade(panels[2], recoveries)
    _name_kinds(page, recoveries, top - TITLES)
    return page.figure


def _reading(record: DictionaryRecord, recoveries: Sequence[Recovery]) -> str:
    seeds = record.config.restarts
    means = f" Means over {seeds} seeds." if seeds > 1 else ""
    return (
        "One dot per setting and kind of dictionary. L0: active latents per row. MCC: the mean "
        "|cosine| of true directions and the latents matched with them, 1 if all are found. "
        "Dashed: what the true features leave unexplained at the same L0; dotted: the true L0. A "
        "dictionary below the dashed line reconstructs better than the truth, with wrong features."
        + means
        + marks.left_out_note([each.l0 for each in recoveries], "what is not finite")
        + f" True L0: {true_l0(record):.3g}."
    )


def true_l0(record: DictionaryRecord) -> float:
    """The mean number of active features per row, of the first lane."""
    return float(record.config.feature_probability(record.lanes[0]).sum())


def colour_of(index: int) -> str:
    """The colour of a kind by its position in the run."""
    return style.CATEGORICAL[index % len(style.CATEGORICAL)]


def _draw_recovery(axes: Axes, recoveries: Sequence[Recovery]) -> None:
    _lines(axes, recoveries, [(each.l0, each.mcc) for each in recoveries])
    _mcc_axis(axes, recoveries)


def _draw_reconstruction(axes: Axes, recoveries: Sequence[Recovery]) -> None:
    _lines(axes, recoveries, [(each.l0, _shown(each.unexplained)) for each in recoveries])
    truth = np.concatenate([each.l0 for each in recoveries])
    order = np.argsort(truth)
    left = _shown(np.concatenate([each.unexplained_by_truth for each in recoveries]))
    axes.plot(truth[order], left[order], color=style.QUIET, linewidth=LINE, linestyle="dashed",
              zorder=1)  # fmt: skip
    everything = np.concatenate([left, *(_shown(each.unexplained) for each in recoveries)])
    axes.set(yscale="log", ylim=log_limits(everything, MIN_FACTOR))
    log_ticks(axes.yaxis)


def _draw_trade(axes: Axes, recoveries: Sequence[Recovery]) -> None:
    _lines(axes, recoveries, [(_shown(each.unexplained), each.mcc) for each in recoveries])
    everything = np.concatenate([_shown(each.unexplained) for each in recoveries])
    axes.set(xscale="log", xlim=log_limits(everything, MIN_FACTOR))
    _mcc_axis(axes, recoveries)
    axes.set_xlabel("unexplained variance", labelpad=2)
    log_ticks(axes.xaxis)
    axes.spines[["top", "right"]].set_visible(False)


def _mcc_axis(axes: Axes, recoveries: Sequence[Recovery]) -> None:
    """From 0, or from ½ if that shows everything."""
    least = min(float(np.nanmin(each.mcc, initial=1)) for each in recoveries)
    ticks = [0.5, 0.75, 1.0] if least > 0.5 else [0, 0.5, 1]
    axes.set(ylim=(ticks[0], 1 + 0.04 * (1 - ticks[0])), yticks=ticks)


def _shown(values: FloatArray) -> FloatArray:
    """What a logarithmic axis can show; NaN, a gap, for what is as good as nothing."""
    return drawable(np.where(values < LEAST, np.nan, values))


def _l0_axis(axes: Axes, recoveries: Sequence[Recovery], truth: float) -> None:
    axes.axvline(truth, color=style.QUIET, linewidth=LINE, linestyle="dotted", zorder=1)
    l0 = np.concatenate([[truth], *(each.l0 for each in recoveries)])
    axes.set(xscale="log", xlim=log_limits(drawable(l0), MIN_FACTOR))
    axes.set_xlabel("L0, active latents per row", labelpad=2)
    log_ticks(axes.xaxis)
    axes.spines[["top", "right"]].set_visible(False)


def _lines(
    axes: Axes, recoveries: Sequence[Recovery], points: Sequence[tuple[FloatArray, FloatArray]]
) -> None:
    for index, (x, y) in enumerate(points):
        colour = colour_of(index)
        axes.plot(
            x, y, color=colour, linewidth=LINE, alpha=FAINT, marker=MARKERS[index % len(MARKERS)],
            markersize=DOT, markeredgecolor="white", markeredgewidth=0.4, zorder=3,
        )  # fmt: skip


def _name_kinds(page: pages.Page, recoveries: Sequence[Recovery], bottom: float) -> None:
    """The names of kinds in their colours, in one line above the panels."""
    step = (page.width - LEFT - pages.MARGIN) / max(len(recoveries), 4)
    for index, each in enumerate(recoveries):
        name = f"{'●■▲◆▼✚'[index % len(MARKERS)]} {kind_named(each.kind).name}"
        page.text(LEFT + index * step, bottom, name, va="bottom", color=colour_of(index))
