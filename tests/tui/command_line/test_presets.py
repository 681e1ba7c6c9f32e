"""Options from the config file and the environment; what is typed counts before them."""

import os
import shlex
from pathlib import Path

import click
import pytest
from tests.tui.command_line.asking import context, refusal, request_in, shown

from superpos_tui.command_line.presets import applicable, presets
from superpos_tui.selection import Focus
from superpos_tui.settings.recreating import command_for

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
    assert "no such file" in refusal("--config", str(file.with_name("missing")))
    assert "config" in refusal("--config", "")
    assert "config" in refusal("--config", "a\0b")


def test_a_file_that_the_user_did_not_name_may_be_out_of_reach(file: Path) -> None:
    """As in somebody else's home, or where a file has the name of the folder."""
    file.mkdir()
    assert f"# {file} (is a directory)" in shown(context())
    file.rmdir()
    file.parent.rmdir()
    file.parent.touch()
    assert f"# {file} (not a directory)" in shown(context())


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
