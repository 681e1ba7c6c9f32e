"""Lines of progress: few, and with the time that is left."""

from dataclasses import replace
from functools import cache

from tests.scripted_engine import ManualClock, ScriptedEngine
from tests.tui.headless.scripted import CONFIG

from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.training.run import train
from superpos_tui.headless.progress import PlainLines, rate_text


def test_lines_of_progress_are_few() -> None:
    """One line per tenth of the steps, at most one per second, none before the first step."""
    said: list[str] = []
    clock = ManualClock()
    lines = PlainLines(100, said.append, clock)
    for step in range(101):
        lines.show(at_step(step))
        clock.pass_time(0.25 if step < 50 else 0.03)
    assert said == ["step 10 of 100", "step 20 of 100", "step 30 of 100", "step 40 of 100",
                    "step 50 of 100", "step 84 of 100"]  # fmt: skip


def test_a_slow_run_reports_progress_every_half_minute() -> None:
    said: list[str] = []
    clock = ManualClock()
    lines = PlainLines(1000, said.append, clock)
    for step in range(4):
        lines.show(at_step(step))
        clock.pass_time(20)
    assert said == ["step 2 of 1,000"]


@cache
def last_of_run() -> Snapshot:
    return train(CONFIG, engine=ScriptedEngine)


def at_step(step: int) -> Snapshot:
    last = last_of_run()
    record = last.record_as(LanesRecord)
    cohorts = {model: replace(cohort, step=step) for model, cohort in record.cohorts.items()}
    return replace(last, record=replace(record, cohorts=cohorts), steps_per_second=0.0)


def test_the_time_left_follows_from_the_rate() -> None:
    snapshot = train(CONFIG, engine=ScriptedEngine)
    longer = replace(CONFIG, steps=20 + 3725 * 4)
    record = replace(snapshot.record, config=longer)
    left = replace(snapshot, record=record, steps_per_second=4.0)
    assert rate_text(left) == "4 steps/s, 1:02:05 left"
    assert rate_text(replace(left, steps_per_second=0.0)) == ""
