"""The verdicts of an experiment on the current weights: expected vs. observed."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from superpos_core.experiments.checks.check import Verdict
from superpos_core.experiments.checks.quantities import LOSS_OVER_LINEAR
from superpos_core.record.record import Record
from superpos_tui.dialogs.frame import MUTED, frame_css
from superpos_tui.process.sturdy import Dialog

MARKS = {True: ("✓", "$text-success"), False: ("✗", "$text-error"), None: ("–", MUTED)}


class ChecksDialog(Dialog[None]):
    """Shows all verdicts; misses are highlighted."""

    DEFAULT_CSS = frame_css("ChecksDialog", width=90, max_height="90%", padding="0 2")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,C,q,enter", "dismiss(None)")]

    def __init__(self, name: str, record: Record, verdicts: Sequence[Verdict]) -> None:
        super().__init__()
        self._heading = f"{name}: checks at {_moment_of(record)}"
        self._verdicts = verdicts

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = self._heading
            box.border_subtitle = f"{_losses_note(self._verdicts)}esc closes"
            yield Static(listing(self._verdicts))


def _moment_of(record: Record) -> str:
    """The step, or how much is done of a kind of record that counts none."""
    if record.steps:
        return f"step {record.newest_step:,}"
    return f"{record.share_done:.0%} of the {record.title}"


def _losses_note(verdicts: Sequence[Verdict]) -> str:
    """On which data L / L_linear was measured, if it was."""
    name = LOSS_OVER_LINEAR.name
    is_measured = any(name in f"{each.check} {each.expected}" for each in verdicts)
    return f"{name} on fresh rows · " if is_measured else ""


def listing(verdicts: Sequence[Verdict]) -> Content:
    """Each check with its mark, what was expected and what was observed."""
    if not verdicts:
        return Content("This experiment has no checks.")
    lines: list[Content] = []
    for verdict in verdicts:
        mark, style = MARKS[verdict.passed]
        lines += [
            Content.assemble((f"{mark} ", style), (verdict.check, "bold")),
            Content.assemble(("    expected  ", MUTED), verdict.expected),
            Content.assemble(("    observed  ", MUTED), (verdict.observed, style)),
        ]
    return Content("\n").join(lines)
