"""The command line, in separate processes: what it refuses and how, and what it imports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.program import PROGRAM, environment
from tests.folders import files_in

from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.models import MODELS
from superpos_core.version import version
from superpos_tui.look.theme_names import THEME_NAMES

DEADLINE = 90.0
HEAVY = ("torch", "textual", "matplotlib", "numba", "plotext")

# Arguments, and what the one line about them must name: the value, the reason, the choices.
REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "S = 1": (["--sparsity", "1"], ["--sparsity", "1", "0 <= S < 1"]),
    "S = 1 among others": (["--sparsity", "0,0.9,1"], ["--sparsity", "1", "0 <= S < 1"]),
    "S below 0": (["--sparsity", "-0.1"], ["--sparsity", "-0.1", "0 <= S < 1"]),
    "S above 1": (["--sparsity", "1.5"], ["--sparsity", "1.5", "0 <= S < 1"]),
    "S is not a number": (["--sparsity", "abc"], ["--sparsity", "abc", "not a number"]),
    "S is nan": (["--sparsity", "nan"], ["--sparsity", "nan"]),
    "no S": (["--sparsity", ""], ["--sparsity", "nothing to train"]),
    "the same S twice": (["--sparsity", "0.9,0.90"], ["--sparsity", "0.9", "twice"]),
    "no features": (["--features", "0"], ["--features", "0", "at least one"]),
    "negative features": (["--features", "-3"], ["--features", "-3"]),
    "too many features": (["--features", "99999999"], ["--features", "99999999"]),
    "features are not a number": (["--features", "many"], ["--features", "many"]),
    "no hidden dimension": (["--hidden", "0"], ["--hidden", "0", "at least one"]),
    "half a dimension": (["--hidden", "2.5"], ["--hidden", "2.5"]),
    "no steps": (["--steps", "0"], ["--steps", "0", "at least one"]),
    "steps are not a whole number": (["--steps", "1.5"], ["--steps", "1.5", "whole number"]),
    "thousands or decimals": (["--steps", "10.000"], ["--steps", "10.000", "point"]),
    "two seeds": (["--seed", "3", "--seed", "4"], ["--seed", "3 and 4", "one of them"]),
    "two names": (["--view", "live", "--view=sweep"], ["--view", "live and sweep"]),
    "two folders": (["--export", "a", "--export", "b"], ["--export", "a and b"]),
    "threads are not a number": (["--threads", "all"], ["--threads", "all", "whole number"]),
    "frames are not a number": (["--fps", "fast"], ["--fps", "fast", "not a number"]),
    "a list of no folder": (["--list-runs", "nowhere"], ["--list-runs nowhere", "no such folder"]),
    "JSON of nothing": (["--json"], ["--json", "choose --list-runs DIR"]),
    "an unknown user's home": (["--export", "~nobody-i-know/o"], ["--export", "./~nobody-i-know"]),
    "a focus on a missing model": (
        ["--model", "tied", "--focus", "linear"],
        ["--focus", "linear", "choose tied"],
    ),
    "a focus on a missing setting": (["--focus", "tied,9"], ["--focus", "from 0 to 4"]),
    "a focus on no setting": (["--focus", "tied,x"], ["--focus", "x", "whole number"]),
    "a map of other sizes": (
        ["--experiment", "phase", "--features", "5"],
        ["--features", "5", "2 with hidden 1"],
    ),
    "a map of two models": (
        ["--experiment", "phase", "--model", "tied,linear"],
        ["--model", "tied,linear", "choose tied"],
    ),
    "a map without a sweep": (
        ["--experiment", "phase", "--sweep", "none", "--sweep-values", ""],
        ["--sweep", "none", "last-importance"],
    ),
    "more memory than there is": (
        ["--features", "4096", "--hidden", "4096", "--restarts", "100k"],
        ["--restarts", "100000", "TiB", "choose 1"],
    ),
    "no batch": (["--batch", "0"], ["--batch", "0", "at least one"]),
    "a seed below 0": (["--seed", "-1"], ["--seed", "-1", "from 0"]),
    "a seed too large": (["--seed", str(2**64)], ["--seed", str(2**64)]),
    "no importance": (["--importance", "0"], ["--importance", "0", "positive"]),
    "an importance that overflows": (["--importance", "9"], ["--importance", "9", "overflows"]),
    "importance is nan": (["--importance", "nan"], ["--importance", "nan"]),
    "no learning rate": (["--learning-rate", "0"], ["--learning-rate", "0", "above 0"]),
    "learning rate is infinite": (["--learning-rate", "inf"], ["--learning-rate", "inf"]),
    "weight decay below -1000": (
        ["--weight-decay", "-1001"],
        ["--weight-decay", "-1001", "from -1000"],
    ),
    "no frames": (["--fps", "0"], ["--fps", "0", "above 0"]),
    "too many frames": (["--fps", "1000"], ["--fps", "1000", "60"]),
    "a model misspelt": (["--model", "tide"], ["--model", "tide", "mean tied", *MODELS]),
    "one model misspelt": (["--model", "tied,lineer"], ["--model", "lineer", "mean linear"]),
    "no model": (["--model", ""], ["--model", "nothing to train"]),
    "a model twice": (["--model", "tied,tied"], ["--model", "tied", "twice"]),
    "an experiment misspelt": (
        ["--experiment", "twnty"],
        ["--experiment", "twnty", "mean twenty", *EXPERIMENTS],
    ),
    "a theme misspelt": (["--theme", "nigth"], ["--theme", "nigth", "mean night", *THEME_NAMES]),
    "an option misspelt": (["--modle", "tied"], ["--modle", "--model"]),
    "an option without its value": (["--seed"], ["--seed"]),
    "an argument": (["tied"], ["tied"]),
}

REFUSED_BEFORE_TRAINING: dict[str, tuple[list[str], list[str]]] = {
    "an unknown format": (["--formats", "bmp"], ["--formats", "bmp", "png, svg, pdf or saelens"]),
    "no format": (["--formats", ""], ["--formats", "png, svg, pdf or saelens"]),
}

REFUSED_DEVICES = {"cuda:99": "a device that is not there", "quantum": "one that never was"}


def run_program(
    *arguments: str, folder: Path, python: tuple[str, ...] = (), **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run the program as a script would: all its streams are pipes."""
    return subprocess.run(
        [sys.executable, *python, *PROGRAM, *arguments],
        env=environment(folder / "state", **changes),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """The one line in which the program says why it refuses."""
    assert "Traceback" not in result.stderr, result.stderr
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("superpos-tui: ")
    return lines[0]


# ── help and version ──────────────────────────────────────────────────────────────────────────


def test_help_has_groups_and_examples(tmp_path: Path) -> None:
    result = run_program("--help", folder=tmp_path)
    assert result.returncode == 0
    assert result.stderr == ""
    for heading in ("Experiment:", "Training:", "Screen:", "Export:", "Examples:"):
        assert heading in result.stdout
    for option in ("--model", "--sparsity", "--importance", "--export", "--formats", "--fps"):
        assert option in result.stdout
    assert run_program("-h", folder=tmp_path).stdout == result.stdout


def test_help_fits_in_eighty_columns(tmp_path: Path) -> None:
    lines = run_program("--help", folder=tmp_path).stdout.splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_the_version_is_the_library_s(tmp_path: Path) -> None:
    result = run_program("--version", folder=tmp_path)
    assert result.returncode == 0
    assert version() in result.stdout
    assert run_program("-V", folder=tmp_path).stdout == result.stdout


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("--sparsity", "1")])
def test_quick_answers_import_nothing_heavy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = run_program(*arguments, folder=tmp_path, python=("-X", "importtime"))
    lines = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines}
    assert {"superpos_tui", "superpos_core", "click"} <= imported
    assert not imported & set(HEAVY)


