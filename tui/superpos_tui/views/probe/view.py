"""A hand-made input, followed through the model."""

from typing import TYPE_CHECKING

from superpos_tui.views.key import Key
from superpos_tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from superpos_tui.desk.desk import Action, Desk
    from superpos_tui.scene import Scene
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel

KEYS = (
    Key("enter", "enter", "switch_feature", "on/off", "probe: switch the feature on or off",
        "cursor", in_footer=True, exclusive=True),
    Key("shift+right,right_parenthesis", "shift+→ )", "raise_value(0.1)", "value",
        "probe: raise its value", "cursor", in_footer=True, exclusive=True, name="raise-value"),
    Key("shift+left,left_parenthesis", "shift+← (", "raise_value(-0.1)", "value",
        "probe: lower its value", "cursor", exclusive=True, name="lower-value"),
    Key("a", "a", "attack", "attack",
        "probe: add the worst-case perturbation, larger each time",
        "cursor", in_footer=True, exclusive=True),
    Key("backspace", "⌫", "clear_probe", "clear", "probe: clear all features", "cursor",
        exclusive=True),
)  # fmt: skip


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.probe import hidden, table

    return table.PANEL, hidden.PANEL


def _figure(scene: "Scene") -> "Figure":
    from superpos_tui.views.probe.figure import draw

    return draw(scene)


def _actions(desk: "Desk") -> "Mapping[str, Action]":
    from superpos_tui.views.probe.actions import ProbeActions

    return ProbeActions(desk).named


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.probe.state import ProbeState

    return (ProbeState,)


VIEW = View(
    name="probe",
    key="6",
    title="Probe",
    summary="switch features on and follow them through the model",
    load_panels=_panels,
    css="""
    .-wide #view-probe { grid-size: 2 1; grid-columns: 68% 1fr; }
    .-medium #view-probe { grid-size: 1 2; grid-rows: 1fr 7; }
    """,
    keys=KEYS,
    load_actions=_actions,
    load_states=_states,
    figures=("vulnerability",),
    draw_figure=_figure,
    hint="a: stronger attack",
)
