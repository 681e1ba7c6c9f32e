"""The event log: what happened in each lane, step by step; enter goes to one of the events."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from superpos_core.analysis.events import of_record
from superpos_core.analysis.events.event import Event
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.drawing.numbers import grouped
from superpos_tui.process.sturdy import Choices, Dialog
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus, MoveCursor, Selection

MAX_LISTED = 500
"""Thousands of features have tens of thousands of events: the last ones are listed."""
MAX_LANES = 12
"""Of more settings only the one in focus is followed."""


def events_of(scene: Scene) -> list[Event]:
    """The events of each setting's lane; of many settings, only of the one in focus."""
    settings = range(len(scene.config.settings))
    if len(settings) > MAX_LANES:
        settings = range(scene.focus.setting, scene.focus.setting + 1)
    lanes = map(scene.lane_at_setting, settings)
    return of_record.events_of(scene.snapshot.record, scene.focus.model, lanes)


def at_event(selection: Selection, scene: Scene, event: Event) -> Selection:
    """The selection at an event of the group in focus: its lane, moment, feature and latent."""
    setting = event.lane // scene.group.restarts
    rank = scene.ranked(setting).index(event.lane)
    timeline = scene.group.timeline
    step = timeline.nearest(event.step).step if timeline.moments else None
    there = replace(selection, focus=Focus(scene.focus.model, setting, rank, step))
    if event.latent is not None:
        there = there.at_latent(event.latent)
    if event.feature is None:
        return there
    return MoveCursor(selection.options.cursor_on(event.feature))(there)


class EventsDialog(Dialog[Event | None]):
    """Returns the event to go to, or ``None``. ``lane_names`` are in the order of lanes."""

    DEFAULT_CSS = (
        frame_css("EventsDialog", height="80%", padding="0 1")
        + """
    EventsDialog OptionList, EventsDialog OptionList:focus {
        height: 1fr; border: none; background: $surface; padding: 0;
    }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,w,q", "dismiss(None)")]

    def __init__(self, events: Sequence[Event], lane_names: Sequence[str]) -> None:
        super().__init__()
        self._left_out = max(len(events) - MAX_LISTED, 0)
        self._events = events[self._left_out :]
        self._lane_names = lane_names
        self._name_width = max(map(len, lane_names))

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"events: {len(self._events)}"
            if self._left_out:
                box.border_title += f", the last of {grouped(self._left_out + MAX_LISTED)}"
            box.border_subtitle = "↑↓ move · enter shows it: lane, step and feature · esc closes"
            if not self._events:
                yield Static("No events yet.")
            yield Choices(*(Option(self._line(event)) for event in self._events), markup=False)

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.focus()
        if self._events:
            choices.highlighted = len(self._events) - 1

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._events[message.option_index])

    def _line(self, event: Event) -> Content:
        digits = len(grouped(self._events[-1].step))
        lane = self._lane_names[event.lane]
        return Content(f"{grouped(event.step):>{digits}}  {lane:<{self._name_width}}  {event.text}")
