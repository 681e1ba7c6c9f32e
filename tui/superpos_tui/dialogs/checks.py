"""The verdicts of an experiment on the current weights: expected vs. observed."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from superpos_core.experiments.checks.check import Verdict
from superpos_core.experiments.checks.quantities import LOSS_OVER_LINEAR
from superpos_core.record.record import Record
from superpos_tui.dialogs.frame import MUTED, frame_css
from superpos_tui.process.sturdy import Dialog

MARKS = {True: ("✓", "$text-success"), False: ("✗", "$text-error"), None: ("–", MUTED)}


class ChecksDialog(Dialog[None]):
    """Shows all verdicts; misses are highlighted."""

    DEFAULT_CSS = (
        frame_css("ChecksDialog", width=90, max_height="90%", padding="0 2")
        + f"""
    ChecksDialog Horizontal {{ height: auto; }}
    ChecksDialog Horizontal > .label {{ width: 14; padding-left: 4; color: {MUTED}; }}
    ChecksDialog Horizontal > .text {{ width: 1fr; }}
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,C,q,enter", "dismiss(None)")]

    def __init__(self, name: str, record: Record, verdicts: Sequence[Verdict]) -> None:
        super().__init__()
        self._heading = f"{name}: checks at {_moment_of(record)}"
        self._verdicts = verdicts

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = self._heading
            box.border_subtitle = f"{_losses_note(self._verdicts)}esc closes"
            yield from _listing(self._verdicts)


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


def _listing(verdicts: Sequence[Verdict]) -> Iterator[Widget]:
    """Each check with its mark, what was expected and what was observed."""
    if not verdicts:
        yield Static("This experiment has no checks.")
    for verdict in verdicts:
        mark, style = MARKS[verdict.passed]
        yield Static(Content.assemble((f"{mark} ", style), (verdict.check, "bold")))
        yield _labelled("expected", Content(verdict.expected))
        yield _labelled("observed", Content.styled(verdict.observed, style))


def _labelled(label: str, text: Content) -> Widget:
    """A text beside its label; what wraps is indented."""
    return Horizontal(Static(label, classes="label"), Static(text, classes="text"))
