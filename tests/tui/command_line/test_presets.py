"""Options from the config file and the environment; what is typed counts before them."""

import os
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_tui.command_line import cli
from superpos_tui.command_line.config_file import InvalidPreset
from superpos_tui.command_line.presets import applicable, bound_keys, located, presets, settable
from superpos_tui.command_line.request import Request, request_from
from superpos_tui.command_line.show import is_default, without_chosen
from superpos_tui.command_line.show_config import config_shown
from superpos_tui.keys import table_of_keys
from superpos_tui.selection import Focus
from superpos_tui.settings.recreating import command_for
from superpos_tui.settings.remembered import Memory, Remembered
from superpos_tui.views.registry import VIEWS


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's config file, not there yet; nothing is remembered either."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = tmp_path / "superpos-tui" / "config.toml"
    path.parent.mkdir()
    return path


def context(*words: str) -> click.Context:
    return cli.command.make_context("superpos-tui", list(words))


def request_in(ctx: click.Context) -> Request:
    return request_from(applicable(ctx.params, ctx))


def requested(*words: str) -> Request:
    """The checked request; raises what the program reports."""
    ctx = context(*words)
    try:
        bound_keys(ctx.obj)
        return request_in(ctx)
    except InvalidValue as error:
        raise located(error, ctx) from None


def refusal(*words: str) -> str:
    """The one line about what is wrong, as the program says it."""
    with pytest.raises(InvalidValue) as caught:
        requested(*words)
    is_typed = not isinstance(caught.value, InvalidPreset)
    return f"--{caught.value}" if is_typed else str(caught.value)


def shown(ctx: click.Context) -> str:
    return config_shown(ctx, request_in(ctx), bound_keys(ctx.obj))


# ── precedence ────────────────────────────────────────────────────────────────────────────────


def test_typed_counts_before_a_variable_and_a_variable_before_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('steps = 100\nseed = 1\nsparsity = [0.5, 0.9]\ntheme = "paper"\nquick = true\n')
    monkeypatch.setenv("SUPERPOS_STEPS", "200")
    monkeypatch.setenv("SUPERPOS_SEED", "2")
    monkeypatch.setenv("SUPERPOS_THEME", "")  # as good as unset
    ctx = context("--steps", "300", "--sparsity", "0.7")
    request = request_in(ctx)
    config = request.trials[0].config
    assert (config.steps, config.seed, config.sparsities) == (300, 2, (0.7,))
    assert (request.theme, ctx.params["quick"]) == ("paper", True)
    assert presets(ctx) == {"seed", "theme", "quick"}


def test_a_flag_can_be_switched_off_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("quick = true")
    monkeypatch.setenv("SUPERPOS_QUICK", "0")
    ctx = context()
    assert ctx.params["quick"] is False
    assert presets(ctx) == frozenset()


def test_every_kind_of_value_is_read_as_it_would_be_typed(file: Path) -> None:
    file.write_text(
        'sparsity = "0,0.9"\nmodel = ["tied", "linear"]\nlearning-rate = 1e-3\nsteps = "20k"\n'
        "batch = 1_000\nsweep-values = []\nfps = 12.5\n"
    )
    request = request_in(context())
    config = request.trials[0].config
    assert (config.sparsities, config.models) == ((0.0, 0.9), ("tied", "linear"))
    assert (config.learning_rate, config.steps, config.batch) == (0.001, 20_000, 1000)
    assert (config.sweep_values, request.frames_per_second) == ((), 12.5)


def test_another_file_can_be_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("seed = 1")
    other = tmp_path / "other.toml"
    other.write_text("seed = 2")
    assert request_in(context("--config", str(other))).trials[0].config.seed == 2
    monkeypatch.setenv("SUPERPOS_CONFIG", str(other))
    assert request_in(context()).trials[0].config.seed == 2
    assert request_in(context("--config", os.devnull)).trials[0].config.seed == 0


def test_what_is_opened_keeps_its_own_settings(file: Path, tmp_path: Path) -> None:
    """A preset says what to train, not what somebody else's weights were trained with."""
    file.write_text('experiment = "intro"\nsteps = 7\nquick = true\ntheme = "paper"\n')
    ctx = context(str(tmp_path), "--seed", "5")
    given = applicable(ctx.params, ctx)
    assert (given["experiment"], given["quick"], given["steps"]) == ("twenty", False, None)
    assert (given["seed"], given["theme"]) == ("5", "paper")
    assert applicable(context().params, context())["steps"] == "7"


