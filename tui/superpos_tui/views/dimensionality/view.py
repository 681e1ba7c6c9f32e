"""How much of a dimension each feature gets: now, over training, and over sparsity."""

from superpos_tui.views.view import View

VIEW = View(
    name="dimensionality",
    key="4",
    title="Dimensionality",
    summary="how much of a dimension each feature gets: now, over steps, over sparsity",
    panels=("dimensions", "dimensions-over-steps", "dimensions-over-lanes"),
    css="""
    .-wide #view-dimensionality { grid-size: 2 2; grid-columns: 40% 1fr; }
    .-wide #view-dimensionality .panel-dimensions { row-span: 2; }
    .-medium #view-dimensionality { grid-size: 2 2; grid-columns: 40% 1fr; }
    .-medium #view-dimensionality .panel-dimensions { row-span: 2; }
    """,
)
