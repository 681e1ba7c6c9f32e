"""``--export``: what is written, what is printed and where, and how it ends when stopped."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from rich.console import Console
from tests.scripted_engine import ManualClock, ScriptedEngine

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial, experiment_named
from superpos_core.experiments.checks.check import Verdict
from superpos_core.figures import registry
from superpos_core.figures.drawing import draw_here
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.kinds import ModelFigure
from superpos_core.files.export import export
from superpos_core.files.run_folder import Manifest
from superpos_core.files.storage import WriteError
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.job import EngineFactory
from superpos_core.training.run import Progress, train
from superpos_tui.headless import export_headless, runs
from superpos_tui.headless.drawing_processes import drawing_processes
from superpos_tui.headless.narrator import Narrator
from superpos_tui.headless.progress import PlainLines, rate_text
from superpos_tui.headless.results import lanes_table, verdict_lines

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ExperimentConfig(
    "small", features=4, hidden=2, models=("tied",), sparsities=(0.0, 0.9), batch=8, steps=20
)


def scripted_train(
    config: ExperimentConfig, on_progress: Progress | None, engine: EngineFactory
) -> Snapshot:
    return train(config, on_progress, ScriptedEngine)


@pytest.fixture
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "train", scripted_train)
    monkeypatch.setattr(runs, "usable_cores", lambda: 1)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def program(body: str) -> subprocess.Popen[str]:
    """A fresh interpreter that runs ``body`` with signals as a shell gives them."""
    prelude = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    path = os.pathsep.join(str(ROOT / source) for source in ("core", "tui", "."))
    return subprocess.Popen(
        [sys.executable, "-c", prelude + body],
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.usefixtures("_scripted")
def test_paths_are_on_stdout_and_progress_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export_headless([Trial(CONFIG)], tmp_path / "out", ("png",), EngineChoice()) == 0
    said = capsys.readouterr()
    paths = [Path(line) for line in said.out.splitlines()]
    assert sorted(paths) == sorted((tmp_path / "out").iterdir())
    assert [path.name for path in paths[:5]] == [
        "run.json", "weights.safetensors", "loss.csv", "summary.json", "gram-tied.png",
    ]  # fmt: skip
    assert "trained 2 lanes for 20 steps" in said.err
    assert "scripted on cpu" in said.err


def test_the_table_bounds_the_sum_of_dimensionalities_by_features_and_dimensions() -> None:
    sizes = ((6, 2, 2), (3, 6, 3))
    for features, hidden, bound in sizes:
        config = {"features": features, "hidden": hidden}
        table, _ = lanes_table({"config": config, "lanes": []})
        assert table.columns[-1].header == f"ΣD of {bound}"


@pytest.mark.usefixtures("_scripted")
def test_the_table_shows_the_values_of_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    export_headless([Trial(CONFIG)], tmp_path, ("svg",), EngineChoice())
    header, *rows = capsys.readouterr().err.splitlines()[-3:]
    assert " ".join(header.split()) == "lane represented of 4 L/L_linear D* ΣD of 2"
    lanes = json.loads((tmp_path / "summary.json").read_text("utf-8"))["lanes"]
    for row, lane in zip(rows, lanes, strict=True):
        assert row.split() == [
            "tied",
            f"S={lane['sparsity']:g}",
            str(lane["represented"]),
            f"{lane['loss_over_linear']:.3f}",
            f"{lane['dimensions_per_feature']:.3f}",
            f"{lane['sum_dimensionality']:.3f}",
        ]


def summary_of(config: ExperimentConfig) -> dict[str, Any]:
    """A summary of the lanes with made-up measures."""
    measures = ("loss_over_linear", "dimensions_per_feature", "sum_dimensionality")
    lanes = [
        {
            "model": lane.model,
            "sparsity": lane.sparsity,
            "swept": lane.swept,
            "seed": lane.seed,
            "loss_minimised": None if lane.seed == 0 else 1 / lane.seed,
            "represented": 0,
            **dict.fromkeys(measures, 1.0),
        }
        for lane in config.lanes
    ]
    return {"config": config.as_dict(), "lanes": lanes}


def shown(config: ExperimentConfig) -> list[str]:
    """The lines of the table of lanes, then the line that says which lanes are shown."""
    console = Console(width=100, file=io.StringIO(), record=True)
    table, which = lanes_table(summary_of(config))
    console.print(table)
    return [*(line.rstrip() for line in console.export_text().splitlines()), which]


def test_the_table_distinguishes_restarts_and_swept_values() -> None:
    config = replace(
        CONFIG, restarts=2, sparsities=(0.9,), sweep="first-density", sweep_values=(0.5, 2.0)
    )
    names = [line.split("  ")[0] for line in shown(config)[1:-1]]
    assert names == [
        "tied S=0.9 ×0.5 seed 0",
        "tied S=0.9 ×0.5 seed 1",
        "tied S=0.9 ×2 seed 0",
        "tied S=0.9 ×2 seed 1",
    ]


MANY = tuple(number / 1000 for number in range(400))


@pytest.mark.parametrize(
    ("changes", "rows", "which"),
    [
        ({"restarts": 10}, 2, "2 of 20 lanes: the lowest loss per setting"),
        ({"sparsities": MANY}, 18, "18 of 400 lanes: evenly spread"),
        (
            {"sparsities": MANY, "restarts": 3},
            18,
            "18 of 1,200 lanes: the lowest loss per setting, evenly spread",
        ),
    ],
)
def test_the_table_of_many_lanes_fits_one_screen(
    changes: dict[str, Any], rows: int, which: str
) -> None:
    lines = shown(replace(CONFIG, **changes))
    assert len(lines) == rows + 2
    assert lines[-1] == which
    if "restarts" in changes:
        last = changes["restarts"] - 1
        assert all(f"seed {last} " in line for line in lines[1:-1]), "it has the lowest loss"


def test_checks_that_do_not_apply_share_one_line() -> None:
    passed = Verdict("a", "1", "1", True)
    others = [Verdict("b", "2", "this run changed features", None) for _ in range(9)]
    assert verdict_lines([passed]) == [passed.line]
    assert verdict_lines([passed, others[0]]) == [passed.line, others[0].line]
    assert verdict_lines([passed, *others]) == [
        passed.line,
        "not applicable: 9 of 10 checks: this run changed features",
    ]


@pytest.mark.usefixtures("_scripted")
def test_a_measure_that_is_not_finite_is_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With m = n the linear optimum is 0, so the ratio to it is not finite."""
    export_headless([Trial(replace(CONFIG, hidden=4))], tmp_path, ("svg",), EngineChoice())
    assert "—" in capsys.readouterr().err.splitlines()[-1].split()


