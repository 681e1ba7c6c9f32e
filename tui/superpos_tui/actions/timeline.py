"""Winding back time: scrubbing, replay, and going to what happened. Training is left untouched."""

from dataclasses import replace

from textual.timer import Timer

from superpos_core.analysis.events.log import Event
from superpos_core.record.lane_names import lane_labels
from superpos_tui.bars.timeline import TimelineBar
from superpos_tui.dialogs.events import EventsDialog, events_of
from superpos_tui.instrument import Instrument
from superpos_tui.measures.large import is_large
from superpos_tui.process.drawing_room import Order
from superpos_tui.scene import Scene

REPLAY_SECONDS_A_MOMENT = 0.1


class TimelineActions(Instrument):
    """Look at moments that are past."""

    _replay: Timer | None = None

    def action_timeline(self) -> None:
        if self.timeline_is_open:
            self.close_timeline()
        elif self.scene_of_lane() is not None:
            self._set_open(True)

    def close_timeline(self) -> None:
        """Back to now."""
        self._stop_replay()
        self._set_open(False)
        self.look(replace(self.focus_on, step=None))

    def open_timeline_at(self, step: int) -> None:
        """Look at the moment kept that is nearest to a step."""
        self._set_open(True)
        self._go_to(step)

    def _set_open(self, is_open: bool) -> None:
        self.timeline_is_open = is_open
        self.apply_layout(self.size)
        self.call_after_refresh(self.redraw)

    def action_scrub(self, direction: int) -> None:
        self._stop_replay()
        self._move(direction)

    def action_scrub_to_start(self) -> None:
        self._stop_replay()
        self._go_to(0)

    def action_scrub_to_end(self) -> None:
        self._stop_replay()
        self.look(replace(self.focus_on, step=None))

    def action_replay(self) -> None:
        if self._replay is not None:
            self._stop_replay()
            return
        if self.focus_on.step is None:
            self._go_to(0)
        self._replay = self.set_interval(REPLAY_SECONDS_A_MOMENT, self._replay_next)

    def action_events(self) -> None:
        scene = self.scene_of_lane()
        if scene is None:
            return

        def look() -> tuple[list[Event], list[str]]:
            return events_of(scene), lane_labels(scene.cohort.lanes)

        def done(outcome: object) -> None:
            self.call_later(self._show_events, scene, outcome)

        if not is_large(scene.config):
            self._show_events(scene, look())
            return
        self.notify("looking through the timeline", title="events", timeout=2)
        self.drawing_room.ask("events", Order(scene, look, done))

    def _show_events(self, scene: Scene, found: object) -> None:
        """Events and the names of lanes, unless something else is looked at by now."""
        if isinstance(found, Exception):
            self.report_error(found, "events")
        elif isinstance(found, tuple) and scene.config == self.config and not self._has_dialog:
            self.push_screen(EventsDialog(*found), self._go_to_event)

    @property
    def _has_dialog(self) -> bool:
        return len(self.screen_stack) > 1

    def _go_to_event(self, step: int | None) -> None:
        if step is not None:
            self.open_timeline_at(step)

    def on_timeline_bar_moved(self, message: TimelineBar.Moved) -> None:
        self._stop_replay()
        self._go_to(message.step)

    def _replay_next(self) -> None:
        self._move(1)
        if self.focus_on.step is None:
            self._stop_replay()

    def _stop_replay(self) -> None:
        if self._replay is not None:
            self._replay.stop()
            self._replay = None

    def _move(self, direction: int) -> None:
        """To the moment before or after; beyond the last one is now."""
        scene = self.scene_of_lane()
        if scene is None:
            self._stop_replay()
            return
        timeline = scene.cohort.timeline
        if direction < 0:
            # From now the newest moment kept is one back, even if it is of this very step.
            step = scene.step + (scene.focus.step is None)
            moment = timeline.before(step) or timeline.moments[0]
            self.look(replace(self.focus_on, step=moment.step))
        else:
            later = timeline.after(scene.step)
            self.look(replace(self.focus_on, step=None if later is None else later.step))

    def _go_to(self, step: int) -> None:
        scene = self.scene_of_lane()
        if scene is not None and scene.cohort.timeline.moments:
            nearest = scene.cohort.timeline.nearest(step)
            self.look(replace(self.focus_on, step=nearest.step))
