"""The current model at every sparsity."""

from typing import TYPE_CHECKING

from superpos_tui.views.view import View

if TYPE_CHECKING:
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.sweep import panel

    return (panel.PANEL,)


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.shared.zoomed import MatrixZoom

    return (MatrixZoom,)


VIEW = View(
    name="sweep",
    key="2",
    title="Sweep",
    summary="the model at every sparsity, side by side",
    load_panels=_panels,
    load_states=_states,
    css="""
    .-wide #view-sweep, .-medium #view-sweep { grid-size: 1 1; }
    """,
    figures=("norms", "scaling", "noise"),
)