# ── what it refuses ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.sampled(10)
def test_an_invalid_value_gets_one_line_with_the_value_the_reason_and_the_choices(
    case: str, tmp_path: Path
) -> None:
    arguments, expected = REFUSED[case]
    line = refusal(run_program(*arguments, folder=tmp_path))
    assert [text for text in expected if text not in line] == [], line


@pytest.mark.parametrize("case", REFUSED_BEFORE_TRAINING)
def test_an_impossible_export_is_refused_before_training(case: str, tmp_path: Path) -> None:
    arguments, expected = REFUSED_BEFORE_TRAINING[case]
    result = run_program("--export", "out", "--steps", "1000000", *arguments, folder=tmp_path)
    line = refusal(result)
    assert [text for text in expected if text not in line] == [], line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("device", REFUSED_DEVICES.keys(), ids=REFUSED_DEVICES.values())
def test_an_unusable_device_is_refused_with_the_usable_ones(device: str, tmp_path: Path) -> None:
    line = refusal(run_program("--export", "out", "--device", device, folder=tmp_path))
    assert line.startswith(f"superpos-tui: --device {device}: ")
    assert "cpu" in line
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    for folder in ("a file", "a file/out"):
        result = run_program("--export", folder, "--steps", "1000000", folder=tmp_path)
        assert folder in refusal(result)


