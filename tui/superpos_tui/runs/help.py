"""Help on the list of runs: its keys, what its columns mean, and the glossary."""

from collections.abc import Iterable

from superpos_tui.dialogs.glossary import GLOSSARY
from superpos_tui.dialogs.help import Chapter, Passage, glossary_chapter, key_passages
from superpos_tui.runs.columns import CHECKS, DONE, LOSS, NAME, SHAPES, STATE
from superpos_tui.views.key import Key

COLUMNS = (
    Passage(NAME.title, "The folder of the run."),
    Passage(
        STATE.title,
        "training; paused; silent: no sign of life for a while; failed; stopped before its last "
        "step; finished.",
    ),
    Passage(DONE.title, "The share of its steps that is done."),
    Passage(LOSS.title, "The lowest loss of its lanes."),
    Passage(CHECKS.title, "How many checks of its experiment pass, of those that apply."),
    Passage("n, m, S, …", "Settings, one column for each that differs between the runs."),
    Passage(SHAPES.title, "The shapes that its features form, setting by setting."),
)


def help_chapters(keys: Iterable[Key]) -> tuple[Chapter, ...]:
    """The chapters about the list with these keys."""
    return (
        Chapter("Keys: the list of runs", key_passages(keys)),
        Chapter("Columns", COLUMNS),
        glossary_chapter(GLOSSARY),
    )
