"""The first view: what the model is, what happens, and what it means."""

from superpos_tui.views.view import View

VIEW = View(
    name="live",
    key="1",
    title="Live",
    summary="what the model is, how it learns, and what it represents",
    panels=("matrix", "loss", "norms", "strip"),
    css="""
    .-wide #view-live { grid-size: 2 3; grid-columns: 57% 1fr; grid-rows: 1fr 1fr 9; }
    .-wide #view-live .panel-matrix { row-span: 2; }
    .-wide #view-live .panel-strip { column-span: 2; }
    .-medium #view-live { grid-size: 20 2; grid-rows: 1fr 7; }
    .-medium #view-live .panel-matrix { column-span: 9; }
    .-medium #view-live .panel-loss { column-span: 11; }
    .-medium #view-live .panel-norms { column-span: 11; }
    .-medium #view-live .panel-strip { column-span: 9; }
    """,
)