def test_an_export_to_nowhere_is_refused(tmp_path: Path) -> None:
    """A script passes an empty value when its variable is empty."""
    assert "--export" in refusal(run_program("--export", "", "--steps", "1", folder=tmp_path))


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    """Shells do not expand it in ``--export=~/x``."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "out").touch()
    line = refusal(run_program("--export=~/out", folder=tmp_path, HOME=str(home)))
    assert str(home / "out") in line
    assert not (tmp_path / "~").exists()


def test_formats_are_checked_without_an_export_too(tmp_path: Path) -> None:
    """The key `e` uses them; an error only then would be late."""
    assert "bmp" in refusal(run_program("--formats", "bmp", folder=tmp_path))


# ── where there is no terminal ────────────────────────────────────────────────────────────────


def test_a_pipe_gets_one_line_that_names_the_export(tmp_path: Path) -> None:
    assert "--export" in refusal(run_program(folder=tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_show_the_program_gets_one_line_that_names_the_export(
    term: str, tmp_path: Path
) -> None:
    from tests.end_to_end.terminal import Terminal

    with Terminal(
        [], environment=environment(tmp_path, TERM=term), folder=tmp_path, size=(200, 10)
    ) as terminal:
        assert terminal.wait_for_exit() == 2
        lines = bytes(terminal.output).decode().splitlines()
        assert len(lines) == 1, lines
        assert "--export" in lines[0]
        assert b"\x1b" not in terminal.output


# ── what it accepts ───────────────────────────────────────────────────────────────────────────


def test_typed_options_override_the_experiment(tmp_path: Path) -> None:
    typed = "--model tied,linear --sparsity 0,0.9 --features 8 --hidden 2 --importance 1"
    training = "--steps 20 --batch 16 --learning-rate 0.01 --weight-decay 0 --seed 3"
    result = run_program(*f"{typed} {training} --export out --formats svg".split(), folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stderr + result.stdout

    summary = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert summary["experiment"] == "twenty"
    expected = {
        "models": ["tied", "linear"],
        "sparsities": [0.0, 0.9],
        "features": 8,
        "hidden": 2,
        "importance": 1.0,
        "steps": 20,
        "batch": 16,
        "learning_rate": 0.01,
        "weight_decay": 0.0,
        "seed": 3,
    }
    assert {name: summary["config"][name] for name in expected} == expected
    lanes = [(lane["model"], lane["sparsity"]) for lane in summary["lanes"]]
    assert lanes == [("tied", 0), ("tied", 0.9), ("linear", 0), ("linear", 0.9)]

    written = sorted(files_in(tmp_path / "out"))
    assert sorted(Path(line).name for line in result.stdout.splitlines()) == written
    assert {"gram-tied.svg", "gram-linear.svg", "loss.svg"} <= set(written)
    assert not [name for name in written if name.endswith((".png", ".part"))]
