"""Dials turn on the same weights, and start again; a scripted engine."""

import pytest
from tests.tui.running import STEPS, running, until, until_finished

from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.dials import HINTS, DialsDialog, draw
from superpos_tui.settings.dials import dials_for


async def turn(app: SuperposApp, pilot: object, *keys: str) -> None:
    await pilot.press("d", *keys, "escape")  # type: ignore[attr-defined]


async def test_a_dial_is_turned_on_the_same_weights_and_undone() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await turn(app, pilot, "right", "right")
        await until(pilot, lambda: app.watched.config.sparsities[0] == pytest.approx(0.4))
        await until_finished(app, pilot)
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == 2 * STEPS
        assert [
            mark.step for mark in app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].marks
        ] == [STEPS]
        await pilot.press("u")
        await until(pilot, lambda: app.watched.config.sparsities[0] == 0)
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == STEPS


@pytest.mark.parametrize("index", range(len(dials_for(ExperimentConfig("dials")))))
@pytest.mark.sampled(8)
async def test_every_dial_turns_both_ways(index: int) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        dial = dials_for(app.watched.config)[index]
        before = dial.read(app.watched.config, 0)
        await turn(app, pilot, *["down"] * index, "right")
        await turn(app, pilot, *["down"] * index, "left", "left", "left")
        await until(pilot, lambda: app.watched.config.steps >= 2 * STEPS)
        if dial.stops[0] < before:
            await until(pilot, lambda: dial.read(app.watched.config, 0) < before)
        assert app.watched.source.failure is None


def test_frequencies_have_dials_where_they_come_from_a_profile() -> None:
    zipf = ExperimentConfig("zipf", frequency="zipf", active=2.0)
    more = {dial.name for dial in dials_for(zipf)} - {
        dial.name for dial in dials_for(ExperimentConfig("equal"))
    }
    assert more == {"exponent α", "active E"}
    exponent, active = (dial for dial in dials_for(zipf) if dial.name in more)
    assert exponent.turned(zipf, 0, 1).alpha == 1.25
    assert active.turned(zipf, 0, -1).active == 1.0
    cells = draw(zipf, 0, 0, 58, 12)
    assert cells.row_text(11).strip() == HINTS[-1]


async def test_the_dials_can_start_again() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("d", "down", "left", "R")
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot.generation == 1
        )
        assert app.watched.config.importance == 0.6
        assert not isinstance(app.screen, DialsDialog)


@pytest.mark.parametrize("keys", [("r",), ("d", "R"), ("F", "enter")])
async def test_what_begins_again_is_no_longer_for_the_dials_turned(keys: tuple[str, ...]) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await turn(app, pilot, "down", "left")
        await until(pilot, lambda: app.watched.config.steps == 2 * STEPS)
        await pilot.press(*keys)
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot.generation == 1
        )
        assert app.watched.config.steps == STEPS
