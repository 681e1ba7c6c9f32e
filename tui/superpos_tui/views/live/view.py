"""The first view: what the model is, what happens, and what it means."""

from typing import TYPE_CHECKING

from superpos_tui.views.key import Key
from superpos_tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from superpos_tui.desk.desk import Action, Desk
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel

KEYS = (
    Key("l", "l", "next_loss_scale", "scale", "loss: log-log, log or linear scale", "look",
        panels=("loss",)),
    Key("b", "b", "toggle_split", "split", "feature norms, or benefit and interference", "look",
        panels=("norms",)),
)  # fmt: skip


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.live import loss, matrix, norms, strip

    return matrix.PANEL, loss.PANEL, norms.PANEL, strip.PANEL


def _actions(desk: "Desk") -> "Mapping[str, Action]":
    from superpos_tui.views.live.actions import LiveActions

    return LiveActions(desk).named


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.live.state import LiveState
    from superpos_tui.views.shared.zoomed import MatrixZoom

    return (LiveState, MatrixZoom)


VIEW = View(
    name="live",
    key="1",
    title="Live",
    summary="what the model is, how it learns, and what it represents",
    load_panels=_panels,
    css="""
    .-wide #view-live { grid-size: 2 3; grid-columns: 57% 1fr; grid-rows: 1fr 1fr 9; }
    .-wide.-tall #view-live { grid-rows: 7fr 8fr 12; }
    .-wide #view-live .panel-matrix { row-span: 2; }
    .-wide #view-live .panel-strip { column-span: 2; }
    .-medium #view-live { grid-size: 20 2; grid-rows: 1fr 6; }
    .-medium #view-live .panel-matrix { column-span: 9; }
    .-medium #view-live .panel-loss { column-span: 11; }
    .-medium #view-live .panel-norms { column-span: 11; }
    .-medium #view-live .panel-strip { column-span: 9; }
    """,
    keys=KEYS,
    load_actions=_actions,
    load_states=_states,
    figures=("gram",),
)
