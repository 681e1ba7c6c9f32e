"""How much of a dimension each feature gets: now, over training, and over sparsity."""

from typing import TYPE_CHECKING

from superpos_tui.views.view import View

if TYPE_CHECKING:
    from superpos_tui.views.panel import Panel


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.dimensionality import now, over_lanes, over_steps

    return now.PANEL, over_steps.PANEL, over_lanes.PANEL


VIEW = View(
    name="dimensionality",
    key="4",
    title="Dimensionality",
    summary="how much of a dimension each feature gets: now, over steps, over sparsity",
    load_panels=_panels,
    css="""
    .-wide #view-dimensionality { grid-size: 2 2; grid-columns: 40% 1fr; }
    .-wide #view-dimensionality .panel-dimensions { row-span: 2; }
    .-medium #view-dimensionality { grid-size: 2 2; grid-columns: 40% 1fr; }
    .-medium #view-dimensionality .panel-dimensions { row-span: 2; }
    """,
    figures=("dimensionality", "energy"),
)
