"""The weights, the hidden units and, beside them, the data that they are made for."""

from typing import TYPE_CHECKING

from superpos_tui.views.view import View

if TYPE_CHECKING:
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.weights import data, matrices, neurons

    return matrices.PANEL, neurons.PANEL, data.PANEL


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.weights.zoom import WeightsZoom

    return (WeightsZoom,)


VIEW = View(
    name="weights",
    key="5",
    title="Weights",
    summary="the weights and the bias, and what each hidden unit represents, beside the data",
    load_panels=_panels,
    load_states=_states,
    css="""
    .-wide #view-weights { grid-size: 3 1; grid-columns: 2fr 3fr 2fr; }
    .-medium #view-weights { grid-size: 3 1; grid-columns: 1fr 1fr 1fr; }
    """,
    figures=("weights", "neurons", "motif"),
    film="weights",
)
