"""``--show-config``: each value with where it is from, as a config file."""

import shlex
import tomllib
from pathlib import Path

import pytest
from tests.tui.command_line.asking import context, request_in, shown

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_tui.command_line import cli
from superpos_tui.command_line.presets import settable
from superpos_tui.command_line.show import is_default, without_chosen
from superpos_tui.keys import table_of_keys
from superpos_tui.settings.remembered import Memory, Remembered
from superpos_tui.views.registry import VIEWS


def test_each_value_is_shown_with_where_it_is_from(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('\ntheme = "paper"\nsparsity = [0, 0.9]\n')
    monkeypatch.setenv("SUPERPOS_STEPS", "200")
    text = shown(context("--seed", "3"))
    lines = {line.split(" = ")[0]: line for line in text.splitlines() if " = " in line}
    for name, value, origin in (
        ("theme", '"paper"', "line 2"),
        ("sparsity", "[0, 0.9]", "line 3"),
        ("steps", "200", "SUPERPOS_STEPS"),
        ("seed", "3", "command line"),
        ("# features", "20", "the run twenty"),
        ("# pace", '"watch"', "default"),
    ):
        assert f"= {value} " in lines[name]
        assert lines[name].endswith(f"# {origin}")
    assert text.startswith(f"# {file}\n")
    options = text.partition("[keys]")[0].splitlines()
    assert len({line.rindex("  # ") for line in options if " = " in line}) == 1


def test_every_option_that_can_be_set_is_shown(file: Path) -> None:
    text = shown(context())
    assert f"# {file} (no such file or directory)" in text
    assert tomllib.loads(text) == {"keys": {}}
    for option in settable(cli.command):
        assert f"\n# {option.long_name} = " in text
    assert {each.name for each in options_of(ExperimentConfig)} <= {
        each.long_name for each in settable(cli.command)
    }


def test_what_is_shown_is_a_config_file_that_sets_the_same(file: Path) -> None:
    words = '--sparsity 0,0.9 --model tied --steps 20k --theme paper --quick --sweep-values ""'
    before = shown(context(*shlex.split(words)))
    file.write_text(before)
    after = shown(context())
    assert tomllib.loads(before) == tomllib.loads(after)
    assert request_in(context()).trials == request_in(context(*shlex.split(words))).trials


def test_every_key_is_shown_by_its_id_with_what_it_does(file: Path) -> None:
    file.write_text('[keys]\npause = ["ctrl+r", ";"]\n')
    text = shown(context())
    for key in table_of_keys(VIEWS.values()):
        assert f"\n{'' if key.id == 'pause' else '# '}{key.id} = " in text
    assert 'pause = ["ctrl+r", ";"]                   # line 2' in text
    assert tomllib.loads(text) == {"keys": {"pause": ["ctrl+r", ";"]}}


def test_what_is_remembered_is_shown_unless_it_is_set(file: Path) -> None:
    memory = Memory.of_user()
    assert memory is not None
    memory.keep(Remembered(theme="dusk", pace="slow", view="phase"))
    assert [line for line in shown(context("--pace", "full")).splitlines() if "remembered" in line]
    request = request_in(context("--pace", "full"))
    counts = without_chosen(request, memory.recall()[0])
    assert counts == Remembered(theme="dusk"), "this run is no phase diagram"


def test_the_view_of_last_time_opens_only_if_nothing_else_was_asked_for(file: Path) -> None:
    last = Remembered(view="geometry")
    assert without_chosen(request_in(context("--seed", "1")), last) == last
    for words in (["--view", "live"], ["--experiment", "intro"], ["--focus", "tied,1"]):
        assert without_chosen(request_in(context(*words)), last) == Remembered()


def test_only_who_starts_the_default_as_it_is_may_be_new_here(file: Path) -> None:
    for words in ([], ["--pace", "full"], ["--view", "geometry"], ["--theme", "dusk"]):
        assert is_default(request_in(context(*words)))
    for words in (["--experiment", "intro"], ["--seed", "1"], ["--steps", "100"]):
        assert not is_default(request_in(context(*words)))
