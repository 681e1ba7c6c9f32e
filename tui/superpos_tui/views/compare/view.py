"""Two lanes, two models or two moments, side by side with the difference."""

from typing import TYPE_CHECKING

from superpos_core.task.config import LANES
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
    Key("p", "p", "pin", "pin", "pin the current lane for comparison", "look",
        in_footer=True),
    Key("o", "o", "compare_with_linear", "with linear",
        "compare with the linear model, without ReLU, at the same setting", "look",
        in_footer=True, suits=lambda config: config.kind == LANES),
)  # fmt: skip


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.compare import losses, norms, panel
    from superpos_tui.views.compare.dictionaries import curves, recovery
    from superpos_tui.views.compare.dictionaries import panel as dictionaries

    of_models = panel.PANEL, norms.PANEL, losses.PANEL
    return *of_models, dictionaries.PANEL, recovery.PANEL, curves.PANEL


def _figure(scene: "Scene") -> "Figure":
    from superpos_tui.views.compare.figure import draw

    return draw(scene)


def _actions(desk: "Desk") -> "Mapping[str, Action]":
    from superpos_tui.views.compare.actions import CompareActions

    return CompareActions(desk).named


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.compare.dictionaries.state import ComparedPart
    from superpos_tui.views.compare.state import CompareState
    from superpos_tui.views.shared.zoomed import MatrixZoom

    return (CompareState, MatrixZoom, ComparedPart)


VIEW = View(
    name="compare",
    key="7",
    title="Compare",
    summary="this lane beside a pinned one: another sparsity, model, dictionary or moment",
    load_panels=_panels,
    css="""
    .-wide #view-compare { grid-size: 2 2; grid-rows: 2fr 1fr; }
    .-wide #view-compare .panel-compare { column-span: 2; }
    .-wide #view-compare .panel-compare-dictionaries { column-span: 2; }
    .-medium #view-compare { grid-size: 1 1; }
    .-medium #view-compare .panel-both-norms { display: none; }
    .-medium #view-compare .panel-both-losses { display: none; }
    .-medium #view-compare .panel-both-recovery { display: none; }
    .-medium #view-compare .panel-both-errors { display: none; }
    """,
    keys=KEYS,
    load_actions=_actions,
    load_states=_states,
    figures=("demonstration",),
    draw_figure=_figure,
)
