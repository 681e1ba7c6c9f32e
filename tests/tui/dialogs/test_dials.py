"""Dials turn on the same weights, and start again; a scripted engine."""

import pytest
from tests.tui.running import STEPS, running, until, until_finished

from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.dials import DialsDialog
from superpos_tui.settings.dials import dials_of


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


@pytest.mark.parametrize("index", range(len(dials_of(ExperimentConfig))))
@pytest.mark.sampled(8)
async def test_every_dial_turns_both_ways(index: int) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        dial = dials_of(ExperimentConfig)[index]
        before = dial.read(app.watched.config, 0)
        await turn(app, pilot, *["down"] * index, "right")
        await turn(app, pilot, *["down"] * index, "left", "left", "left")
        await until(pilot, lambda: app.watched.config.steps >= 2 * STEPS)
        if dial.stops[0] < before:
            await until(pilot, lambda: dial.read(app.watched.config, 0) < before)
        assert app.watched.source.failure is None


async def test_the_dials_can_start_again() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("d", "down", "left", "R")
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot.generation == 1
        )
        assert app.watched.config.importance == 0.6
        assert not isinstance(app.screen, DialsDialog)
