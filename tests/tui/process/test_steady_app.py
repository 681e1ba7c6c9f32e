"""Unexpected errors are reported and logged; the first to end the program sets its exit code."""

import threading

import pytest
from tests.tui.running import running, until, until_finished
from textual.events import Resize
from textual.geometry import Size

from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.help import HelpDialog
from superpos_tui.process import steady_app
from superpos_tui.process.signals import Leaving


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The errors logged."""
    lines: list[str] = []
    monkeypatch.setattr(steady_app, "log_exception", lambda error: lines.append(repr(error)))
    return lines


def notices(app: SuperposApp) -> str:
    return "\n".join(f"{note.title}: {note.message}" for note in app._notifications)


@pytest.mark.parametrize("error", [MemoryError("no more"), KeyError("tied"), ImportError("broken")])
@pytest.mark.sampled(3)
async def test_an_error_that_ends_a_thread_is_reported_and_logged(
    error: Exception, logged: list[str]
) -> None:
    def fail() -> None:
        raise error

    async with running() as (app, pilot):
        await until_finished(app, pilot)
        app.run_worker(fail, thread=True, group="film", exit_on_error=False)
        await until(pilot, lambda: f"film failed: {type(error).__name__}: {error}" in notices(app))
        assert app.is_running
        assert [repr(fault) for fault in app.faults] == [repr(error)]
        app.faults.clear()
    assert logged == [repr(error)]


async def test_an_error_before_the_first_frame_ends_the_app_and_is_kept_for_the_last_line(
    logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise KeyError("matrix")

    async def end() -> None:
        async with running() as (app, pilot):
            apps.append(app)
            await until_finished(app, pilot)
            app.has_opened = False
            monkeypatch.setitem(app.actions, "help", fail)
            await pilot.press("question_mark")
            await until(pilot, lambda: not app.is_running)

    apps: list[SuperposApp] = []
    with pytest.raises(KeyError, match="matrix"):
        await end()
    (app,) = apps
    assert repr(app.fatal_error) == "KeyError('matrix')"
    assert app.return_code == 1
    assert app.leaving.is_requested
    assert logged == ["KeyError('matrix')"]


@pytest.mark.parametrize(("group", "known"), [("export", "export"), ("film", "film"), ("a", "")])
@pytest.mark.sampled(3)
async def test_unfinished_work_is_known(group: str, known: str) -> None:
    started, released = threading.Event(), threading.Event()

    def write() -> None:
        started.set()
        assert released.wait(30)

    async with running() as (app, pilot):
        try:
            await until_finished(app, pilot)
            app.run_worker(write, thread=True, group=group)
            await until(pilot, started.is_set)
            await pilot.pause()
            assert app.unfinished == known
            app.exit()
        finally:
            released.set()
    assert app.unfinished == known


async def test_finished_work_is_not_reported_as_unfinished() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        app.run_worker(lambda: None, thread=True, group="export")
        await app.workers.wait_for_complete()
        await until(pilot, lambda: app.unfinished == "")
    assert app.unfinished == ""


async def test_the_first_to_end_the_app_sets_the_exit_code() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        app.leave(143)
        app.leave(129)
        app.exit()
    assert app.return_code == 143


def test_leaving_is_overdue_after_its_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("superpos_tui.process.signals.time.monotonic", lambda: now[0])
    leaving = Leaving()
    now[0] += 1000
    assert leaving.overdue is None, "it was not requested"
    assert leaving.request(131) == 131
    assert leaving.request(0) == 131
    assert leaving.overdue is None
    now[0] += 10
    assert leaving.overdue == 131


@pytest.mark.parametrize("dialog", [False, True])
@pytest.mark.sampled(2)
async def test_ctrl_z_works_beside_a_dialog_too(
    dialog: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        if dialog:
            await pilot.press("question_mark")
            assert isinstance(app.screen, HelpDialog)
        monkeypatch.setattr(app, "action_suspend_process", lambda: stopped.append(True))
        await pilot.press("ctrl+z")
        assert stopped == [True]


async def test_the_size_is_followed_even_if_the_timer_that_applies_it_never_fires() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        app._resize_timer = app.set_timer(3600, lambda: None)
        app.post_message(Resize(Size(80, 24), Size(80, 24)))
        before = app.screen.size
        await until(pilot, lambda: app.screen.size != before)
        assert app.screen.size == (80, 24)