@pytest.mark.usefixtures("_scripted")
def test_several_runs_get_one_folder_each_and_a_table_of_outcomes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = experiment_named("twenty")
    twenty = Trial(replace(experiment.config, steps=20), experiment)
    assert export_headless([Trial(CONFIG), twenty], tmp_path, ("svg",), EngineChoice()) == 0
    assert names_in(tmp_path) == {"small", "twenty"}
    err = capsys.readouterr().err
    assert "1 of 2: small" in err
    *_, small, last, together = (line.split() for line in err.splitlines())
    assert (small[0], small[2:]) == ("small", ["0", "of", "0"])
    passed = err.count("pass: ")
    assert (last[0], last[2:]) == ("twenty", [str(passed), "of", "10"])
    assert together[2:] == last[2:]


def test_files_written_to_subfolders_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "twenty"
    paths = [folder / "loss.csv", folder / "a.png", tmp_path / "intro" / "b"]
    Narrator(written=paths).say_what_was_written("stopped", tmp_path)
    line = " ".join(capsys.readouterr().err.split())
    assert line.endswith(": twenty (2 files), intro (1 file)")


def test_processes_draw_the_same_as_one_alone(tmp_path: Path) -> None:
    """The figures of a run come from different processes, one run after another."""
    said: list[str] = []
    with drawing_processes(2, said.append) as draw:
        for number, model in enumerate(("tied", "untied")):
            config = replace(CONFIG, models=(model,), sparsities=(0.9,))
            snapshot = train(config, engine=ScriptedEngine)
            alone = list(export(snapshot, tmp_path / f"alone-{number}", ("svg",), 1.0))
            together = list(
                export(snapshot, tmp_path / f"together-{number}", ("svg",), 1.0, draw=draw)
            )
            assert [path.name for path in together] == [path.name for path in alone]
            for one, other in zip(alone, together, strict=True):
                assert one.read_bytes() == other.read_bytes()
    assert said == []


