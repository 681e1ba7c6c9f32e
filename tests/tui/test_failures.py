"""Engines that fail, at once or later, and losses that are not finite; a scripted engine."""

from collections.abc import Mapping

from tests.scripted_engine import ScriptedEngine
from tests.tui.running import running, text_of, until, until_finished
from textual.widgets import Static

from superpos_core.task.config import ExperimentConfig
from superpos_tui.dialogs.failure import FailureDialog


async def test_a_failing_engine_is_reported_and_can_be_retried() -> None:
    attempts: list[int] = []

    def make(config: ExperimentConfig) -> ScriptedEngine:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("the device caught fire")
        return ScriptedEngine(config)

    async with running(make_engine=make) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, FailureDialog))
        await pilot.pause()
        assert app.watched.state == "failed"
        assert "the device caught fire" in str(app.screen.query_one(Static).visual)
        await pilot.press("r")
        await until_finished(app, pilot)
        assert not isinstance(app.screen, FailureDialog)


async def test_a_failure_in_the_middle_keeps_the_last_picture() -> None:
    def fail_later(steps: Mapping[str, int]) -> None:
        if len(engine[0].advanced) > 3:
            raise ValueError("out of memory")

    engine: list[ScriptedEngine] = []

    def make(config: ExperimentConfig) -> ScriptedEngine:
        engine.append(ScriptedEngine(config, before_advance=fail_later))
        return engine[-1]

    async with running(make_engine=make) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, FailureDialog))
        await pilot.press("escape")
        assert app.watched.snapshot is not None
        assert "failed" in text_of(app, "status")
        await pilot.press("right")
        assert app.selection.focus.setting == 1
        await pilot.press("q")
    assert app.watched.source.failure is not None


async def test_losses_that_are_not_finite_are_gaps_and_named() -> None:
    def make(config: ExperimentConfig) -> ScriptedEngine:
        return ScriptedEngine(config, loss=lambda lane, step: float("nan") if step > 100 else 0.01)

    async with running(make_engine=make) as (app, pilot):
        await until_finished(app, pilot)
        assert app.watched.source.failure is None
        await until(pilot, lambda: "S 0 ◀" in text_of(app, "live-loss"))
