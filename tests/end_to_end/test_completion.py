"""Completion in the shells that are installed: bash everywhere, others where there are any."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.program import PROGRAM, environment

DEADLINE = 120.0
ASK_BASH = """
source <(superpos-tui --completion bash)
ask() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _superpos_tui_completion superpos-tui
    echo "${COMPREPLY[*]}"
}
"""
ASK_FISH = """
superpos-tui --completion fish | source
function ask; complete -C (string join " " -- $argv) | cut -f 1 | string join " "; end
"""
# zsh completes only while a line is edited: what would be offered is printed instead.
ASK_ZSH = """
compdef() { }
source <(superpos-tui --completion zsh)
compadd() { print -r -- ${completions_with_descriptions%%:*} ${completions} }
_describe() { print -r -- ${${(P)3}%%:*} }
ask() { words=("$@"); CURRENT=$#; _superpos_tui_completion }
"""
ASKED = {
    ("--theme", "pa"): "paper",
    ("--model", "tied,li"): "tied,linear",
    ("--experiment", "pha"): "phase phase-3",
}
"""Words on the command line, and what completes the last of them."""


def run(tmp_path: Path, *command: str) -> str:
    """What a shell prints that finds the program as it would an installed one."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "superpos-tui"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P {" ".join(PROGRAM)} "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    result = subprocess.run(
        command,
        env=environment(tmp_path, PATH=path),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert result.stderr == ""
    return result.stdout


@pytest.mark.parametrize(
    ("shell", "ask"),
    [
        ("bash --norc -c", ASK_BASH),
        pytest.param("zsh -f -c", ASK_ZSH, marks=pytest.mark.thorough),
        pytest.param("fish --no-config -c", ASK_FISH, marks=pytest.mark.thorough),
    ],
    ids=["bash", "zsh", "fish"],
)
def test_a_shell_completes_names(shell: str, ask: str, tmp_path: Path) -> None:
    command = shell.split()
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    questions = [" ".join(["ask superpos-tui", *words]) for words in ASKED]
    printed = run(tmp_path, *command, "\n".join([ask, *questions]))
    assert [line.strip() for line in printed.splitlines()] == list(ASKED.values())


def test_nothing_heavy_is_imported_to_complete(tmp_path: Path) -> None:
    code = (
        "import sys, atexit\n"
        "heavy = {'torch', 'textual', 'matplotlib', 'numba', 'plotext'}\n"
        "atexit.register(lambda: print(heavy & set(sys.modules)))\n"
        "from superpos_tui.__main__ import main\nmain()"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=environment(
            tmp_path,
            _SUPERPOS_TUI_COMPLETE="bash_complete",
            COMP_WORDS="superpos-tui\n--steps=1\n--view\nge",
            COMP_CWORD="3",
        ),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert result.stdout.splitlines() == ["plain,geometry", "set()"]
