"""What completes a command line; ``tests/end_to_end/test_completion.py`` asks real shells."""

from collections.abc import Sequence

import pytest
from click.shell_completion import CompletionItem, ShellComplete

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.models import MODELS
from superpos_tui.command_line.cli import command
from superpos_tui.command_line.completion import SHELLS, Bash, script_for
from superpos_tui.command_line.help_text import GroupedOption
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.views.registry import VIEWS


def offered(*words: str) -> Sequence[CompletionItem]:
    *before, incomplete = words
    shell = ShellComplete(command, {}, "superpos-tui", "_X")
    return shell.get_completions(list(before), incomplete)


def names(*words: str) -> list[str]:
    return [item.value for item in offered(*words)]


@pytest.mark.parametrize(
    ("option", "known"),
    [
        ("experiment", [*EXPERIMENTS, "all"]),
        ("model", MODELS),
        ("theme", THEME_NAMES),
        ("view", VIEWS),
        ("completion", SHELLS),
    ],
)
def test_names_are_offered(option: str, known: Sequence[str]) -> None:
    assert names(f"--{option}", "") == list(known)
    first = next(iter(known))
    assert first in names(f"--{option}", first[:2].upper())


def test_what_a_name_means_is_offered_too() -> None:
    assert [item.help for item in offered("--experiment", "twent")] == [EXPERIMENTS["twenty"].title]


def test_in_a_list_the_last_name_is_completed_and_none_is_offered_twice() -> None:
    rest = [f"tied,{name}" for name in MODELS if name != "tied"]
    assert names("--model", "tied,") == rest
    assert names("--formats", "png,p") == ["png,pdf"]


def test_every_option_is_offered_and_every_placeholder_has_its_kind() -> None:
    for option in command.params:
        if not isinstance(option, GroupedOption):
            continue
        assert option.opts[0] in names("--")
        kinds = {item.type for item in offered(option.opts[0], "")} if not option.is_flag else set()
        if option.metavar in ("DIR", "FILE"):
            assert kinds == {option.metavar.lower()}
        elif option.metavar == "NAME" and option.long_name != "layout":
            assert kinds == {"plain"}, f"{option.long_name} offers no names"
    assert {item.type for item in offered("ou")} == {"file"}


def test_bash_has_an_equals_sign_as_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for typed, wanted in (("=\nd", "d"), ("=", "")):
        monkeypatch.setenv("COMP_WORDS", f"superpos-tui\n--theme\n{typed}")
        monkeypatch.setenv("COMP_CWORD", str(2 + typed.count("\n")))
        found = Bash(command, {}, "superpos-tui", "_X").get_completion_args()
        assert found == (["--theme"], wanted)


def test_fish_keeps_the_commas_of_a_value() -> None:
    assert 'string split --max 1 ","' in script_for("fish")


def test_there_is_a_script_for_each_shell_and_for_no_other() -> None:
    for shell in SHELLS:
        assert "_SUPERPOS_TUI_COMPLETE" in script_for(shell.upper())
    with pytest.raises(InvalidValue, match="bash, zsh or fish"):
        script_for("tcsh")
