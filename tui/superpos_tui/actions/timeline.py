"""Going back in time: scrubbing, replay, and jumping to events. Training is not affected."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from superpos_core.record.lane_names import lane_labels
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.measures.large import is_slow_to_search
from superpos_tui.process.drawing_room import Order
from superpos_tui.scene import Scene

if TYPE_CHECKING:
    from superpos_core.analysis.events.event import Event

REPLAY_SECONDS_PER_MOMENT = 0.1


class TimelineActions:
    """Show past moments."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._replay: Timer | None = None
        self.named: Mapping[str, Action] = {
            "timeline": self.open_or_close,
            "scrub": self.scrub,
            "scrub_to_start": lambda: self.scrub_to(0),
            "scrub_to_end": self.scrub_to_end,
            "replay": self.replay,
            "events": self.events,
        }

    # ── the timeline ──────────────────────────────────────────────────────────────────────────

    def open_or_close(self) -> None:
        """Show the timeline; or hide it and go back to live."""
        if self._desk.screen.timeline_is_open:
            self.close()
        elif self._scene_with_moments() is not None:
            self._desk.screen.set_timeline(is_open=True)

    def close(self) -> None:
        """Hide the timeline and go back to live."""
        self._stop_replay()
        self._desk.screen.set_timeline(is_open=False)
        self._look_at(None)

    def scrub(self, direction: int) -> None:
        """Go to the previous or next moment."""
        self._stop_replay()
        self._move(direction)

    def scrub_to(self, step: int) -> None:
        """Go to the kept moment nearest to a step."""
        self._stop_replay()
        self._go_to(step)

    def scrub_to_end(self) -> None:
        """Go back to live."""
        self._stop_replay()
        self._look_at(None)

    def replay(self) -> None:
        """Replay the moments from the current one or the first; or stop replaying."""
        if self._replay is not None:
            self._stop_replay()
            return
        if self._step is None:
            self._go_to(0)
        self._replay = self._desk.app.set_interval(REPLAY_SECONDS_PER_MOMENT, self._replay_next)

    def _replay_next(self) -> None:
        self._move(1)
        if self._step is None:
            self._stop_replay()

    def _stop_replay(self) -> None:
        if self._replay is not None:
            self._replay.stop()
            self._replay = None

    @property
    def _step(self) -> int | None:
        return self._desk.current.selection.focus.step

    def _look_at(self, step: int | None) -> None:
        self._desk.current.select(self._desk.current.selection.at_step(step))

    def _move(self, direction: int) -> None:
        """Go to the previous or next moment; beyond the last one is live."""
        scene = self._scene_with_moments()
        if scene is None:
            self._stop_replay()
            return
        timeline = scene.group.timeline
        if direction < 0:
            # From live, the newest kept moment is one back, even if it has the same step.
            step = scene.step + (scene.focus.step is None)
            self._look_at((timeline.before(step) or timeline.moments[0]).step)
        else:
            later = timeline.after(scene.step)
            self._look_at(None if later is None else later.step)

    def _go_to(self, step: int) -> None:
        scene = self._scene_with_moments()
        if scene is not None:
            self._look_at(scene.group.timeline.nearest(step).step)

    def _scene_with_moments(self) -> Scene | None:
        """The current scene if moments of it are kept; if not, say so."""
        scene = self._desk.scene_of_group()
        if scene is not None and not scene.group.timeline.moments:
            self._desk.refuse("no moments are kept: there is nothing to go back to")
            return None
        return scene

    # ── events ────────────────────────────────────────────────────────────────────────────────

    def events(self) -> None:
        """List events; if that takes long, they are found in the drawing room first."""
        scene = self._desk.scene_of_group()
        if scene is None:
            return

        def find() -> "tuple[list[Event], list[str]]":
            from superpos_tui.dialogs.events import events_of

            return events_of(scene), lane_labels(scene.group.lanes)

        def done(outcome: object) -> None:
            self._desk.app.call_later(self._show_events, scene, outcome)

        if not is_slow_to_search(scene.config):
            self._show_events(scene, find())
            return
        self._desk.notify("searching the timeline", title="events", timeout=2)
        self._desk.drawing_room.ask("events", Order(scene, find, done))

    def _show_events(self, scene: Scene, found: object) -> None:
        """Show events with the names of lanes, unless another run is watched by now."""
        is_watched = scene.config == self._desk.watched.config
        if isinstance(found, Exception):
            self._desk.app.report_error(found, "events")
        elif isinstance(found, tuple) and is_watched and not self._desk.has_dialog:
            from superpos_tui.dialogs.events import EventsDialog

            self._desk.app.push_screen(EventsDialog(*found), partial(self._go_to_event, scene))

    def _go_to_event(self, scene: Scene, event: "Event | None") -> None:
        """Show the lane, the moment and the feature of an event."""
        if event is not None and scene.config == self._desk.watched.config:
            from superpos_tui.dialogs.events import at_event

            self._desk.screen.set_timeline(is_open=bool(scene.group.timeline.moments))
            current = self._desk.current
            current.select(at_event(current.selection, scene, event))
