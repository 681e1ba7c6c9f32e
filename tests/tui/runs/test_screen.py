"""The screen with the list of runs: keys and clicks, and the way to a run and back."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.files.runs.folder import WrittenFolder, written
from tests.core.snapshots import SMALL, finished
from tests.run_folders import checked, give_sign_of_life, make_run
from tests.tui.running import running, text_of, until
from textual.pilot import Pilot

from superpos_core.experiments import EXPERIMENTS, Trial
from superpos_core.files.runs.listing import RunLister
from superpos_core.files.runs.reader import RunReader
from superpos_tui.app import SuperposApp
from superpos_tui.process.opened_run import NothingOpened, OpenedRun
from superpos_tui.process.source import Opened
from superpos_tui.runs.screen import RunsScreen
from superpos_tui.runs.widgets import RunsTable
from superpos_tui.settings.start import ListedRuns
from superpos_tui.views.compare.state import CompareState


def open_run(path: Path) -> Opened:
    reader = RunReader(path)
    return Trial(reader.config, reader.experiment), OpenedRun(reader)


@asynccontextmanager
async def listing(
    folder: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[SuperposApp, Pilot[None], RunsScreen]]:
    """The app with the list of the runs in a folder, once it has been read."""
    listed = ListedRuns(RunLister([folder]), open_run)
    async with running(size, source=NothingOpened(), listed=listed) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        await until(pilot, lambda: bool(screen.list_view.shown.table.columns))
        yield app, pilot, screen
    screen._poller.thread.join()


def names(screen: RunsScreen) -> list[str]:
    return [row.run.name for row in screen.list_view.shown.rows]


def current(screen: RunsScreen) -> str:
    row = screen.list_view.shown.row
    assert row is not None
    return row.run.name


def text(screen: RunsScreen) -> str:
    view = screen.query_one(RunsTable)
    return "\n".join(view.render_line(y).text for y in range(view.size.height))


def notices(app: SuperposApp) -> list[str]:
    return [notice.message for notice in app._notifications]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs that can be listed; ``b`` is training."""
    make_run(tmp_path / "a", config=replace(SMALL, seed=1), summary=checked(True, False))
    make_run(tmp_path / "b", config=replace(SMALL, seed=2), state="training", alive=time.time())
    make_run(tmp_path / "c", config=replace(SMALL, seed=3), state="failed", reason="full disk")
    return tmp_path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that can be opened, of two sizes, and a phase map."""
    folder = tmp_path_factory.mktemp("runs")
    written(folder / "large", finished(replace(SMALL, name="mine", features=8)))
    written(folder / "small", finished(SMALL))
    WrittenFolder(folder / "map", EXPERIMENTS["phase"].config).describe()
    return folder


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_the_list_is_shown_at_every_size(folder: Path, size: tuple[int, int]) -> None:
    async with listing(folder, size) as (_, _, screen):
        shown = text(screen)
        for name in "abc":
            assert f" {name} " in shown
        assert "training" in shown


async def test_the_palette_offers_the_way_back_to_the_list(folder: Path) -> None:
    async with listing(folder) as (app, _, _):
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert "back to the list of runs (L)" in offered


async def test_a_screen_that_is_too_small_says_so(folder: Path) -> None:
    async with listing(folder, (30, 8)) as (_, _, screen):
        assert screen.query_one("#too-small").display
        assert not screen.query_one(RunsTable).display


async def test_keys_move_sort_and_filter(folder: Path) -> None:
    async with listing(folder) as (_, pilot, screen):
        assert (names(screen), current(screen)) == (["a", "b", "c"], "a")
        await pilot.press("j", "j", "j", "k")
        assert current(screen) == "b"
        await pilot.press("r")
        assert (names(screen), current(screen)) == (["c", "b", "a"], "c")
        await pilot.press("right")
        assert names(screen)[0] == "b"  # by state: training first
        await pilot.press("slash", *"failed", "enter")
        assert (names(screen), screen.list_view.filter) == (["c"], "failed")
        await pilot.press("escape")
        assert len(names(screen)) == 3


async def test_letters_of_a_filter_are_no_keys(folder: Path) -> None:
    async with listing(folder) as (app, pilot, screen):
        await pilot.press("slash", *"qprj")
        assert (screen.list_view.filter, names(screen)) == ("qprj", [])
        assert app.is_running
        await pilot.press("ctrl+u", "c", "down", "enter", "q")
        assert app.return_code == 0


async def test_clicks_sort_point_and_open(folder: Path) -> None:
    async with listing(folder) as (app, pilot, screen):
        table = screen.query_one(RunsTable)
        await pilot.click(table, offset=(5, 1))
        assert names(screen) == ["c", "b", "a"]
        await pilot.click(table, offset=(5, 3))
        assert current(screen) == "b"
        await pilot.click(table, offset=(5, 3))
        await until(pilot, lambda: app.screen is not screen)


async def test_the_list_keeps_up_by_itself(folder: Path) -> None:
    async with listing(folder) as (_, pilot, screen):
        await pilot.press("j")
        make_run(folder / "a-new-one", config=SMALL)
        give_sign_of_life(folder / "b", "finished", 40, time.time())
        await until(pilot, lambda: len(names(screen)) == 4)
        await until(pilot, lambda: screen.list_view.shown.table.counts.get("training", 0) == 0)
        assert current(screen) == "b"


async def test_a_run_is_opened_and_the_list_comes_back_as_it_was(runs: Path) -> None:
    async with listing(runs) as (app, pilot, screen):
        await pilot.press("slash", *"small", "enter", "enter")
        await until(pilot, lambda: app.scene is not None)
        assert app.watched.source.path == runs / "small"
        assert app.screen is not screen
        assert "L runs" in text_of(app, "keys")
        await pilot.press("down", "escape")  # a cursor, and away with it
        assert app.screen is not screen
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert names(screen) == ["small"]
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is not screen)
        source = app.watched.source
        await pilot.press("L", "enter")
        await until(pilot, lambda: app.screen is not screen)
        assert app.watched.source is source


async def test_without_an_opened_run_there_is_no_way_back(runs: Path) -> None:
    async with listing(runs) as (app, pilot, screen):
        await pilot.press("escape")
        assert app.screen is screen
        assert notices(app) == ["no run is opened yet: enter opens one, q quits"]


async def test_a_run_that_cannot_be_opened_is_said_in_a_line(folder: Path) -> None:
    make_run(folder / "0", config=SMALL)
    (folder / "0" / "run.json").write_text(
        (folder / "0" / "run.json").read_text().replace('"features": 5', '"features": -5')
    )
    async with listing(folder) as (app, pilot, screen):
        await pilot.press("enter")
        assert app.screen is screen
        assert len(notices(app)) == 1
        assert "features -5" in notices(app)[0]


async def test_a_pinned_run_is_compared_with_the_one_that_is_opened(runs: Path) -> None:
    async with listing(runs) as (app, pilot, screen):
        await pilot.press("p")  # large
        await until(pilot, lambda: screen.list_view.shown.pinned is not None)
        await pilot.press("end", "enter")  # small
        await until(pilot, lambda: app.scene is not None)
        await pilot.press("7")
        await until(pilot, lambda: "pinned" in text_of(app, "compare-compare"))
        shown = text_of(app, "compare-compare")
        assert "large · step 40" in shown
        assert "none: n = 8 and 5" in shown
        await pilot.press("p")
        await until(pilot, lambda: "this is the pinned lane" in _words(app))
        await pilot.press("L", "home", "enter")
        await until(pilot, lambda: app.watched.source.path == runs / "large")
        await until(pilot, lambda: "small · step 40" in text_of(app, "compare-compare"))


def _words(app: SuperposApp) -> str:
    return " ".join(text_of(app, "compare-compare").split())


async def test_a_phase_map_is_not_pinned(runs: Path) -> None:
    async with listing(runs) as (app, pilot, screen):
        await pilot.press("j", "p")  # map
        await until(pilot, lambda: bool(notices(app)))
        assert "map has nothing to compare with yet" in notices(app)
        assert app.selection.options.of(CompareState).run is None
        assert screen.list_view.shown.pinned is None


async def test_a_run_opens_where_it_can_be_seen(runs: Path) -> None:
    async with listing(runs) as (app, pilot, _):
        await pilot.press("slash", *"map", "enter", "enter")
        await until(pilot, lambda: app.selection.view == "phase")
        await pilot.press("L", "escape", "slash", *"small", "enter", "enter")
        await until(pilot, lambda: app.selection.view == "live")
        await pilot.press("3", "L", "escape", "slash", *"large", "enter", "enter")
        await until(pilot, lambda: app.watched.source.path == runs / "large")
        assert app.selection.view == "geometry"  # runs of a kind are compared in the same view
