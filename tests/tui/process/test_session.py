"""The training thread: how it starts, fails, stops, and follows another; on scripted engines."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, panel, running, until, until_finished

from superpos_core.engine import Engine
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Pause, Reset
from superpos_core.training.pacing import PACES
from superpos_tui.process import log_file, session
from superpos_tui.process.session import ENDING_PREVIOUS, NICENESS, OnNews, Session

PATIENCE = 30.0
"""Seconds to wait for events that should be immediate."""

Make = Callable[[ExperimentConfig, OnNews], Engine]


def make_scripted(config: ExperimentConfig, news: OnNews) -> Engine:
    return ScriptedEngine(config)


def new_session(make: Make = make_scripted, after: Session | None = None) -> Session:
    return Session(SMALL, make, PACES["full"], None if after is None else after.thread)


class Held:
    """Makes engines that take no step until they are released."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.released = threading.Event()

    def make(self, config: ExperimentConfig, news: OnNews) -> Engine:
        return ScriptedEngine(config, before_advance=self._wait)

    def _wait(self, steps: Mapping[str, int]) -> None:
        self.started.set()
        assert self.released.wait(PATIENCE)


@pytest.fixture
def held() -> Held:
    return Held()


# ── failing ───────────────────────────────────────────────────────────────────────────────────


def test_a_failure_is_kept_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: ExperimentConfig, news: OnNews) -> Engine:
        raise RuntimeError("the device caught fire")

    logged: list[BaseException] = []
    monkeypatch.setattr(session, "log_exception", logged.append)
    failing = new_session(fail)
    failing.start()
    failing.thread.join(PATIENCE)
    assert str(failing.failure) == "the device caught fire"
    assert logged == [failing.failure]


def test_commands_that_would_be_ignored_are_refused(held: Held) -> None:
    def fail(config: ExperimentConfig, news: OnNews) -> Engine:
        raise RuntimeError("no")

    failing, working = new_session(fail), new_session(held.make)
    assert working.submit(Pause()), "it is kept until the engine is there"
    for each in (failing, working):
        each.start()
    failing.close()
    assert not failing.submit(Reset())
    assert working.submit(Reset())
    held.released.set()
    working.close()
    assert not working.submit(Reset())


# ── priority ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="no priorities")
@pytest.mark.parametrize(("given", "expected"), [(0, NICENESS), (5, 5 + NICENESS), (19, 19)])
def test_the_worker_never_raises_the_priority_given_to_the_program(
    given: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "getpriority", lambda which, who: given)
    monkeypatch.setattr(os, "setpriority", lambda which, who, value: seen.append(value))
    session.lower_thread_priority()
    assert seen == [expected]


@pytest.mark.parametrize("name", ["getpriority", "setpriority"])
def test_training_works_where_priorities_are_forbidden(
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
    never = threading.Event()
    for _ in range(3000):
        if condition():
            return
        never.wait(PATIENCE / 3000)
    raise AssertionError("waited in vain")


# ── one session after another ─────────────────────────────────────────────────────────────────


def test_a_session_starts_when_the_previous_one_has_ended(held: Held) -> None:
    made: list[bool] = []
    before = new_session(held.make)

    def make(config: ExperimentConfig, news: OnNews) -> Engine:
        made.append(before.thread.is_alive())
        return ScriptedEngine(config)

    before.start()
    assert held.started.wait(PATIENCE)
    before.stop()
    after = new_session(make, before)
    after.start()
    wait_until(lambda: after.news == ENDING_PREVIOUS)
    assert made == []
    held.released.set()
    wait_until(lambda: after.latest is not None)
    after.close()
    assert made == [False]
    assert after.news == ""


def test_a_session_stopped_before_it_starts_makes_no_engine(held: Held) -> None:
    before, between, after = new_session(held.make), None, None
    before.start()
    assert held.started.wait(PATIENCE)
    before.stop()
    made: list[str] = []

    def make(config: ExperimentConfig, news: OnNews) -> Engine:
        made.append("between")
        return ScriptedEngine(config)

    between = new_session(make, before)
    between.start()
    between.stop()
    after = new_session(make_scripted, between)
    after.start()
    held.released.set()
    wait_until(lambda: after.latest is not None)
    after.close()
    assert made == []
    assert between.failure is None


def test_a_stopped_session_compiles_no_more_kernels() -> None:
    compiled: list[str] = []
    stopped = threading.Event()
    compiling = threading.Event()

    def make(config: ExperimentConfig, news: OnNews) -> Engine:
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


async def test_another_experiment_starts_while_the_previous_one_is_in_a_long_step(
    held: Held,
) -> None:
    """The interface stays responsive, and the screen says what the run waits for."""
    makers: list[Make] = [held.make]

    def make(config: ExperimentConfig) -> Engine:
        return (makers.pop() if makers else make_scripted)(config, lambda news: None)

    async with running(make_engine=make) as (app, pilot):
        try:
            await until(pilot, held.started.is_set)
            await until(pilot, lambda: panel(app, "matrix").title != "")  # a picture is there
            app.watched.replace_source(replace(SMALL, name="intro", steps=20))
            await until(pilot, lambda: ENDING_PREVIOUS in panel(app, "matrix").title)
            assert app.watched.state == "loading"
            assert not app._notifications, "a notice would outlast what it says"
            await pilot.press("right")
            assert app.selection.focus.setting == 1
        finally:
            held.released.set()
        await until_finished(app, pilot)
        assert app.watched.config.steps == 20


def test_the_log_has_the_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(log_file, "_log", None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail(config: ExperimentConfig, news: OnNews) -> Engine:
        raise RuntimeError("the device caught fire")

    failing = new_session(fail)
    failing.start()
    failing.close()
    path = log_file.log_path()
    assert path is not None
    assert "in fail" in path.read_text()
