"""A run's folder on the screen: followed while it is written, and whoever writes it may go away."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.files.runs.folder import WrittenFolder, files_in, written
from tests.core.record.moments import parameters_of
from tests.core.snapshots import SMALL, finished
from tests.scripted_engine import ManualClock
from tests.tui.running import running, text_of, until
from textual.pilot import Pilot

from superpos_core.experiments import EXPERIMENTS, Trial
from superpos_core.files.runs.reader import RunReader
from superpos_core.files.runs.status_file import RunState
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.checks import ChecksDialog
from superpos_tui.dialogs.events import EventsDialog
from superpos_tui.process import opened_run
from superpos_tui.process.opened_run import OpenedRun
from superpos_tui.process.source import Life
from superpos_tui.views.registry import VIEWS

CONFIG = replace(SMALL, models=("tied", "untied"))
MINE = ExperimentConfig(
    "mine", features=3, hidden=2, models=("tied",), sparsities=(0.9, 0.99), steps=1000
)
NOW = 1.8e9


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return finished(CONFIG)


@pytest.fixture(autouse=True)
def frequent_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_run, "POLL_SECONDS", 0.01)


def at_first(folder: WrittenFolder, clock: ManualClock) -> OpenedRun:
    return OpenedRun(RunReader(folder.path), clock=clock, unix_time=lambda: NOW)


def new_folder(path: Path) -> WrittenFolder:
    folder = WrittenFolder(path, MINE)
    folder.describe()
    folder.keep("tied", 0, parameters_of(seed=0))
    return folder


# ── signs of life ─────────────────────────────────────────────────────────────────────────────


def test_what_the_folder_says_counts_at_first_and_then_what_is_seen(tmp_path: Path) -> None:
    folder, clock = new_folder(tmp_path), ManualClock()
    folder.say("training", alive=NOW - 42)
    run = at_first(folder, clock)
    run.poll()
    assert run.life == Life("silent", 42)
    folder.say("training", alive=NOW - 86_400)  # by the clock of another machine
    run.poll()
    assert run.life == Life("following")
    clock.pass_time(3)
    assert run.life == Life("following", 3)
    folder.keep("tied", 1, parameters_of(seed=1))
    run.poll()
    assert run.life == Life("following")
    clock.pass_time(9.9)
    assert run.life == Life("following", 9)
    clock.pass_time(0.2)
    run.poll()
    assert run.life == Life("silent", 10)


def test_nobody_may_know_how_long_a_run_will_be(tmp_path: Path) -> None:
    folder = new_folder(tmp_path)
    folder.say("training", alive=NOW, steps=None)
    run = at_first(folder, ManualClock())
    run.poll()
    assert run.life == Life("following", has_known_length=False)
    folder.say("finished", alive=NOW, steps=None)
    run.poll()
    assert run.life == Life("finished", has_known_length=False)


def test_a_clock_ahead_of_ours_is_no_age(tmp_path: Path) -> None:
    folder, clock = new_folder(tmp_path), ManualClock()
    folder.say("training", alive=NOW + 3600)
    run = at_first(folder, clock)
    run.poll()
    assert run.life == Life("following")


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_a_run_that_has_ended_never_falls_silent(tmp_path: Path, state: RunState) -> None:
    folder, clock = new_folder(tmp_path), ManualClock()
    folder.say(state, reason="out of memory")
    run = at_first(folder, clock)
    run.poll()
    clock.pass_time(1e6)
    assert run.life == Life(state)
    assert ("out of memory" in run.news) == (state == "failed")


def test_a_large_folder_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    monkeypatch.setattr("superpos_core.files.runs.timelines.MAX_NEW_FILES", 4)
    run = at_first(written(tmp_path, snapshot, state=False), ManualClock())
    assert run.poll()
    assert run.latest is not None
    cohort = run.latest.record_as(LanesRecord).cohorts["tied"]
    assert (cohort.step, len(cohort.timeline.moments)) == (CONFIG.steps, 4)
    while run.poll():
        pass
    whole = snapshot.record_as(LanesRecord).cohorts["tied"].timeline
    cohort = run.latest.record_as(LanesRecord).cohorts["tied"]
    assert cohort.timeline.steps.tolist() == whole.steps.tolist()


# ── on the screen ─────────────────────────────────────────────────────────────────────────────


async def until_shown(app: SuperposApp, pilot: Pilot[None], *words: str) -> None:
    def lines() -> str:
        """The two lines, of which the second may be the timeline."""
        return text_of(app, "status") + text_of(app, "timeline")

    await until(pilot, lambda: all(word in lines() for word in words))


async def test_it_is_followed_and_nothing_is_written(tmp_path: Path) -> None:
    folder, clock = WrittenFolder(tmp_path, MINE), ManualClock()
    folder.describe()
    folder.say("training", alive=NOW)
    run = OpenedRun(RunReader(tmp_path), clock=clock, unix_time=lambda: NOW)
    async with running(config=MINE, source=run) as (app, pilot):
        await until_shown(app, pilot, "● following")
        await until(pilot, lambda: app.watched.waiting_for.startswith("waiting for the first"))
        folder.keep("tied", 0, parameters_of(seed=0))
        await until_shown(app, pilot, "0/1,000")
        folder.begin_losses(["a", "b"])
        folder.add_losses("1,0.5,0.25\n")
        folder.keep("tied", 10, parameters_of(seed=10))
        await until_shown(app, pilot, "10/1,000")
        await pilot.press("t", "home")
        assert app.selection.focus.step == 0
        before = files_in(tmp_path)
        clock.pass_time(42)
        await until_shown(app, pilot, "◌ silent 42 s")
        folder.say("finished")
        await until_shown(app, pilot, "✓ finished")
        assert set(files_in(tmp_path)) == {*before}


async def test_another_run_in_the_same_folder_is_followed_too(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    written(tmp_path, snapshot)
    run = OpenedRun(RunReader(tmp_path), clock=ManualClock(), unix_time=lambda: NOW)
    async with running(config=CONFIG, source=run) as (app, pilot):
        await until_shown(app, pilot, "✓ finished", "t replay")
        await pilot.press("m", "right", "t", "home")
        assert (app.selection.focus.model, app.selection.focus.step) == ("untied", 0)
        for path in tmp_path.rglob("*.safetensors"):
            path.unlink()
        again = WrittenFolder(tmp_path, MINE, run="f" * 16)
        again.describe()
        again.say("training", alive=NOW)
        again.keep("tied", 5, parameters_of(seed=5))
        await until_shown(app, pilot, "● following", "3 features → 2 dimensions", "live at step 5")
        assert (app.selection.focus.model, app.selection.focus.step) == ("tied", None)


async def test_its_timeline_is_shown_and_models_that_are_there_can_be_chosen(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    written(tmp_path, snapshot)
    run = OpenedRun(RunReader(tmp_path), clock=ManualClock(), unix_time=lambda: NOW)
    async with running(config=CONFIG, source=run) as (app, pilot):
        await until_shown(app, pilot, "✓ finished", "t replay")
        await pilot.press(VIEWS["dimensionality"].key)
        await pilot.pause()
        assert text_of(app, "dimensionality-dimensions-over-steps").strip()
        await pilot.press("m")
        assert app.selection.focus.model == "untied"
        await pilot.press("m")
        assert app.selection.focus.model == "tied"
        assert not app._notifications


async def test_checks_events_and_pins_work_as_on_a_trained_run(tmp_path: Path) -> None:
    experiment = EXPERIMENTS["pentagon"]
    config = replace(experiment.config, steps=20, restarts=2, warm_up=0)
    folder = written(tmp_path, finished(config)).path
    run = OpenedRun(RunReader(folder), clock=ManualClock(), unix_time=lambda: NOW)
    async with running(config=config, source=run) as (app, pilot):
        app.watched.experiment = experiment
        await until_shown(app, pilot, "✓ finished", "t replay")
        await pilot.press("C")
        await until(pilot, lambda: isinstance(app.screen, ChecksDialog))
        await pilot.press("escape", "w")
        await until(pilot, lambda: isinstance(app.screen, EventsDialog))
        await pilot.press("escape", "p", VIEWS["compare"].key)
        await until(pilot, lambda: "pinned" in text_of(app, "compare-compare"))


async def test_another_experiment_starts_from_an_opened_run(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    run = OpenedRun(RunReader(written(tmp_path, snapshot).path))
    async with running(config=CONFIG, source=run) as (app, pilot):
        await until_shown(app, pilot, "✓ finished")
        app.desk.start(Trial(replace(SMALL, name="other", steps=30)))
        await until_shown(app, pilot, "other", "t replay")
        assert app.watched.life is None
        run.thread.join()
