"""Features as directions in the hidden space, and the names of the shapes they form."""

from typing import TYPE_CHECKING

from superpos_tui.views.key import Key
from superpos_tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from superpos_tui.desk.desk import Action, Desk
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel

KEYS = (
    Key("c", "c", "next_colouring", "colour", "colour by superposition, importance or group",
        "look", in_footer=True),
    Key("shift+left,left_parenthesis", "shift+← (", "turn(-15)", "turn",
        "turn the 3-D picture, or drag it", "look", exclusive=True, name="turn-left"),
    Key("shift+right,right_parenthesis", "shift+→ )", "turn(15)", "turn",
        "turn it back", "look", in_footer=True, exclusive=True, name="turn-right",
        suits=lambda config: 3 in config.hidden_values),
    Key("shift+up,left_curly_bracket", "shift+↑ {", "tilt(10)", "tilt",
        "tilt the 3-D picture", "look", exclusive=True, name="tilt-up"),
    Key("shift+down,right_curly_bracket", "shift+↓ }", "tilt(-10)", "tilt",
        "tilt it back", "look", exclusive=True, name="tilt-down"),
)  # fmt: skip


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.geometry import shapes, space

    return space.PANEL, shapes.PANEL


def _actions(desk: "Desk") -> "Mapping[str, Action]":
    from superpos_tui.views.geometry.actions import GeometryActions

    return GeometryActions(desk).named


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.shared.colouring import Colouring
    from superpos_tui.views.shared.viewpoint import Viewpoint

    return (Viewpoint, Colouring)


VIEW = View(
    name="geometry",
    key="3",
    title="Geometry",
    summary="features as directions in the hidden space, and the shapes they form",
    load_panels=_panels,
    css="""
    .-wide #view-geometry { grid-size: 2 1; grid-columns: 62% 1fr; }
    .-medium #view-geometry { grid-size: 2 1; grid-columns: 56% 1fr; }
    """,
    keys=KEYS,
    load_actions=_actions,
    load_states=_states,
    figures=(
        "geometry",
        "graphs",
        "restarts",
        "one-density",
        "trajectories",
        "levels",
        "double-descent",
    ),
    film="geometry",
)
