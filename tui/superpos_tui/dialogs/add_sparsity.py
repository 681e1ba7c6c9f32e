"""One field for a sparsity to add to those of the run."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of, read_options
from superpos_tui.dialogs.form import outcome
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.process.sturdy import Dialog
from superpos_tui.settings.typed import config_with, with_added

FIELD = "sparsities"


@dataclass(frozen=True)
class Added:
    """A config with a sparsity, and that sparsity: the config is the same if it was there."""

    config: ExperimentConfig
    sparsity: float


def add_typed(config: ExperimentConfig, typed: str) -> Added:
    """The config with one or more typed sparsities; ascending sparsities stay so.

    Raises ``InvalidValue`` for what is no sparsity, and for a config that cannot be trained.
    """
    option = next(each for each in options_of(type(config)) if each.field == FIELD)
    there = config.sparsities
    given: tuple[float, ...] = read_options(type(config), {FIELD: typed.strip(" +")})[FIELD]
    option.check(given)
    new = tuple(sparsity for sparsity in given if sparsity not in there)
    if not new:
        return Added(config, given[0])
    texts = with_added(option.takes, option.show(there), f"+{option.show(new)}")
    return Added(config_with(config, {FIELD: texts}), new[0])


class AddSparsityDialog(Dialog[Added | None]):
    """Returns what was added, or ``None``."""

    DEFAULT_CSS = (
        frame_css("AddSparsityDialog", width=64, padding="1 2")
        + """
    AddSparsityDialog Horizontal { height: 1; margin: 0 0 1 0; }
    AddSparsityDialog Label { width: auto; color: $text-muted; }
    AddSparsityDialog Input, AddSparsityDialog Input:focus {
        border: none; height: 1; padding: 0; width: 1fr; background: $background; color: $accent;
    }
    AddSparsityDialog #verdict { height: 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", priority=True),
        Binding("enter", "add", priority=True),
    ]

    def __init__(self, config: ExperimentConfig) -> None:
        super().__init__()
        self._config = config

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "add a sparsity"
            box.border_subtitle = "enter restarts with it · esc cancels"
            with Horizontal():
                yield Label("S = ")
                yield Input(placeholder="such as 0.95", compact=True)
            yield Static(id="verdict")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._show_verdict("")

    def on_input_changed(self, message: Input.Changed) -> None:
        self._show_verdict(message.value)

    def _show_verdict(self, typed: str) -> None:
        """What would be trained, or what is invalid; before anything is typed, what there is."""
        self.query_one("#verdict", Static).update(_verdict(self._config, typed))

    def action_add(self) -> None:
        try:
            self.dismiss(add_typed(self._config, self.query_one(Input).value))
        except InvalidValue as error:
            self.query_one("#verdict", Static).update(_refused(error))


def _verdict(config: ExperimentConfig, typed: str) -> Content:
    option = next(each for each in options_of(type(config)) if each.field == FIELD)
    if not typed.strip(" +"):
        return Content.styled(f"now: {option.show(config.sparsities)}", "$text-muted")
    try:
        added = add_typed(config, typed)
    except InvalidValue as error:
        return _refused(error)
    if added.config == config:
        return Content(f"S {added.sparsity:g} is trained already: enter shows it")
    return Content.assemble(("✓ ", "$text-success"), outcome(added.config, option))


def _refused(error: InvalidValue) -> Content:
    return Content.styled(f"✗ {error}", "$text-error")
