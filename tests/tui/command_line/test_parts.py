"""Parts of the command line: names, options, and the command that recreates a screen."""

import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.errors import InvalidValue, known_name, printable
from superpos_core.experiments import EXPERIMENTS, Experiment, Trial
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.decay import DECAYED
from superpos_core.task.models import MODELS
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.options import options_of
from superpos_core.task.schedules import SCHEDULES
from superpos_core.task.starts import STARTS
from superpos_core.training.jobs import check_trainable
from superpos_tui.command_line import cli
from superpos_tui.command_line.help_text import GroupedOption
from superpos_tui.command_line.request import Request, request_from
from superpos_tui.process.terminal import terminal_problem
from superpos_tui.selection import Focus
from superpos_tui.settings.dials import dials_of
from superpos_tui.settings.recreating import command_for
from superpos_tui.settings.typed import as_texts, config_with
from superpos_tui.views.registry import VIEWS


def parsed(words: list[str]) -> Request:
    """The parsed request; raises what the program would report."""
    context = cli.command.make_context("superpos-tui", words)
    return request_from(context.params)


# ── names and options ─────────────────────────────────────────────────────────────────────────


def test_names_are_known_in_small_and_capital_letters() -> None:
    words = (
        "--experiment Intro --model TIED --model Linear --view GEOMETRY --theme Paper"
        " --engine FUSED --device CPU --optimiser SGD --focus LINEAR,1 --distribution Signed"
        " --learning-rate-schedule COSINE --sweep NONE --formats PNG --formats svg"
    )
    request = parsed(words.split())
    config = request.trials[0].config
    assert (config.name, config.models) == ("intro", ("tied", "linear"))
    assert (config.optimiser, config.distribution, config.sweep) == ("sgd", "signed", "none")
    assert config.learning_rate_schedule == "cosine"
    assert (request.view, request.theme) == ("geometry", "paper")
    assert (request.engine.engine, request.engine.device) == ("fused", "cpu")
    assert request.focus == Focus("linear", 1)
    assert request.formats == ("png", "svg")


def test_the_form_reads_what_the_command_line_reads() -> None:
    config = EXPERIMENTS["twenty"].config
    typed = {"steps": "20k", "batch": "1e2", "models": "TIED,Linear", "optimiser": "SGD"}
    changed = config_with(config, typed)
    assert (changed.steps, changed.batch) == (20_000, 100)
    assert (changed.models, changed.optimiser) == (("tied", "linear"), "sgd")


def test_lists_are_concatenated_and_flags_may_be_repeated() -> None:
    words = "--sparsity .5 --sparsity .9,.95 --quick --quick --seed 3 --seed 3"
    config = parsed(words.split()).trials[0].config
    assert config.sparsities == (0.5, 0.9, 0.95)
    assert config.seed == 3


WITH_VALUES = [p for p in cli.command.params if isinstance(p, GroupedOption) and not p.is_flag]


@pytest.mark.parametrize("option", WITH_VALUES, ids=[each.opts[0] for each in WITH_VALUES])
def test_no_option_loses_one_of_two_values(option: GroupedOption) -> None:
    words = [option.opts[0], "1", option.opts[0], "2"]
    if option.is_list:
        context = cli.command.make_context("superpos-tui", words)
        assert context.params[str(option.name)] == "1,2"
        return
    with pytest.raises(InvalidValue, match=f"^{option.opts[0].lstrip('-')} 1 and 2: .* choose one"):
        cli.command.make_context("superpos-tui", words)


def test_a_value_in_a_message_is_one_short_line() -> None:
    with pytest.raises(InvalidValue) as caught:
        known_name("model", "a\nb\x1b[31m" + "c" * 10_000, MODELS)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
    assert printable("Ŵ x̂") == "Ŵ x̂"


def test_dials_of_a_map_refuse_what_a_map_cannot_train() -> None:
    config = EXPERIMENTS["phase"].config
    importance = next(dial for dial in dials_of(type(config)) if dial.name.startswith("importance"))
    with pytest.raises(InvalidValue, match="phase diagram"):
        importance.turned(config, 0, -1)


# ── the command that recreates a screen ───────────────────────────────────────────────────────


