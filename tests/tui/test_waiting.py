"""While the engine loads: what stays on the screen, and what is said once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import PATIENCE, SMALL, panel, running, text_of, until, until_finished
from textual.widgets._toast import Toast

from superpos_core.engine.news import COMPILING
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.views.registry import VIEWS


class SlowToJoin(ScriptedEngine):
    """An engine that waits, at the start and before a model joins, until it is let go on."""

    gate = threading.Event()

    def __init__(self, config: ExperimentConfig) -> None:
        super().__init__(config)
        assert self.gate.wait(PATIENCE)

    def join(self, model: str) -> None:
        assert self.gate.wait(PATIENCE)
        super().join(model)


@contextmanager
def closed_gate() -> Iterator[threading.Event]:
    """The gate, closed; it is open in the end, whatever happens."""
    SlowToJoin.gate.clear()
    try:
        yield SlowToJoin.gate
    finally:
        SlowToJoin.gate.set()


async def test_a_picture_stays_until_a_model_has_joined_and_says_what_it_waits_for() -> None:
    SlowToJoin.gate.set()
    async with running(make_engine=SlowToJoin) as (app, pilot):
        await until_finished(app, pilot)
        matrix, norms = panel(app, "matrix"), panel(app, "norms")
        await pilot.press("m")
        before = text_of(app, "live-matrix"), matrix.title, norms.title
        with closed_gate():
            await pilot.press("m")
            await until(pilot, lambda: matrix.has_class("-awaiting"))
            assert text_of(app, "live-matrix") == before[0]
            assert matrix.title == f"{before[1]} · loading the engine"
            assert norms.has_class("-awaiting")
            assert norms.title == before[2], "one panel says it"
        await until(pilot, lambda: app.scene is not None)
        await until(pilot, lambda: not matrix.has_class("-awaiting"))
        assert "loading" not in matrix.title


async def test_new_settings_are_said_to_be_prepared_over_the_pictures_of_the_old_ones() -> None:
    SlowToJoin.gate.set()
    async with running(make_engine=SlowToJoin) as (app, pilot):
        await until_finished(app, pilot)
        assert "preparing" not in text_of(app, "status")
        with closed_gate():
            app.desk.retry(replace(SMALL, hidden=6))
            await until(pilot, lambda: panel(app, "matrix").has_class("-awaiting"))
            assert "preparing the new run · dimmed: the run before" in text_of(app, "status")
        await until_finished(app, pilot)
        assert "preparing" not in text_of(app, "status")


async def test_no_internal_name_is_shown_while_the_engine_loads() -> None:
    with closed_gate():
        async with running(make_engine=SlowToJoin) as (app, pilot):
            await until(pilot, lambda: "loading the engine" in text_of(app, "live-matrix"))
            titles = [panel(app, name).title for name in VIEWS["live"].panels]
            assert titles == [""] * len(titles)
            SlowToJoin.gate.set()
            await until_finished(app, pilot)


def notices(app: SuperposApp) -> list[str]:
    return [notice.message for notice in app._notifications]


async def test_one_panel_says_that_the_engine_compiles_and_nothing_else_does() -> None:
    with closed_gate():
        async with running(make_engine=SlowToJoin) as (app, pilot):
            app.watched.source.news = COMPILING  # type: ignore[misc]
            await until(pilot, lambda: COMPILING in text_of(app, "live-matrix"))
            strips = app.screen._compositor.render_strips()
            assert sum(strip.text.count("compiling") for strip in strips) == 1
            assert notices(app) == []
            SlowToJoin.gate.set()
            await until_finished(app, pilot)


async def test_an_engine_says_the_same_only_once_while_it_loads() -> None:
    with closed_gate():
        async with running(make_engine=SlowToJoin) as (app, pilot):
            for news in ("no CUDA here", "reading [it]", "no CUDA here"):
                app.watched.source.news = news  # type: ignore[misc]
                await until(pilot, lambda news=news: app.watched._last_news == news)  # type: ignore[misc]
            assert notices(app) == ["no CUDA here", "reading [it]"]
            SlowToJoin.gate.set()
            await until_finished(app, pilot)


async def test_notices_are_as_wide_as_their_text_and_leave_the_lowest_rows_free() -> None:
    async with running(size=(80, 24), notifications=True) as (app, pilot):
        await until_finished(app, pilot)

        def rows(word: str) -> list[int]:
            """The rows in which a word stands."""
            strips = app.screen._compositor.render_strips()
            return [y for y, strip in enumerate(strips) if word in strip.text]

        app.notify("all good")
        await until(pilot, lambda: bool(rows("all good")))
        assert max(rows("all good")) < 6
        app.notify("word " * 60)
        await until(pilot, lambda: bool(rows("word word")))
        assert max(rows("word word")) < 16


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_a_notice_of_two_rows_hides_no_curve(size: tuple[int, int]) -> None:
    """It lay over the upper half of the loss."""
    async with running(size=size, notifications=True) as (app, pilot):
        await until_finished(app, pilot)
        app.notify("about 20 seconds per run, slowly at first", title="pace: watch")
        await until(pilot, lambda: bool(app.screen.query(Toast)))
        await pilot.pause()
        (toast,) = app.screen.query(Toast)
        assert toast.region.height == 2
        for name in VIEWS["live"].panels:
            assert not toast.region.overlaps(panel(app, name).content_region)
