"""What all engines of dictionaries have in common: kinds as cohorts that advance together."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.engine import EngineState
from superpos_core.engine.dictionaries.forms import Arrays, as_shown, as_trained
from superpos_core.engine.dictionaries.training_rows import training_rows_of
from superpos_core.engine.states import check_start, check_state, models_to_load
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS, DictionaryKind, kind_named
from superpos_core.task.dictionaries.rows import Rows
from superpos_core.task.dictionaries.start import check_start as check_where_they_start
from superpos_core.task.dictionaries.start import stacked_initial_dictionaries
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class Progress:
    """Losses and mean numbers of active latents of some steps, each (steps, lanes), float32."""

    losses: FloatArray
    active: FloatArray


class Cohort(Protocol):
    """The lanes of one kind."""

    def arrays(self) -> Arrays:
        """The trained arrays by name, with a leading lane axis; may be views."""

    def start_from(self, arrays: Arrays) -> None:
        """Replace the trained arrays."""

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All that training changes, by name; may be views."""

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Replace all of ``state``."""


@dataclass(frozen=True)
class LanesOfKind:
    """What a cohort is made of: the lanes of a kind, what each reads, and how they start."""

    config: ExperimentConfig
    kind: DictionaryKind
    lanes: tuple[Lane, ...]
    rows: tuple[Rows, ...]
    start: Parameters


AnyCohort = TypeVar("AnyCohort", bound=Cohort)


@dataclass(frozen=True)
class Backend(Generic[AnyCohort]):
    """How an engine makes cohorts and advances several at once; ``guarded`` explains failures."""

    name: str
    device: Callable[[], str]
    cohort: Callable[[LanesOfKind], AnyCohort]
    advance: Callable[[Sequence[tuple[AnyCohort, int]]], list[Progress]]
    close: Callable[[], None] = lambda: None
    guarded: Callable[[], AbstractContextManager[None]] = nullcontext


class EngineOfCohorts(Generic[AnyCohort]):
    """A ``DictionaryEngine`` made of cohorts."""

    def __init__(self, config: ExperimentConfig, backend: Backend[AnyCohort]) -> None:
        check_where_they_start(config)
        self._config = config
        self._backend = backend
        self._directions: FloatArray | None = None
        self._given_rows: tuple[Rows, ...] | None = None
        self._cohorts: dict[str, AnyCohort] = {}
        self._active: dict[str, FloatArray] = {}

    @property
    def name(self) -> str:
        """The engine's name on the command line."""
        return self._backend.name

    @property
    def device(self) -> str:
        """Where it runs."""
        return self._backend.device()

    def read(self, directions: FloatArray) -> None:
        """Let the dictionaries read these directions, (lanes, n, d), and add the config's kinds."""
        self._directions = np.array(directions, np.float32)
        for kind in self._config.dictionaries:
            self.join(kind)

    def read_rows(self, rows: Sequence[Rows]) -> None:
        """Let the dictionaries read given rows, of each lane, and add the config's kinds."""
        self._given_rows = tuple(rows)
        self.read(np.zeros((len(rows), self._config.features, self._config.hidden), np.float32))

    def join(self, model: str) -> None:
        """Add the lanes of a kind at step 0."""
        self._cohorts[model] = self._new_cohort(model)

    def _new_cohort(self, name: str) -> AnyCohort:
        if self._directions is None:
            raise ValueError("the dictionaries have nothing to read yet")
        config, lanes = self._config, self._config.lanes_of(name)
        given = LanesOfKind(
            config,
            kind_named(name),
            lanes,
            self._given_rows or self._made_rows(lanes, self._directions),
            stacked_initial_dictionaries(config, lanes, self._directions),
        )
        with self._backend.guarded():
            return self._backend.cohort(given)

    def _made_rows(self, lanes: tuple[Lane, ...], directions: FloatArray) -> tuple[Rows, ...]:
        each = zip(lanes, directions, strict=True)
        return tuple(training_rows_of(self._config, *of_lane) for of_lane in each)

    def start_from(self, model: str, parameters: Parameters) -> None:
        """Let a kind's lanes, at step 0, start from these parameters; they have a lane axis."""
        check_start(self.parameters(model), parameters)
        with self._backend.guarded():
            self._cohort(model).start_from(as_trained(self._config, kind_named(model), parameters))

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly this many steps of each named kind; the losses, shape (steps, lanes)."""
        work = [(self._cohort(kind), count) for kind, count in steps.items()]
        with self._backend.guarded():
            progress = dict(zip(steps, self._backend.advance(work), strict=True))
        self._active.update({kind: each.active for kind, each in progress.items()})
        return {kind: each.losses for kind, each in progress.items()}

    def active(self, kind: str) -> FloatArray:
        """L0 of each step of the last ``advance``, shape (steps, lanes)."""
        return self._active[kind]

    def parameters(self, model: str) -> Parameters:
        """The current parameters of a kind's lanes, as copies with a leading lane axis."""
        with self._backend.guarded():
            return as_shown(kind_named(model), self._cohort(model).arrays())

    def _cohort(self, kind: str) -> AnyCohort:
        if kind not in self._cohorts:
            raise ValueError(f"no dictionaries of the kind {kind} are training")
        return self._cohorts[kind]

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to continue training from here, as flat named arrays."""
        with self._backend.guarded():
            return {name: array.copy() for name, array in _arrays_of(self._cohorts).items()}

    def load_state(self, state: EngineState) -> None:
        """Continue from a ``state`` of the same config; raises ``ValueError`` if it is not one."""
        kinds = models_to_load(state, self._cohorts, KINDS)
        cohorts = {kind: self._new_cohort(kind) for kind in kinds}
        with self._backend.guarded():
            check_state(_arrays_of(cohorts), state)
            for kind, cohort in cohorts.items():
                own = {name: state[f"{kind}/{name}"].copy() for name in cohort.state()}
                cohort.load_state(own)
        self._cohorts = cohorts

    def close(self) -> None:
        """Release threads and memory."""
        self._cohorts.clear()
        self._backend.close()


def _arrays_of(cohorts: Mapping[str, Cohort]) -> dict[str, NDArray[Any]]:
    return {
        f"{kind}/{name}": array
        for kind, cohort in cohorts.items()
        for name, array in cohort.state().items()
    }