def test_with_one_thread_there_are_no_processes() -> None:
    with drawing_processes(1, lambda _: None) as draw:
        assert draw is draw_here


@pytest.mark.parametrize(
    ("formats", "folder", "name"), [(("gif",), "out", "formats"), (("png",), "file", "export")]
)
def test_invalid_input_is_refused_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, formats: Sequence[str], folder: str, name: str
) -> None:
    (tmp_path / "file").touch()

    def refuse(*_: object) -> Snapshot:
        raise AssertionError("trained too early")

    monkeypatch.setattr(runs, "train", refuse)
    with pytest.raises(InvalidValue) as caught:
        export_headless([Trial(CONFIG)], tmp_path / folder, formats, EngineChoice())
    assert caught.value.name == name


@pytest.fixture
def _untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Snapshot:
        raise AssertionError("trained too early")

    monkeypatch.setattr(runs, "train", refuse)


@pytest.mark.usefixtures("_untrained")
@pytest.mark.parametrize("overwrite", [False, True])
def test_every_folder_is_checked_before_the_first_run_trains(
    tmp_path: Path, overwrite: bool
) -> None:
    trials = [Trial(replace(CONFIG, name=name)) for name in ("first", "second", "third")]
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "summary.json").write_bytes(b"mine")
    with pytest.raises(InvalidValue, match=r"third: its summary\.json is no file of a run"):
        export_headless(trials, tmp_path, ("svg",), EngineChoice(), overwrite=overwrite)


@pytest.mark.usefixtures("_scripted")
def test_a_run_is_replaced_only_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several = replace(CONFIG, models=("tied", "untied"), sparsities=(0.9,))
    alone = replace(several, models=("tied",))
    assert export_headless([Trial(several)], tmp_path, ("svg",), EngineChoice()) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with monkeypatch.context() as untrained:
        untrained.setattr(runs, "train", None)
        with pytest.raises(InvalidValue, match="--overwrite"):
            export_headless([Trial(alone)], tmp_path, ("svg",), EngineChoice())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert export_headless([Trial(alone)], tmp_path, ("svg",), EngineChoice(), overwrite=True) == 0
    assert names_in(tmp_path) == {name for name in before if "untied" not in name}


def test_a_run_that_appears_in_the_folder_meanwhile_is_left_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs that train at once do not know of each other."""
    folder, other = tmp_path / "out", replace(CONFIG, features=5)

    def train_beside_another(
        config: ExperimentConfig, on_progress: Progress, engine: EngineFactory
    ) -> Snapshot:
        list(export(train(other, engine=ScriptedEngine), folder, ("svg",), 1.0))
        return scripted_train(config, on_progress, engine)

    monkeypatch.setattr(runs, "train", train_beside_another)
    monkeypatch.setattr(runs, "usable_cores", lambda: 1)
    assert export_headless([Trial(CONFIG)], folder, ("svg",), EngineChoice()) == 0
    assert names_in(tmp_path) == {"out", "out-2"}
    records = [Manifest.read(tmp_path / name) for name in ("out", "out-2")]
    assert [record.config["features"] for record in records if record] == [5, 4]
    said = capsys.readouterr()
    assert f"writing this run to {tmp_path / 'out-2'}" in said.err
    assert {Path(line).parent.name for line in said.out.splitlines()} == {"out-2"}


@pytest.mark.usefixtures("_scripted")
def test_a_figure_that_fails_affects_no_other_and_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Figure:
        raise ZeroDivisionError("there is\nnothing to divide by")

    broken = ModelFigure("gram", "a figure that cannot be drawn", fail)
    figures = {"gram": broken, "loss": FIGURES["loss"]}
    monkeypatch.setattr(registry, "ORDINARY", tuple(figures.values()))
    monkeypatch.setattr(registry, "FIGURES", figures)
    trials = [Trial(replace(CONFIG, name=name)) for name in ("first", "second")]
    assert export_headless(trials, tmp_path, ("svg",), EngineChoice()) == 1
    said = capsys.readouterr()
    reason = "gram-tied could not be drawn: ZeroDivisionError: there is nothing to divide by"
    assert said.err.splitlines().count(reason) == 2
    assert said.err.splitlines()[-1] == (
        f"superpos-tui: some figures are missing; written to {tmp_path}: "
        "first (5 files), second (5 files)"
    )
    assert "loss.svg" in names_in(tmp_path / "first")
    assert len(said.out.splitlines()) == 10


INTERRUPTED = """
import sys
from pathlib import Path
from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_tui.headless import drawing_processes, export_headless, runs
from tests.end_to_end.test_headless import CONFIG, scripted_train

