"""The model in view at every sparsity."""

from superpos_tui.views.view import View

VIEW = View(
    name="sweep",
    key="2",
    title="Sweep",
    summary="the model at every sparsity, side by side",
    panels=("sweep",),
    css="""
    .-wide #view-sweep, .-medium #view-sweep { grid-size: 1 1; }
    """,
)
