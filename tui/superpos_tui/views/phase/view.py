"""The phase diagram: what happens to the last feature, as trained and in theory."""

from typing import TYPE_CHECKING

from superpos_core.record.phase_map import PhaseMap
from superpos_tui.views.key import Key
from superpos_tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from superpos_tui.desk.desk import Action, Desk
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel

KEYS = (
    Key("right", "→", "move_cell(0, 1)", "cell", "phases: the cell to the right", "cursor",
        exclusive=True, name="cell-right"),
    Key("left", "←", "move_cell(0, -1)", "cell", "phases: the cell to the left", "cursor",
        exclusive=True, name="cell-left"),
    Key("down,j", "↓ j", "move_cell(1, 0)", "cell", "phases: the cell below", "cursor",
        in_footer=True, exclusive=True, name="cell-down"),
    Key("up,k", "↑ k", "move_cell(-1, 0)", "cell", "phases: the cell above", "cursor",
        exclusive=True, name="cell-up"),
    Key("enter", "enter", "open_cell", "open",
        "phases: train this cell's model live, or a phase diagram if there is none",
        "cursor", in_footer=True, exclusive=True),
)  # fmt: skip


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.phase import panel

    return (panel.PANEL,)


def _actions(desk: "Desk") -> "Mapping[str, Action]":
    from superpos_tui.views.phase.actions import PhaseActions

    return PhaseActions(desk).named


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.phase.state import PhaseState

    return (PhaseState,)


VIEW = View(
    name="phase",
    key="8",
    title="Phases",
    summary="a phase diagram as it fills in, beside the theoretical one",
    load_panels=_panels,
    css="""
    .-wide #view-phase, .-medium #view-phase { grid-size: 1 1; }
    """,
    keys=KEYS,
    load_actions=_actions,
    load_states=_states,
    keeps=PhaseMap,
    figures=("phase",),
    hint="enter opens a cell",
)
