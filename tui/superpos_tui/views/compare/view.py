"""Two lanes, two models or two moments, side by side with the difference."""

from superpos_tui.views.view import View

VIEW = View(
    name="compare",
    key="7",
    title="Compare",
    summary="this lane beside a pinned one: another sparsity, model or moment",
    panels=("compare",),
    css="""
    .-wide #view-compare, .-medium #view-compare { grid-size: 1 1; }
    """,
)
