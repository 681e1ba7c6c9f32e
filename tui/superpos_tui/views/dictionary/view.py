"""Dictionaries: sparse autoencoders of hidden vectors, beside the features they should find."""

from typing import TYPE_CHECKING

from superpos_tui.views.key import Key
from superpos_tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from superpos_tui.desk.desk import Action, Desk
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel

KEYS = (
    Key("greater_than_sign", ">", "move_latent(1)", "latent", "dictionary: next latent", "cursor",
        in_footer=True, exclusive=True, name="next-latent"),
    Key("less_than_sign", "<", "move_latent(-1)", "latent", "dictionary: previous latent",
        "cursor", exclusive=True, name="previous-latent"),
)  # fmt: skip


def _panels() -> tuple["Panel", ...]:
    from superpos_tui.views.dictionary import curves, latents, matrix, recovery

    return matrix.PANEL, latents.PANEL, recovery.PANEL, curves.PANEL


def _actions(desk: "Desk") -> "Mapping[str, Action]":
    from superpos_tui.views.dictionary.actions import DictionaryActions

    return DictionaryActions(desk).named


def _states() -> tuple[type["ViewState"], ...]:
    from superpos_tui.views.dictionary.state import DictionaryState
    from superpos_tui.views.shared.viewpoint import Viewpoint

    return (DictionaryState, Viewpoint)


VIEW = View(
    name="dictionary",
    key="9",
    title="Dictionary",
    summary="a sparse autoencoder's latents beside the true features, as it trains",
    load_panels=_panels,
    load_actions=_actions,
    load_states=_states,
    css="""
    .-wide #view-dictionary { grid-size: 2 3; grid-columns: 57% 1fr; grid-rows: 1fr 9 9; }
    .-wide.-tall #view-dictionary { grid-rows: 2fr 1fr 13; }
    .-wide #view-dictionary .panel-cosines { row-span: 2; }
    .-wide #view-dictionary .panel-curves { column-span: 2; }
    .-medium #view-dictionary { grid-size: 20 2; grid-rows: 1fr 7; }
    .-medium #view-dictionary .panel-cosines { column-span: 11; }
    .-medium #view-dictionary .panel-latents { column-span: 9; }
    .-medium #view-dictionary .panel-recovery { column-span: 9; }
    .-medium #view-dictionary .panel-curves { column-span: 11; }
    """,
    keys=KEYS,
    figures=("dictionary", "recovery", "hedging"),
    film="dictionary",
)
