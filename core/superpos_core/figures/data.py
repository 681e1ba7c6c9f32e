"""What the data are: some rows, and the second moments of all."""

from matplotlib.figure import Figure

from superpos_core.analysis.data import MAX_FEATURES, active_rows, correlations, second_moments
from superpos_core.figures.tools import marks
from superpos_core.figures.tools import page as pages
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.data import distribution_named

SIDE, GAP = 2.5, 0.6
TITLES, BELOW = 0.24, 0.3
ROWS = 24


def applies(record: LanesRecord) -> bool:
    """Whether features depend on one another, and can be seen as squares."""
    config = record.config
    return (
        distribution_named(config.distribution).source is not None
        and config.features <= MAX_FEATURES
    )


def draw(record: LanesRecord) -> Figure:
    """Rows of the first lane on the left, and their second moments on the right."""
    config, lane = record.config, record.config.lanes[0]
    rows, second = active_rows(config, lane, ROWS), correlations(second_moments(config, lane))
    header = pages.Header(
        f"The data — {config.distribution}",
        "Left: one row of x per line, those with an active feature. Right: row i, column j: "
        "E[xᵢ·xⱼ], scaled to 1 on the diagonal: how often two features are active together."
        + marks.blocks_note(config.features),
    )
    page = pages.new_page(record, header, pages.TEXT_WIDTH, TITLES + SIDE + BELOW)
    top = header.height(page.width) + TITLES
    for index, (title, values) in enumerate((("rows", rows), ("second moments", second))):
        left = pages.MARGIN + 0.4 + index * (SIDE + GAP)
        axes = page.axes(left, top, SIDE, SIDE)
        marks.draw_matrix(axes, values)
        marks.feature_ticks(axes, len(values))
        marks.end_ticks(axes, config.features)
        pages.column_title(page, left + SIDE / 2, top, title)
        axes.set_xlabel("feature j", labelpad=1)
        axes.set_ylabel("feature i" if index else "row", labelpad=1)
    marks.weight_scale_bar(page, "x, and scaled E[xᵢ·xⱼ]")
    return page.figure
