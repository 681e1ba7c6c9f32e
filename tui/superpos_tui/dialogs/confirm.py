"""The question before a long run is thrown away."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from superpos_core.record.snapshot import Snapshot
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.drawing.numbers import grouped, rough_duration
from superpos_tui.process.sturdy import Dialog


class ConfirmDialog(Dialog[bool]):
    """Returns whether to go on."""

    DEFAULT_CSS = frame_css("ConfirmDialog", width=60, padding="1 2")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)"),
        Binding("escape,n,q", "answer(False)"),
    ]

    def __init__(self, title: str, question: str, yes: str, no: str) -> None:
        """``yes`` and ``no`` say what the answers lead to."""
        super().__init__()
        self._title = title
        self._question = question
        self._answers = (("enter", yes), ("esc", no))

    def compose(self) -> ComposeResult:
        text = Text(self._question + "\n")
        for key, meaning in self._answers:
            text.append(f"\n{key:<7}", style="bold")
            text.append(meaning)
        with Vertical() as box:
            box.border_title = self._title
            yield Static(text)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)


def told(snapshot: Snapshot) -> str:
    """How far a run has come, such as ``twenty has trained for 3 min: step 8,000 of 10,000``."""
    config, record = snapshot.config, snapshot.record
    took = rough_duration(snapshot.seconds_training).removeprefix("about ")
    if record.steps:
        done = f"step {grouped(record.newest_step)} of {grouped(config.steps)}"
    else:
        done = f"{record.share_done:.0%} of the {record.title}"
    return f"{config.name} has trained for {took}: {done}."
