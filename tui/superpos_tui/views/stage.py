"""Where the open view is.

The panels of a view are made when it first opens: the code and the widgets of all views would delay
the first frame.
"""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Container

from superpos_tui.views.view import View
from superpos_tui.views.view_panels import ViewPanels


class Stage(Container):
    """Shows one view at a time. ``make`` makes the widgets of one."""

    def __init__(self, first: View, make: Callable[[View], ViewPanels]) -> None:
        super().__init__()
        self._view = first
        self._make = make
        self._panels = {first.name: make(first)}
        self._grids = {first.name: _grid_of(first)}

    def compose(self) -> ComposeResult:
        """The first view."""
        with self._grids[self._view.name]:
            yield from self.panels.all.values()

    @property
    def view(self) -> View:
        """The open view."""
        return self._view

    @property
    def panels(self) -> ViewPanels:
        """Its panels."""
        return self._panels[self._view.name]

    def open(self, view: View) -> None:
        """Show another view, as it was left."""
        self._view = view
        if view.name not in self._panels:
            self._mount(view)
        for name, grid in self._grids.items():
            grid.set_class(name == view.name, "-open")
            if name != view.name:
                self._panels[name].leave()
        self.panels.mark_front()
        self.panels.front.focus()

    def _mount(self, view: View) -> None:
        panels, grid = self._make(view), _grid_of(view)
        self._panels[view.name], self._grids[view.name] = panels, grid
        self.mount(grid)
        grid.mount(*panels.all.values())  # at once, so that one can have the focus


def _grid_of(view: View) -> Container:
    return Container(id=f"view-{view.name}", classes="view")
