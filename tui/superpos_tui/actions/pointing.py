"""The cursor on features, the zoom of panels, and the way back out of everything."""

from collections.abc import Mapping

from superpos_tui.actions.runs import RunActions
from superpos_tui.actions.timeline import TimelineActions
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.selection import Change, Cursor


class PointingActions:
    """Point at features, and look closer."""

    def __init__(self, desk: Desk, timeline: TimelineActions, runs: RunActions) -> None:
        self._desk = desk
        self._timeline = timeline
        self._runs = runs
        self.named: Mapping[str, Action] = {
            "move_cursor": self.move_cursor,
            "zoom": self.zoom,
            "pan": self.pan,
            "step_out": self.step_out,
        }

    def move_cursor(self, features: int, others: int) -> None:
        """Move the cursor by this many features and other features; start at the first ones."""
        if not self._desk.has_lanes("features to point at"):
            return
        selection = self._desk.current.selection
        cursor, moved = selection.options.cursor, Cursor(0, 0)
        if cursor is not None:
            count = self._desk.watched.config.features
            moved = Cursor((cursor.feature + features) % count, (cursor.other + others) % count)
        self._desk.current.select(selection.with_cursor(moved))

    def zoom(self, steps: int) -> None:
        """Look closer at the panel in focus, or from farther away if negative."""
        self._change(self._desk.screen.front_panel.zoom(steps), "nothing to zoom here")

    def pan(self, right: int, down: int) -> None:
        """Move what is shown of the panel in focus."""
        self._change(self._desk.screen.front_panel.pan(right, down), "+ zooms, then this moves")

    def _change(self, change: Change | None, refusal: str) -> None:
        if change is None:
            self._desk.refuse(refusal)
        else:
            self._desk.current.change(change)

    def step_out(self) -> None:
        """Close one thing at a time, the innermost first."""
        selection, screen = self._desk.current.selection, self._desk.screen
        unzoom = screen.front_panel.zoom_out_whole()
        if unzoom is not None:
            self._desk.current.change(unzoom)
        elif screen.timeline_is_open:
            self._timeline.close()
        elif selection.options.cursor is not None:
            self._desk.current.select(selection.with_cursor(None))
        elif screen.is_maximised:
            screen.maximise(is_maximised=False)
        elif self._runs.has_list:
            self._runs.show()
        elif self._desk.watched.left is not None:
            left = self._desk.watched.left.config
            self._desk.refuse(f"{self._desk.keys['undo']} goes back to {left.name}")