# Each process records its first figure, and then takes forever.
drawing_processes.PROGRAM = drawing_processes.PROGRAM.replace(
    "main()", "import tests.end_to_end.slow_drawing; main()"
)
runs.train = scripted_train
sys.exit(export_headless([Trial(CONFIG)], Path("out"), ("png", "svg"), EngineChoice(threads=2)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.sampled(2)
def test_a_signal_while_figures_are_drawn_ends_the_wait_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    started = tmp_path / "started"
    started.mkdir()
    monkeypatch.chdir(tmp_path)
    with program(INTERRUPTED) as process:
        assert process.stdout is not None
        names = [Path(process.stdout.readline().strip()).name for _ in range(4)]
        while len(names_in(started)) < 2:
            assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert len(names_in(started)) == 2
    assert names_in(tmp_path / "out") == set(names)
    assert err.splitlines()[-1].endswith(f"; written to out: {', '.join(names)}")


@pytest.mark.usefixtures("_scripted")
def test_a_failed_write_is_reported_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[Path]:
        yield tmp_path / "weights.safetensors"
        raise WriteError(tmp_path / "loss.csv", OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(runs, "export", fail)
    assert export_headless([Trial(CONFIG)], tmp_path, ("png",), EngineChoice()) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"superpos-tui: cannot write {tmp_path / 'loss.csv'}: no space left on device; "
        f"written to {tmp_path}: weights.safetensors"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.usefixtures("_scripted")
@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, "stopped by Ctrl-C"),
        (signal.SIGTERM, 143, "ended by SIGTERM"),
    ],
)
def test_after_a_signal_while_writing_the_complete_files_are_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    code: int,
    words: str,
) -> None:
    def stopped(*arguments: object, **options: object) -> Iterator[Path]:
        paths = export(*arguments, **options)  # type: ignore[arg-type]
        yield next(paths)
        yield next(paths)
        os.kill(os.getpid(), number)
        yield from paths

    before = signal.getsignal(number)
    monkeypatch.setattr(runs, "export", stopped)
    assert export_headless([Trial(CONFIG)], tmp_path, ("png",), EngineChoice()) == code
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"superpos-tui: {words}; written to {tmp_path}: run.json, weights.safetensors"
    )
    assert names_in(tmp_path) == {"run.json", "weights.safetensors"}
    assert signal.getsignal(number) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_a_signal_lost_in_a_callback_is_checked_for_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killer:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def losing_train(
        config: ExperimentConfig, on_progress: Progress, engine: EngineFactory
    ) -> Snapshot:
        killer = Killer()
        del killer  # Python drops exceptions raised in here
        return scripted_train(config, on_progress, engine)

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    monkeypatch.setattr(runs, "train", losing_train)
    assert export_headless([Trial(CONFIG)], tmp_path, ("png",), EngineChoice()) == 143
    assert "ended by SIGTERM; nothing was written" in capsys.readouterr().err


