"""The weights themselves and, if the hidden basis is privileged, its neurons."""

from typing import TYPE_CHECKING

from superpos_tui.views.view import View

if TYPE_CHECKING:
    from superpos_tui.views.panel import Panel


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.weights import matrices, neurons

    return matrices.PANEL, neurons.PANEL


VIEW = View(
    name="weights",
    key="5",
    title="Weights",
    summary="the weights and the bias, and what each hidden unit represents",
    load_panels=_panels,
    css="""
    .-wide #view-weights { grid-size: 2 1; grid-columns: 2fr 3fr; }
    .-medium #view-weights { grid-size: 2 1; grid-columns: 1fr 1fr; }
    """,
    figures=("weights", "neurons", "motif"),
    film="weights",
)
