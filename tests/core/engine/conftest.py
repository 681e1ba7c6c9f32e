"""Makes every engine that is registered, and the scripted one, which one line registers here."""

from collections.abc import Callable, Iterator

import pytest
from tests.scripted_engine import ScriptedEngine

from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.registry import ENGINES, EngineEntry
from superpos_core.task.config import ExperimentConfig

Make = Callable[[ExperimentConfig], Engine]
SCRIPTED = EngineEntry("scripted", ("cpu",), lambda config, *_: ScriptedEngine(config))


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, SCRIPTED.name, SCRIPTED)


@pytest.fixture(params=[*ENGINES, SCRIPTED.name])
def engine_name(request: pytest.FixtureRequest, scripted: None) -> str:
    """Of each engine that there is."""
    name: str = request.param
    return name


@pytest.fixture
def make(engine_name: str) -> Iterator[Make]:
    """Makes that engine, as often as one likes, through the choice."""
    yield from _making(engine_name)


@pytest.fixture(params=ENGINES)
def make_learner(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes one of the engines that learn."""
    yield from _making(request.param)


def _making(name: str) -> Iterator[Make]:
    made: list[Engine] = []

    def make(config: ExperimentConfig) -> Engine:
        made.append(EngineChoice(name).make(config))
        return made[-1]

    yield make
    for engine in made:
        engine.close()
