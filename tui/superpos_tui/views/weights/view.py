"""The weights themselves, and, where the hidden basis is privileged, its neurons."""

from superpos_tui.views.view import View

VIEW = View(
    name="weights",
    key="5",
    title="Weights",
    summary="the weights and the bias, and what each hidden unit stands for",
    panels=("weights", "neurons"),
    css="""
    .-wide #view-weights { grid-size: 2 1; grid-columns: 1fr 1fr; }
    .-medium #view-weights { grid-size: 2 1; grid-columns: 1fr 1fr; }
    """,
)
