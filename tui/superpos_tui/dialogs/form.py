"""The form: every setting at once, validated as the user types; then a restart, or none."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, VerticalScroll
from textual.widgets import Input, Label, Static

from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.process.sturdy import Dialog
from superpos_tui.settings.typed import as_texts, config_with


def _any_config(config: ExperimentConfig) -> None:
    """Suits every config."""


class FormDialog(Dialog[ExperimentConfig | None]):
    """Returns the config to restart with, or ``None``."""

    DEFAULT_CSS = (
        frame_css("FormDialog", padding="0 2")
        + """
    FormDialog Grid { grid-size: 2; grid-columns: 24 1fr; grid-rows: 1; height: auto; }
    FormDialog Label { color: $text-muted; }
    FormDialog Input { border: none; height: 1; padding: 0; background: $background; }
    FormDialog Input:focus { border: none; color: $accent; }
    FormDialog #verdict { height: 2; margin: 1 0 0 0; }
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
        title: str = "restart with",
        check: Callable[[ExperimentConfig], None] = _any_config,
    ) -> None:
        """``check`` raises ``InvalidValue`` for a config that does not suit."""
        super().__init__()
        self._config = config
        self._title = title
        self._check = check
        self._options = options_of(type(config))

    def compose(self) -> ComposeResult:
        texts = as_texts(self._config)
        with VerticalScroll(can_focus=False) as box:
            box.border_title = self._title
            box.border_subtitle = "enter starts · ↑↓ tab move · esc cancels"
            with Grid():
                for option in self._options:
                    yield Label(option.name)
                    yield Input(texts[option.field], id=f"field-{option.field}", compact=True)
            yield Static(id="verdict")

    def on_mount(self) -> None:
        self.query_one("#field-features", Input).focus()
        self._validate()

    def on_input_changed(self) -> None:
        self._validate()

    def on_descendant_focus(self) -> None:
        self._validate()

    def _typed(self) -> ExperimentConfig:
        texts = {
            option.field: self.query_one(f"#field-{option.field}", Input).value
            for option in self._options
        }
        config = config_with(self._config, texts)
        self._check(config)
        return config

    def _validate(self) -> None:
        """Explain the focused field, or say what is invalid."""
        verdict = self.query_one("#verdict", Static)
        try:
            self._typed()
        except InvalidValue as error:
            verdict.update(f"[$text-error]✗ {str(error).replace('[', chr(92) + '[')}[/]")
        else:
            verdict.update(f"[$text-success]✓[/] {self._help_of_focus()}")

    def _help_of_focus(self) -> str:
        focused = self.focused
        for option in self._options:
            if focused is not None and focused.id == f"field-{option.field}":
                return option.help
        return "all settings are valid"

    def action_start(self) -> None:
        try:
            self.dismiss(self._typed())
        except InvalidValue as error:
            self.notify(str(error), title="cannot start", severity="error", timeout=5)
