"""Errors of an engine, of ``publish`` and of commands."""

import threading
from collections.abc import Mapping

import pytest
from tests.core.training.rig import CONFIG, Rig, cohorts_of
from tests.scripted_engine import ScriptedEngine

from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Command,
    JoinModel,
    Reseed,
)
from superpos_core.training.run import loop_for

# Failures


class BrokenError(Exception):
    pass


def fail(steps: Mapping[str, int]) -> None:
    raise BrokenError("the engine broke")


def test_a_failure_of_the_engine_ends_the_run_and_closes_the_engine() -> None:
    engines: list[ScriptedEngine] = []

    def make(config: ExperimentConfig) -> Engine:
        engines.append(ScriptedEngine(config, before_advance=fail))
        return engines[-1]

    published: list[Snapshot] = []
    with pytest.raises(BrokenError, match="the engine broke"):
        loop_for(CONFIG, make).run(threading.Event(), published.append)
    assert engines[0].times_closed == 1
    assert [cohorts_of(snapshot)["tied"].step for snapshot in published] == [0]


def test_an_error_in_publish_closes_the_engine_too() -> None:
    engine = ScriptedEngine(CONFIG)

    def refuse(snapshot: Snapshot) -> None:
        raise BrokenError("publish failed")

    with pytest.raises(BrokenError, match="publish failed"):
        loop_for(CONFIG, lambda config: engine).run(threading.Event(), refuse)
    assert engine.times_closed == 1


@pytest.mark.parametrize("command", [JoinModel("tide"), Reseed(-1)])
def test_an_invalid_command_ends_the_run_with_its_reason(command: Command) -> None:
    rig = Rig()
    rig.submit(command)
    with pytest.raises(InvalidValue, match="; choose "):
        rig.run_to_the_end()
    assert rig.engines[0].times_closed == 1
