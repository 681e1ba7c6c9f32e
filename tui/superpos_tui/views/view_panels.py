"""The widgets of one view's panels: which are shown of a run, which is in front, what they draw."""

from collections.abc import Mapping

from superpos_core.record.record import Record
from superpos_tui.drawing.palette import Palette
from superpos_tui.process.drawing_room import DrawingRoom
from superpos_tui.process.pressed_keys import PressedKeys
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Panel
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import view_of_record
from superpos_tui.views.view import View


class ViewPanels:
    """One widget per panel of a view; those for other kinds of record are left out.

    ``keys`` are the shown keys by action.
    """

    def __init__(
        self,
        view: View,
        palette: Palette,
        drawing_room: DrawingRoom,
        pressed: PressedKeys,
        keys: Mapping[str, str],
    ) -> None:
        self.view = view
        self.all = {
            name: PanelView(panel, palette, view.name, drawing_room, pressed, keys)
            for name, panel in view.panels.items()
        }
        self.shown = dict(self.all)
        self._front = next(iter(self.all))
        self._set_neighbours()

    @property
    def front(self) -> PanelView:
        """The panel in focus."""
        return self.all[self._front]

    def put_in_front(self, name: str) -> None:
        """Mark a panel as the one in front; if one is shown at a time, that one."""
        self._front = name
        self.mark_front()

    def mark_front(self) -> None:
        """Tell the widgets which of them is in front."""
        for name, panel_view in self.all.items():
            panel_view.set_class(name == self._front, "-front")

    def bring_to_front(self, direction: int) -> None:
        """Focus the next or previous panel."""
        names = list(self.shown)
        self.put_in_front(names[(names.index(self._front) + direction) % len(names)])
        self.front.focus()

    def show_for(self, kind: type[Record]) -> bool:
        """Leave out what is for other kinds of record; whether that changes anything."""
        names = list(self.view.panels_for(kind))
        if names == list(self.shown):
            return False
        self.shown = {name: self.all[name] for name in names}
        for name, panel_view in self.all.items():
            panel_view.set_class(name not in names, "-left-out")
        self._set_neighbours()
        if self._front not in names:
            self.put_in_front(names[0])
            self.front.focus()
        return True

    def leave(self) -> None:
        """Another view is shown."""
        for panel_view in self.all.values():
            panel_view.leave()

    def draw(self, scene: Scene | None, waiting_for: str, *, is_wait: bool, at_once: bool) -> None:
        """Draw a scene, or say in front why there is none.

        ``is_wait`` if it is only not there yet. ``at_once`` responds to a key: expensive panels
        then do not wait for their time.
        """
        for name, panel_view in self.shown.items():
            panel, is_front = panel_view.panel, name == self._front
            reason = waiting_for if scene is None else _why_not(panel, scene)
            if scene is None and is_wait:
                panel_view.wait_for(reason if is_front else "")
            elif scene is None or reason:
                panel_view.show_message(reason if is_front else "")
            elif missing := panel.missing(scene):
                panel_view.show_message(missing, panel.title(scene))
            else:
                panel_view.show_scene(scene, at_once)

    def _set_neighbours(self) -> None:
        for panel_view in self.shown.values():
            panel_view.has_neighbours = len(self.shown) > 1


def _why_not(panel: Panel, scene: Scene) -> str:
    """Why a panel has nothing to show, in a sentence; empty if it has something."""
    record = scene.snapshot.record
    if isinstance(record, panel.takes):
        return ""
    if panel.where_to_find is not None:
        return panel.where_to_find()
    view = view_of_record(type(record))
    where = f"press {view.key} to see it" if view else "no view shows it"
    return f"This is a {record.title}: {where}."
