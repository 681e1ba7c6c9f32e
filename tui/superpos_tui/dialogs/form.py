"""The form: every setting at once, validated as the user types; then a restart, or none."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, Static

from superpos_core.errors import InvalidValue
from superpos_core.experiments.expected_time import expected_seconds, lane_count
from superpos_core.machine.cores import usable_cores
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.options import Option, options_of
from superpos_core.task.values import Name
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.drawing.numbers import grouped, rough_duration
from superpos_tui.process.sturdy import Dialog
from superpos_tui.settings.typed import as_texts, config_with, with_added

FIRST_FIELD = "features"
CHOICES_MARK = " ‹›"
"""Follows the names of options that are chosen with ← and →."""


def _any_config(config: ExperimentConfig) -> None:
    """Suits every config."""


class ChoiceInput(Input):
    """A field for one of several names: ← and → choose the previous or next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1)", show=False),
        Binding("right", "choose(1)", show=False),
    ]

    def __init__(self, names: Sequence[str], value: str, *, id: str) -> None:
        super().__init__(value, id=id, compact=True)
        self._names = names

    def action_choose(self, direction: int) -> None:
        """Choose the next or previous name; from what is none, the first or last."""
        self.value = next_name(self._names, self.value, direction)
        self.cursor_position = len(self.value)


def next_name(names: Sequence[str], typed: str, direction: int) -> str:
    """The name after or before the typed one, cyclically.

    >>> next_name(("adamw", "sgd"), "sgd", 1), next_name(("adamw", "sgd"), "no name", -1)
    ('adamw', 'sgd')
    """
    if typed.strip() in names:
        return names[(names.index(typed.strip()) + direction) % len(names)]
    return names[0 if direction > 0 else -1]


class FormDialog(Dialog[ExperimentConfig | None]):
    """Returns the config to start with, or ``None``."""

    DEFAULT_CSS = (
        frame_css("FormDialog", height="96%", max_height="30", padding="0 2")
        + """
    FormDialog VerticalScroll { height: 1fr; }
    FormDialog Grid { grid-size: 2; grid-columns: 26 1fr; grid-rows: 1; height: auto; }
    FormDialog Label { color: $text-muted; }
    FormDialog Label.-changed { color: $accent; }
    FormDialog Input { border: none; height: 1; padding: 0; background: $background; }
    FormDialog Input:focus { border: none; color: $accent; }
    FormDialog #about { height: 2; margin: 1 0 0 0; color: $text-muted; }
    FormDialog #verdict { height: 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", priority=True),
        Binding("enter", "start", priority=True),
        Binding("down", "app.focus_next", priority=True),
        Binding("up", "app.focus_previous", priority=True),
    ]

    def __init__(
        self,
        config: ExperimentConfig,
        title: str = "all settings: restart with",
        check: Callable[[ExperimentConfig], None] = _any_config,
        field: str = FIRST_FIELD,
    ) -> None:
        """It opens at a ``field``.

        ``check`` raises ``InvalidValue`` for a config that does not suit.
        """
        super().__init__()
        self._config = config
        self._title = title
        self._check = check
        self._first = field
        self._options = {f"field-{each.field}": each for each in options_of(type(config))}
        self._texts = as_texts(config)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            box.border_subtitle = "↑↓ tab move · ←→ choose · enter starts · esc cancels"
            with VerticalScroll(can_focus=False), Grid():
                for name, option in self._options.items():
                    mark = CHOICES_MARK if isinstance(option.takes, Name) else ""
                    yield Label(option.name + mark, id=f"label-{option.field}")
                    yield _field_of(option, self._texts[option.field], name)
            yield Static(id="about")
            yield Static(id="verdict")

    def on_mount(self) -> None:
        self.query_one(f"#field-{self._first}", Input).focus()
        self._validate()

    def on_input_changed(self, message: Input.Changed) -> None:
        option = self._options[str(message.input.id)]
        label = self.query_one(f"#label-{option.field}", Label)
        label.set_class(message.value.strip() != self._texts[option.field], "-changed")
        self._validate()

    def on_descendant_focus(self) -> None:
        self._validate()

    def _typed(self) -> ExperimentConfig:
        texts = {
            option.field: with_added(
                option.takes, self._texts[option.field], self.query_one(f"#{name}", Input).value
            )
            for name, option in self._options.items()
        }
        changed = {name: text for name, text in texts.items() if text != self._texts[name]}
        config = config_with(self._config, changed)
        self._check(config)
        return config

    def _validate(self) -> None:
        """Explain the focused field, and say what would be trained or what is invalid."""
        option = self._options.get(str(self.focused.id)) if self.focused is not None else None
        self.query_one("#about", Static).update(Content(_about(option) if option else ""))
        try:
            verdict = Content.assemble(("✓ ", "$text-success"), outcome(self._typed(), option))
        except InvalidValue as error:
            verdict = Content.styled(f"✗ {error}", "$text-error")
        self.query_one("#verdict", Static).update(verdict)

    def action_start(self) -> None:
        try:
            self.dismiss(self._typed())
        except InvalidValue as error:
            self.notify(str(error), title="cannot start", severity="error", timeout=5, markup=False)


def _field_of(option: Option, text: str, id: str) -> Input:
    """The field for an option; typing into a list adds to it."""
    if isinstance(option.takes, Name):
        return ChoiceInput(tuple(option.takes.known), text, id=id)
    return Input(text, id=id, compact=True, select_on_focus=not option.takes.is_list)


def _about(option: Option) -> str:
    """What an option is, and how a value is chosen or added."""
    if isinstance(option.takes, Name):
        return f"{option.help} ← → choose one."
    if option.takes.is_list:
        return f"{option.help} +x adds x to the list."
    return option.help


def outcome(config: ExperimentConfig, option: Option | None) -> str:
    """What a config trains, and for about how long; of a list, the values too."""
    lanes = lane_count(config)
    length = rough_duration(expected_seconds(config, usable_cores()))
    groups = "kind" if config.kind == DICTIONARIES else "model"
    of = f"{_counted(len(config.groups), groups)} × {_counted(len(config.settings), 'setting')}"
    of += f" × {config.restarts} restarts" if config.restarts > 1 else ""
    trained = f"{_counted(lanes, 'lane')} ({of}) from step 0, {length} at full speed"
    if option is None or not option.takes.is_list:
        return trained
    return f"{trained} · {option.name} {option.show(getattr(config, option.field))}"


def _counted(count: int, noun: str) -> str:
    return f"{grouped(count)} {noun}{'s' * (count != 1)}"
