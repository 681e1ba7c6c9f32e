"""The current selection in the watched run, and the scene that follows from it."""

from collections.abc import Callable
from dataclasses import replace

from superpos_core.record.record import Record
from superpos_tui.process.watched_run import WatchedRun
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Selection


class CurrentSelection:
    """Holds the current ``Selection``; ``on_change`` is called after each change of it.

    ``kept_in`` gives the kind of record that a view, by name, keeps showing while others train.
    """

    def __init__(
        self,
        watched: WatchedRun,
        selection: Selection,
        kept_in: Callable[[str], type[Record] | None],
        on_change: Callable[[], None],
    ) -> None:
        self._watched = watched
        self._selection = selection
        self._kept_in = kept_in
        self._on_change = on_change
        self._left: dict[str, Selection] = {}

    @property
    def selection(self) -> Selection:
        """The open view, the focus, and the options."""
        return self._selection

    @property
    def scene(self) -> Scene | None:
        """The current scene; ``None`` until the run, or the model in focus, has a snapshot."""
        newest = self._watched.newest_of(self._kept_in(self._selection.view))
        if newest is None:
            return None
        snapshot, experiment = newest
        scene = Scene(snapshot, self._selection.focus, self._selection.options, experiment)
        return scene if scene.has_data else None

    def leave(self) -> None:
        """Remember what is selected in the run, which is being left."""
        self._left[self._watched.config.name] = self._selection

    def left_in(self, run: str) -> Selection:
        """What was selected in a run when it was left; the current selection if it never was."""
        return self._left.get(run, self._selection)

    def open(self, view: str) -> None:
        """Select another view, without drawing it."""
        self._selection = replace(self._selection, view=view)

    def select(self, selection: Selection) -> None:
        """Change the focus, the options, or both, and redraw."""
        self._selection = selection.fitting(self._watched.config)
        self._on_change()

    def change(self, change: Change) -> None:
        """Apply the change made by a click or a drag."""
        self.select(change(self._selection))
