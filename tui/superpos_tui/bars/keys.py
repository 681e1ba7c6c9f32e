"""The footer: the most important keys of now; clicking one acts like pressing it."""

from collections.abc import Collection
from dataclasses import replace

from textual.events import Click

from superpos_core.task.config import ExperimentConfig
from superpos_tui.bars.status import Status
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.keys import FOOTER, WITH_OPEN_TIMELINE
from superpos_tui.views.key import Key

ALWAYS_SHOWN = ("command_palette", "help", "quit")
"""Actions at the right edge: where everything else is found, and the way out."""
SHOWN_IF_NARROW = 2
WIDE = 100
"""Columns from which there is room for all of these."""
GAP = 2
WITH_REFUSAL = frozenset({"dials", "reseed", "leave_model"})
"""Keys that do nothing at all if the run refuses what they ask of it."""


class KeyBar(DrawnView):
    """One row of keys, generated from the key table."""

    DEFAULT_CSS = "KeyBar { height: 1; }"

    def __init__(self, palette: Palette, keys: Collection[Key]) -> None:
        super().__init__(palette, id="keys")
        self._keys = keys
        self._spans: list[tuple[range, Key]] = []
        self._one_panel = False
        self._timeline = False
        self._view = ""
        self._config: ExperimentConfig | None = None
        self._refused = frozenset[str]()
        self._is_paused = False

    def show_status(self, status: Status) -> None:
        """Show the keys for another status: some do nothing in some runs, or at their end."""
        refused = status.refused & WITH_REFUSAL
        refused |= frozenset() if status.can_pause else {"pause"}
        now = status.config, refused, status.state == "paused"
        if now != (self._config, self._refused, self._is_paused):
            self._config, self._refused, self._is_paused = now
            self.redraw()

    def set_one_panel(self, one_panel: bool) -> None:
        """Set whether one panel is shown at a time, which makes the next-panel key important."""
        self._one_panel = one_panel
        self.redraw()

    def set_timeline(self, *, is_open: bool) -> None:
        """Set whether the timeline is open, whose keys then replace others."""
        self._timeline = is_open
        self.redraw()

    def set_view(self, view: str) -> None:
        """Set the open view, whose own keys come first."""
        self._view = view
        self.redraw()

    def picture(self, width: int, height: int) -> Cells:
        """The keys that fit."""
        self._spans = place_keys(
            [_resuming(key) for key in self._keys] if self._is_paused else self._keys,
            width,
            self._one_panel,
            self._view,
            self._timeline,
            self._config,
            self._refused,
        )
        return draw(self._spans, width, self._config)

    async def on_click(self, event: Click) -> None:
        """Do what the clicked key does."""
        for span, key in self._spans:
            if event.x in span:
                await self.app.run_action(key.action)


def place_keys(
    keys: Collection[Key],
    width: int,
    one_panel: bool,
    view: str,
    timeline: bool = False,
    config: ExperimentConfig | None = None,
    refused: Collection[str] = (),
) -> list[tuple[range, Key]]:
    """The keys that are active now, in a run of this config, with their columns.

    Those whose actions are ``refused`` are left out. The most important ones stand at the left
    edge, as many as fit; those that are ``ALWAYS_SHOWN`` at the right edge, where all others can be
    found.
    """
    active = [
        key
        for key in _active(keys, one_panel, view, timeline)
        if (config is None or key.suits(config)) and key.action_name not in refused
    ]
    length = {key: len(_text(key, config)) for key in active}
    shown = [key for action in ALWAYS_SHOWN for key in active if _name(key) == action]
    shown = shown if width >= WIDE else shown[:SHOWN_IF_NARROW]
    end = width - 1 - sum(length[key] for key in shown) - GAP * (len(shown) - 1)
    spans, x = list[tuple[range, Key]](), 1
    for key in _by_importance(active):
        if x + length[key] + GAP > end:
            break
        spans.append((range(x, x + length[key]), key))
        x = spans[-1][0].stop + GAP
    for key in shown:
        spans.append((range(end, end + length[key]), key))
        end += length[key] + GAP
    return spans


def _resuming(key: Key) -> Key:
    """The same key while training is paused."""
    return replace(key, label="resume") if key.action_name == "pause" else key


def _active(keys: Collection[Key], one_panel: bool, view: str, timeline: bool) -> list[Key]:
    """The footer's keys that do something now: of several with one name the first has it."""
    taken, active = set[str](), list[Key]()
    for key in keys:
        is_possible = key.view == view or not (key.exclusive or (key.view and key.in_footer))
        if not is_possible or (key in WITH_OPEN_TIMELINE and not timeline):
            continue
        first = key.keys.split(",")[0]
        if key.in_footer and first not in taken and (one_panel or not key.only_with_one_panel):
            active.append(key)
        taken |= key.names
    return active


def _by_importance(active: Collection[Key]) -> list[Key]:
    """First the keys of the timeline and of the view, which change; then those of ``FOOTER``."""
    special = [key for key in active if key in WITH_OPEN_TIMELINE]
    special += [key for key in active if key.only_with_one_panel]
    special += [key for key in active if key.view]
    always = [key for key in active if _name(key) in ALWAYS_SHOWN]
    common = [key for key in active if key not in special and key not in always]
    order = {action: index for index, action in enumerate(FOOTER)}
    return special + sorted(common, key=lambda key: order.get(key.action_name, -1))


def _name(key: Key) -> str:
    """The action, on whichever screen it is."""
    return key.action_name.split(".")[-1]


def draw(
    spans: list[tuple[range, Key]], width: int, config: ExperimentConfig | None = None
) -> Cells:
    """The row: keys bright, labels muted."""
    cells = Cells.blank(width, 1)
    for span, key in spans:
        cells.write(span.start, 0, key.first_shown, Ink.ACCENT)
        cells.write(span.start + len(key.first_shown) + 1, 0, key.label_for(config), Ink.MUTED)
    return cells


def _text(key: Key, config: ExperimentConfig | None) -> str:
    return f"{key.first_shown} {key.label_for(config)}"
