"""W trains the weights on the screen, with settings from the form."""

from pathlib import Path

import numpy as np
from tests.tui.running import SMALL, running, until, until_finished
from textual.widgets import Input

from superpos_core.arrays import FloatArray
from superpos_core.files.weights.opening import open_weights
from superpos_core.record.lanes import LanesRecord
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.form import FormDialog
from superpos_tui.process.opened_run import OpenedFile

W = np.random.default_rng(0).normal(size=(2, 6, 2)).astype(np.float32)


def first_weights(app: SuperposApp, model: str) -> FloatArray:
    snapshot = app.watched.snapshot
    assert snapshot is not None
    moments = snapshot.record_as(LanesRecord).cohorts[model].timeline.moments
    return moments[0].parameters.encoder


async def test_opened_weights_are_trained_with_the_settings_of_the_form(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", W=W, b_final=np.zeros((2, 6)))
    snapshot = open_weights(tmp_path / "mine.npz")
    source = OpenedFile(snapshot, tmp_path / "mine.npz")
    async with running(config=snapshot.config, source=source) as (app, pilot):
        await until(pilot, lambda: app.watched.snapshot is not None)
        await pilot.press("W")
        assert isinstance(app.screen, FormDialog)
        app.screen.query_one("#field-steps", Input).value = "30"
        app.screen.query_one("#field-features", Input).value = "7"
        await pilot.pause()
        assert "have 6 features" in str(app.screen.query_one("#verdict").render())
        app.screen.query_one("#field-features", Input).value = "6"
        app.screen.query_one("#field-sparsities", Input).value = "0.9"
        await pilot.press("enter")
        await until_finished(app, pilot)
        config = app.watched.config
        assert (config.name, config.sparsities, config.steps) == ("from mine", (0.9,), 30)
        np.testing.assert_array_equal(first_weights(app, "tied"), W)


async def test_a_past_moment_of_a_run_here_is_a_start_too() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("t", "left", "left")
        scene = app.scene
        assert scene is not None
        step, shown = scene.step, scene.moment.parameters.encoder
        assert 0 < step < SMALL.steps
        await pilot.press("W", "enter")
        await until(pilot, lambda: app.watched.config.name == f"from {SMALL.name}")
        await until_finished(app, pilot)
        np.testing.assert_array_equal(first_weights(app, "tied"), shown)
        await pilot.press("y")
        assert app.clipboard == "", "no command line gives these weights"
