"""Completion in the shell: the names that options take, and the script that asks for them.

The shell starts the program at each press of tab, so nothing heavy may be imported for it.
"""

from collections.abc import Iterable, Mapping

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    add_completion_class,
    get_completion_class,
)

from superpos_core.errors import known_name

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "superpos-tui"
VARIABLE = "_SUPERPOS_TUI_COMPLETE"
"""How the script asks: click looks for it before anything else."""
FILES = {"DIR": "dir", "FILE": "file"}
"""What options with these placeholders take, in click's words."""

Names = Mapping[str, str] | Iterable[str]
"""Names, perhaps with what each of them is."""


@add_completion_class
class Bash(BashComplete):
    """Click's, which does not expect the words of ``--theme=pa`` as bash has them."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one to complete, and that: ``=`` is a word of its own in bash."""
        words, incomplete = super().get_completion_args()
        if words and words[-1] == "=":
            words.pop()
        return words, "" if incomplete == "=" else incomplete


@add_completion_class
class Fish(FishComplete):
    """Click's, with values that contain commas."""

    source_template = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


def script_for(shell: str) -> str:
    """The script that lets a shell complete; raises ``InvalidValue`` for an unknown shell."""
    found = get_completion_class(known_name("completion", shell, SHELLS))
    assert found is not None
    return found(click.Command(PROGRAM), {}, PROGRAM, VARIABLE).source()


def described(registry: Mapping[str, object]) -> dict[str, str]:
    """The names in a registry, each with the title or the summary of its entry."""
    return {
        name: str(getattr(entry, "summary", None) or getattr(entry, "title", ""))
        for name, entry in registry.items()
    }


def completions(names: Names, incomplete: str, *, is_list: bool) -> list[CompletionItem]:
    """The names that start as typed; in a list, after what has been typed before the last comma."""
    before, comma, typed = incomplete.rpartition(",") if is_list else ("", "", incomplete)
    described = names if isinstance(names, Mapping) else dict.fromkeys(names, "")
    return [
        CompletionItem(f"{before}{comma}{name}", help=meaning or None)
        for name, meaning in described.items()
        if name.startswith(typed.lower()) and name not in before.split(",")
    ]
