"""What to do after training has failed."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from superpos_tui.dialogs.frame import frame_css
from superpos_tui.process.sturdy import Dialog


class FailureDialog(Dialog[str]):
    """Why training stopped; returns ``retry``, ``quit`` or ``look``."""

    DEFAULT_CSS = frame_css("FailureDialog", colour="$error")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "choose('retry')", "try again"),
        Binding("q,ctrl+q", "choose('quit')", "quit"),
        Binding("escape", "choose('look')", "view the results so far"),
    ]

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "training stopped"
            yield Static(self._text())

    def show_reason(self, reason: str) -> None:
        """Show a newer failure."""
        self._reason = reason
        for text in self.query(Static):
            text.update(self._text())

    def _text(self) -> Text:
        text = Text(self._reason, style="bold")
        return text.append(
            "\n\nr  restart from step 0\nq  quit\nesc  view the results so far", style="not bold"
        )

    def action_choose(self, choice: str) -> None:
        """Close with the choice."""
        self.dismiss(choice)
