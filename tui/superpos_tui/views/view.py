"""A view: a screenful of panels, and everything that belongs to them.

A view's own file is light, so that ``--help`` is fast: it imports panels and figures on demand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from superpos_core.record.record import Record
from superpos_tui.views.key import Key

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from superpos_tui.desk.desk import Action, Desk
    from superpos_tui.scene import Scene
    from superpos_tui.selection import ViewState
    from superpos_tui.views.panel import Panel


MAIN_FILM = "gram"
"""The figure of a film, if a view names no other one; a run that lacks it has its first figure."""


@dataclass(frozen=True)
class View:
    """One view. ``key`` is the digit that opens it.

    ``css`` places its panels: a panel is ``.panel-NAME``, the view's grid is ``#view-NAME``, and
    ``.-wide`` (at least 120 columns) and ``.-medium`` are classes on the screen, and so is
    ``.-tall`` (at least 48 rows). Below that, and when maximised, one panel at a time fills the
    view. ``keys`` are its own keys.

    ``figures`` names the figures in core whose live counterpart it is: an experiment whose main
    figure is one of them opens here. ``film`` names the figure of its film. ``draw_figure`` draws
    an additional figure for an export. ``hint`` says what to try at a stop of the tour; without
    one the tour suggests its settings or its timeline.
    """

    name: str
    key: str
    title: str
    summary: str
    load_panels: Callable[[], tuple["Panel", ...]]
    css: str
    keys: tuple[Key, ...] = ()
    load_actions: Callable[["Desk"], Mapping[str, "Action"]] | None = None
    load_states: Callable[[], tuple[type["ViewState"], ...]] = tuple
    keeps: type[Record] | None = None
    figures: tuple[str, ...] = ()
    film: str = MAIN_FILM
    draw_figure: Callable[["Scene"], "Figure"] | None = None
    hint: str = ""

    @cached_property
    def panels(self) -> dict[str, "Panel"]:
        """Its panels by name, the front one first."""
        return {panel.name: panel for panel in self.load_panels()}

    def panels_for(self, kind: type[Record]) -> dict[str, "Panel"]:
        """The panels for one kind of record, the front one first; all of them if none is for it."""
        of_kind = {name: each for name, each in self.panels.items() if issubclass(kind, each.takes)}
        return of_kind or self.panels

    def shows(self, kind: type[Record]) -> bool:
        """Whether any of its panels is for this kind of record."""
        return any(issubclass(kind, panel.takes) for panel in self.panels.values())

    def missing(self, scene: "Scene") -> str:
        """What its front panel needs and is not known; empty if nothing is."""
        panels = self.panels_for(type(scene.snapshot.record))
        return next(iter(panels.values())).missing(scene)

    @property
    def opening_key(self) -> Key:
        """The key that opens it."""
        return Key(
            self.key,
            self.key,
            f"view('{self.name}')",
            self.title.lower(),
            self.summary,
            "views",
            name=f"view-{self.name}",
        )

    @property
    def own_keys(self) -> tuple[Key, ...]:
        """Its keys, labelled with the view."""
        return tuple(replace(key, view=self.name) for key in self.keys)