@st.composite
def screens(draw: st.DrawFn) -> tuple[Trial, str, Focus]:
    """Any screen; the focus may be left over from a previous run."""
    of = draw(st.sampled_from(list(EXPERIMENTS.values())))
    experiment: Experiment | None = of
    config = of.config
    turned: dict[str, st.SearchStrategy[Any]] = {
        "seed": st.integers(0, 2**63 - 1),
        "steps": st.integers(100, 10_000_000),
        "learning_rate": st.floats(1e-9, 10),
        "weight_decay": st.floats(-1000, 1000),
        "decay_of": st.sampled_from(sorted(DECAYED)),
        "batch": st.integers(1, 2048),
        "restarts": st.integers(1, 20),
        "optimiser": st.sampled_from(sorted(OPTIMISERS)),
        "learning_rate_schedule": st.sampled_from(sorted(SCHEDULES)),
        "momentum": st.floats(0, 0.999),
        "initial": st.sampled_from(sorted(STARTS)),
        "initial_scale": st.floats(1e-3, 100),
        "hidden_penalty": st.floats(0, 1000),
        "importance": st.floats(1e-3, 1),
        "models": st.lists(st.sampled_from(sorted(MODELS)), min_size=1, unique=True).map(tuple),
        "sparsities": st.lists(st.floats(-0.0, 0.99), min_size=1, max_size=5, unique=True).map(
            tuple
        ),
        "features": st.integers(2, 30),
        "hidden": st.integers(1, 10),
        "sweep": st.just("none"),
    }
    for name in draw(st.sets(st.sampled_from(sorted(turned)), max_size=6)):
        changed = {name: draw(turned[name])}
        if name == "sweep":
            changed["sweep_values"] = ()
        try:
            candidate = replace(config, **changed)
            check_trainable(candidate)
        except InvalidValue:
            continue
        config = candidate
    is_cell: bool = draw(st.booleans())
    if is_cell and config.sweep_values:
        config = replace(
            config,
            name=f"{config.name}-cell",
            sparsities=config.sparsities[:1],
            sweep_values=config.sweep_values[-1:],
            kind=LANES,
        )
        experiment = None
    focus = Focus(draw(st.sampled_from([*MODELS, "gone"])), draw(st.integers(0, 60)))
    return Trial(config, experiment), draw(st.sampled_from(sorted(VIEWS))), focus


@given(screens())
def test_the_command_is_valid_and_recreates_the_screen(
    screen: tuple[Trial, str, Focus],
) -> None:
    trial, view, focus = screen
    config = trial.config
    command = command_for(config, view, focus, experiment=trial.experiment)
    request = parsed(shlex.split(command)[1:])
    recreated = request.trials[0].config
    joins = focus.model in MODELS and focus.model not in recreated.models
    if not joins and focus.model in MODELS and focus.model not in config.models:
        config = replace(config, models=(*config.models, focus.model))
    assert replace(recreated, name=config.name) == config
    assert recreated.name in (config.name, "twenty")
    assert request.view == view
    if focus.model in config.models and focus.setting < len(config.settings):
        assert (request.focus.model, request.focus.setting) == (focus.model, focus.setting)


def test_every_setting_can_be_typed_as_it_is_shown() -> None:
    for experiment in EXPERIMENTS.values():
        config = experiment.config
        of_other_kinds = {
            each.field for each in options_of(type(config)) if each.kind not in ("", config.kind)
        }
        shown = {
            name: text for name, text in as_texts(config).items() if name not in of_other_kinds
        }
        assert config_with(config, shown) == config
    assert {option.name for option in options_of(ExperimentConfig) if option.takes.is_list} == {
        "correlation", "dictionary", "model", "sparsity", "sweep-values",
    }  # fmt: skip


# ── terminals ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("platform", "term", "is_shown"),
    [
        ("linux", "xterm-256color", True),
        ("linux", None, False),
        ("linux", "", False),
        ("linux", "dumb", False),
        ("darwin", "UNKNOWN", False),
        ("win32", None, True),
        ("win32", "", True),
        ("win32", "dumb", False),
    ],
)
def test_a_terminal_needs_a_name_except_on_windows(
    platform: str, term: str | None, is_shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("superpos_tui.process.terminal._is_terminal", lambda stream: True)
    monkeypatch.setattr("superpos_tui.process.terminal.sys.platform", platform)
    reason = terminal_problem({} if term is None else {"TERM": term})
    assert (reason is None) == is_shown
    assert reason is None or ("TERM" in reason and "--export" in reason)
