"""A kind of record that the program does not know: trained, exported and shown.

It is defined here, with the job that makes it, and registered by one line.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.tui.running import running, text_of, until, until_finished

from superpos_core.arrays import FloatArray
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import JobCommand
from superpos_core.training.job import CommandRefused, EngineFactory, Job, Plan, Track
from superpos_core.training.jobs import JOBS, check_trainable
from superpos_core.training.run import train
from superpos_tui.headless import export_headless
from superpos_tui.views.registry import VIEWS

CONFIG = ExperimentConfig("coin", kind="tosses", features=4, hidden=2, steps=40)


@dataclass(frozen=True)
class Tosses(Record):
    """How often a coin came up heads, for each of n coins."""

    title: ClassVar[str] = "coin toss"

    heads: FloatArray
    tossed: int

    @property
    def share_done(self) -> float:
        """Of the steps."""
        return self.tossed / self.config.steps

    def arrays(self) -> dict[str, FloatArray]:
        """``heads``, shape (n,)."""
        return {"heads": self.heads}


class TossCoins(Job):
    """Tosses each coin once a step; it needs no engine."""

    record_type = Tosses
    engine = "a hand"
    device = "the table"

    def __init__(self, config: ExperimentConfig) -> None:
        self._config = config
        self._random = np.random.default_rng(config.seed)
        self._heads = np.zeros(config.features)
        self._tossed = 0

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        """One coin shows nothing."""
        if config.features == 1:
            raise InvalidValue("features", 1, "one coin shows nothing", "2 or more")

    @classmethod
    def start(cls, config: ExperimentConfig, make_engine: EngineFactory) -> Self:
        """No coin has been tossed."""
        return cls(config)

    @property
    def config(self) -> ExperimentConfig:
        """What is tossed."""
        return self._config

    def tracks(self) -> Mapping[str, Track]:
        """One."""
        steps = self._config.steps
        return {"tosses": Track(self._tossed, steps, steps)}

    def advance(self, plan: Plan) -> Mapping[str, FloatArray]:
        """Toss."""
        for _ in range(plan["tosses"]):
            self._heads = self._heads + self._random.integers(2, size=self._heads.size)
        self._tossed += plan["tosses"]
        return {}

    def keep(self, plan: Plan) -> None:
        """Every toss is counted already."""

    def record(self) -> Tosses:
        """The count so far."""
        return Tosses(self._config, self._heads, self._tossed)

    def apply(self, command: JobCommand) -> None:
        """Coins have no dials, and no model can join."""
        raise CommandRefused("a coin is only tossed")

    def close(self) -> None:
        """There is nothing to give back."""


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(JOBS, "tosses", TossCoins)


def expected_heads() -> FloatArray:
    random = np.random.default_rng(CONFIG.seed)
    heads: FloatArray = random.integers(2, size=(CONFIG.steps, 4)).sum(axis=0).astype(float)
    return heads


def test_it_trains_to_its_end() -> None:
    seen: list[Snapshot] = []
    last = train(CONFIG, seen.append)
    assert (last.phase, last.engine, last.device) == ("finished", "a hand", "the table")
    assert last.record.share_done == 1
    assert seen[0].record.share_done == 0
    np.testing.assert_array_equal(last.record_as(Tosses).heads, expected_heads())


def test_it_says_what_it_cannot_train() -> None:
    with pytest.raises(InvalidValue, match="one coin shows nothing"):
        check_trainable(ExperimentConfig("coin", kind="tosses", features=1, hidden=1))


def test_a_kind_that_is_not_registered_is_refused() -> None:
    with pytest.raises(InvalidValue, match="tosses"):
        check_trainable(ExperimentConfig("coin", kind="dice"))


def test_it_is_exported_headless(tmp_path: Path) -> None:
    assert export_headless([Trial(CONFIG)], tmp_path, ("svg",), EngineChoice()) == 0
    arrays = load_file(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(arrays["heads"], expected_heads())
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["config"]["kind"] == "tosses"
    assert summary["share_done"] == 1
    assert summary["provenance"] == ["experiment coin", "n = 4 → m = 2", "seed 0", "step 40 of 40"]
    assert summary["lanes"] == summary["checks"] == []
    assert ExperimentConfig.from_dict(summary["config"]) == CONFIG


async def test_the_instrument_shows_its_progress_and_each_view_its_message() -> None:
    async with running(config=CONFIG) as (app, pilot):
        await until_finished(app, pilot)
        assert "· coin toss" in text_of(app, "status")
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            (front, panel), *_ = view.panels.items()
            why_not = "This is a coin toss: no view shows it."
            said = panel.where_to_find() if panel.where_to_find else why_not
            assert " ".join(said.split()) in " ".join(text_of(app, f"{view.name}-{front}").split())


async def test_unsupported_actions_are_refused_and_it_continues() -> None:
    async with running(config=CONFIG) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("m", "t", "r")
        await until(pilot, lambda: app.watched.snapshot is not None)
        await until_finished(app, pilot)
        said = {notice.message for notice in app._notifications}
        assert "a coin toss has no models to choose from" in said
        assert "a coin toss keeps no moments" in said
