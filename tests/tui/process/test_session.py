"""The worker: how it begins, fails, is told to stop, and follows another; on scripted engines."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, running, text_of, until, until_finished

from superpos_core.engine import Engine
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Pause, Reset
from superpos_core.training.pacing import PACES
from superpos_tui.process import log_file, session
from superpos_tui.process.session import LESS_URGENT, NewsOfEngine, Session

PATIENCE = 30.0
"""Seconds for what takes none."""

Make = Callable[[ExperimentConfig, NewsOfEngine], Engine]


def make_scripted(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
    return ScriptedEngine(config)


def new_session(make: Make = make_scripted, after: Session | None = None) -> Session:
    return Session(SMALL, make, PACES["full"], after)


class Held:
    """Makes engines that take no step until they are let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def make(self, config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        return ScriptedEngine(config, before_advance=self._wait)

    def _wait(self, steps: Mapping[str, int]) -> None:
        self.begun.set()
        assert self.let_go.wait(PATIENCE)


@pytest.fixture
def held() -> Held:
    return Held()


# ── failing ───────────────────────────────────────────────────────────────────────────────────


def test_a_failure_is_kept_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        raise RuntimeError("the device caught fire")

    logged: list[BaseException] = []
    monkeypatch.setattr(session, "log_exception", logged.append)
    failing = new_session(fail)
    failing.start()
    failing.close()
    assert str(failing.failure) == "the device caught fire"
    assert logged == [failing.failure]


def test_what_nobody_will_obey_is_not_taken(held: Held) -> None:
    def fail(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        raise RuntimeError("no")

    failing, working = new_session(fail), new_session(held.make)
    assert working.submit(Pause()), "it is kept until the engine is there"
    for each in (failing, working):
        each.start()
    failing.close()
    assert not failing.submit(Reset())
    assert working.submit(Reset())
    held.let_go.set()
    working.close()
    assert not working.submit(Reset())


# ── priority ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="no priorities")
@pytest.mark.parametrize(("given", "asked"), [(0, LESS_URGENT), (10, 10 + LESS_URGENT), (19, 19)])
def test_the_worker_never_asks_for_more_than_the_program_was_given(
    given: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "getpriority", lambda which, who: given)
    monkeypatch.setattr(os, "setpriority", lambda which, who, value: seen.append(value))
    session.give_way_to_the_interface()
    assert seen == [asked]


@pytest.mark.parametrize("name", ["getpriority", "setpriority"])
def test_where_priorities_are_forbidden_it_trains_all_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, name, refuse)
    finished = new_session()
    finished.start()
    wait_until(lambda: finished.latest is not None)
    finished.close()
    assert finished.failure is None


def wait_until(condition: Callable[[], bool]) -> None:
    looked = threading.Event()
    for _ in range(3000):
        if condition():
            return
        looked.wait(PATIENCE / 3000)
    raise AssertionError("waited in vain")


# ── one after the other ───────────────────────────────────────────────────────────────────────


def test_a_session_begins_when_the_one_before_has_ended(held: Held) -> None:
    made: list[bool] = []
    before = new_session(held.make)

    def make(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        made.append(before.is_alive)
        return ScriptedEngine(config)

    before.start()
    assert held.begun.wait(PATIENCE)
    before.stop()
    after = new_session(make, before)
    after.start()
    wait_until(lambda: after.news == "ending the run before")
    assert made == []
    held.let_go.set()
    wait_until(lambda: after.latest is not None)
    after.close()
    assert made == [False]
    assert after.news == ""


def test_a_session_that_is_left_before_it_began_makes_no_engine(held: Held) -> None:
    before, between, after = new_session(held.make), None, None
    before.start()
    assert held.begun.wait(PATIENCE)
    before.stop()
    made: list[str] = []

    def make(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        made.append("between")
        return ScriptedEngine(config)

    between = new_session(make, before)
    between.start()
    between.stop()
    after = new_session(make_scripted, between)
    after.start()
    held.let_go.set()
    wait_until(lambda: after.latest is not None)
    after.close()
    assert made == []
    assert between.failure is None


def test_who_is_told_to_stop_compiles_no_more_kernels() -> None:
    compiled: list[str] = []
    stopped = threading.Event()
    compiling = threading.Event()

    def make(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        for model in config.models:
            news(f"compiling for {model}")
            compiling.set()
            assert stopped.wait(PATIENCE)
            compiled.append(model)
        return ScriptedEngine(config)

    leaving = new_session(make)
    leaving.start()
    assert compiling.wait(PATIENCE)
    leaving.stop()
    stopped.set()
    leaving.close()
    assert compiled == list(SMALL.models[:1])
    assert leaving.failure is None


async def test_another_experiment_is_begun_while_the_one_before_is_in_a_long_step(
    held: Held,
) -> None:
    """The interface does not wait: keys are answered, and the screen says what it waits for."""
    makers: list[Make] = [held.make]

    def make(config: ExperimentConfig) -> Engine:
        return (makers.pop() if makers else make_scripted)(config, lambda news: None)

    async with running(make_engine=make) as (app, pilot):
        try:
            await until(pilot, held.begun.is_set)
            app.replace_session(replace(SMALL, name="intro", steps=20))
            await until(pilot, lambda: "ending the run before" in text_of(app, "live-matrix"))
            assert app.state == "loading"
            await pilot.press("right")
            assert app.focus_on.setting == 1
        finally:
            held.let_go.set()
        await until_finished(app, pilot)
        assert app.config.steps == 20


def test_the_log_has_the_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(log_file, "_log", None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail(config: ExperimentConfig, news: NewsOfEngine) -> Engine:
        raise RuntimeError("the device caught fire")

    failing = new_session(fail)
    failing.start()
    failing.close()
    path = log_file.log_path()
    assert path is not None
    assert "in fail" in path.read_text()