def test_lines_of_progress_are_few() -> None:
    """One line per tenth of the steps, at most one per second, none before the first step."""
    said: list[str] = []
    clock = ManualClock()
    lines = PlainLines(100, said.append, clock)
    for step in range(101):
        lines.show(at_step(step))
        clock.pass_time(0.25 if step < 50 else 0.03)
    assert said == ["step 10 of 100", "step 20 of 100", "step 30 of 100", "step 40 of 100",
                    "step 50 of 100", "step 84 of 100"]  # fmt: skip


def test_a_slow_run_reports_progress_every_half_minute() -> None:
    said: list[str] = []
    clock = ManualClock()
    lines = PlainLines(1000, said.append, clock)
    for step in range(4):
        lines.show(at_step(step))
        clock.pass_time(20)
    assert said == ["step 2 of 1,000"]


@cache
def last_of_run() -> Snapshot:
    return train(CONFIG, engine=ScriptedEngine)


def at_step(step: int) -> Snapshot:
    last = last_of_run()
    record = last.record_as(LanesRecord)
    cohorts = {model: replace(cohort, step=step) for model, cohort in record.cohorts.items()}
    return replace(last, record=replace(record, cohorts=cohorts), steps_per_second=0.0)


def test_the_time_left_follows_from_the_rate() -> None:
    snapshot = train(CONFIG, engine=ScriptedEngine)
    longer = replace(CONFIG, steps=20 + 3725 * 4)
    record = replace(snapshot.record, config=longer)
    left = replace(snapshot, record=record, steps_per_second=4.0)
    assert rate_text(left) == "4 steps/s, 1:02:05 left"
    assert rate_text(replace(left, steps_per_second=0.0)) == ""


REAL = """
import sys
from pathlib import Path
from superpos_core.task.config import ExperimentConfig
from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_tui.headless import export_headless, progress

light = {{"torch", "matplotlib", "textual"}} & set(sys.modules)
progress.PLAIN_LINE_SHARE = 0
config = ExperimentConfig(
    "real", features=6, hidden=2, models=("untied",), sparsities=(0.9,), batch=16, steps={steps}
)
code = export_headless([Trial(config)], Path({folder!r}), ("png",), EngineChoice())
print("textual" in sys.modules, light or "light")
raise SystemExit(code)
"""


def test_a_real_run_in_its_own_process(tmp_path: Path) -> None:
    with program(REAL.format(steps=50, folder=str(tmp_path))) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    *paths, last = out.splitlines()
    assert last == "False light"
    assert {Path(path).name for path in paths} == names_in(tmp_path)
    (lane,) = json.loads((tmp_path / "summary.json").read_text("utf-8"))["lanes"]
    assert (lane["steps"], lane["model"]) == (50, "untied")
    assert lane["loss_total"] > 0
    assert "untied S=0.9" in err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize(
    ("line", "number", "code"),
    [
        ("loading", "SIGINT", 130),
        ("loading", "SIGTERM", 143),
        ("loading", "SIGHUP", 129),
        ("step", "SIGINT", 130),
    ],
)
@pytest.mark.sampled(3)
def test_a_signal_before_anything_is_written_shows_no_traceback(
    tmp_path: Path, line: str, number: str, code: int
) -> None:
    with program(REAL.format(steps=10_000_000, folder=str(tmp_path))) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith(line):
            assert process.poll() is None
        process.send_signal(signal.Signals[number])
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert out == "False light\n"
    assert "nothing was written" in err
    assert "Traceback" not in err
    assert names_in(tmp_path) == set()


BROKEN_PIPE = """
import os, sys
from pathlib import Path
from superpos_tui.headless.narrator import Narrator
from superpos_tui.process.streams import guard_streams

read, write = os.pipe()
os.close(read)
os.dup2(write, sys.stdout.fileno())
guard_streams()
narrator = Narrator()
narrator.report_file(Path("a"))
narrator.report_file(Path("b"))
sys.stderr.write(str(len(narrator.written)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are those of POSIX")
def test_a_reader_that_has_stopped_does_not_stop_the_export() -> None:
    with program(BROKEN_PIPE) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "2")