def test_a_copied_command_means_the_same_beside_presets(file: Path) -> None:
    """Options that a preset would set otherwise are spelled out."""
    file.write_text('steps = 7\nexperiment = "intro"\nquick = true\nview = "weights"\n')
    preset = presets(context())
    run = request_in(context("--experiment", "twenty", "--steps", "10000", "--config", os.devnull))
    trial = run.trials[0]
    command = command_for(
        trial.config, "live", Focus("tied"), experiment=trial.experiment, preset=preset
    )
    again = request_in(context(*shlex.split(command)[1:]))
    assert again.trials[0].config == trial.config
    assert again.view == "live"


# ── what is refused ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("\ntheem = 'paper'", ["line 2", "theem", "did you mean theme?"]),
        ("seed = 1\nlearning_rate = 1", ["line 2", "learning_rate", "did you mean learning-rate?"]),
        ("export = 'out'", ["line 1", "export", "no such option"]),
        ("# twice\nsparsity = 2", ["line 2", "sparsity 2", "0 <= S < 1"]),
        ("seed = 1.5", ["line 1", "seed 1.5", "whole number"]),
        ("theme = 'neon'", ["line 1", "theme neon", "night"]),
        ("view = ['live', 'sweep']", ["line 1", "view live,sweep", "no such view"]),
        ("quick = 'yes'", ["line 1", "quick yes", "true or false"]),
        ("seed = true", ["line 1", "seed true", "a number"]),
        ("seed = 2024-01-01", ["line 1", "seed 2024-01-01"]),
        ("seed = [[1]]", ["line 1", "seed"]),
        ("[seed]\nx = 1", ["line 1", "seed"]),
        ("[kees]\npause = 'p'", ["line 1", "kees", "did you mean keys?"]),
        ("keys = 3", ["line 1", "keys 3", "[keys]"]),
        ("[keys]\npause = 3", ["line 2", "pause 3", '"ctrl+r"']),
        ("[keys]\npause = []", ["line 2", "pause", '"ctrl+r"']),
        ("[keys]\n# a\npauze = 'p'", ["line 3", "pauze", "did you mean pause?"]),
        ("[keys]\nreset = 'ö'\npause = 'r'", ["line 3", "pause r", "reseed has that key too"]),
        ("keys.pause = 'hyper+r'", ["line 1", "pause hyper+r", "no such key"]),
        ("seed\n", ["not TOML", "line 1"]),
        ("seed = 1\nseed = 2", ["not TOML"]),
        ("x = " + "[" * 100_000, ["not TOML"]),
        ("\x00", ["not TOML"]),
    ],
)
def test_a_bad_file_is_told_in_one_line(file: Path, content: str, told: list[str]) -> None:
    file.write_text(content)
    line = refusal()
    assert line.isprintable()
    assert len(line) < 500
    for each in (str(file), *told):
        assert each in line


def test_a_file_that_cannot_be_read_is_told(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\xff")
    assert "UTF-8" in refusal()
    file.unlink()
    file.mkdir()
    assert str(file) in refusal()
    assert "no such file" in refusal("--config", str(file / "missing"))
    assert "config" in refusal("--config", "")
    assert "config" in refusal("--config", "a\0b")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SUPERPOS_THEM", "paper", ["SUPERPOS_THEM", "did you mean SUPERPOS_THEME?"]),
        ("SUPERPOS_EXPORT", "out", ["SUPERPOS_EXPORT", "no such variable"]),
        ("SUPERPOS_QUICK", "perhaps", ["SUPERPOS_QUICK perhaps", "1 or 0"]),
        ("SUPERPOS_LEARNING_RATE", "fast", ["SUPERPOS_LEARNING_RATE fast", "number"]),
    ],
)
def test_a_bad_variable_is_told_in_one_line(
    file: Path, variable: str, value: str, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    line = refusal()
    assert line.isprintable()
    assert not line.startswith("--")
    for each in told:
        assert each in line


def test_help_and_version_work_beside_a_damaged_file(file: Path) -> None:
    file.write_text("=")
    for word in ("--help", "--version"):
        with pytest.raises(click.exceptions.Exit):
            context(word)


# ── --show-config ─────────────────────────────────────────────────────────────────────────────


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
    assert f"# {file} (not there yet)" in text
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
