"""The registry of engines: where they run, what they need and how to make them.

To add an engine, add an entry. ``EngineChoice``, the command line's choices, its help and error
messages are derived from it. An engine is only imported when it is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from superpos_core.engine import Engine
from superpos_core.engine.dictionaries import DictionaryEngine
from superpos_core.engine.fused.ray_choice import are_rays
from superpos_core.engine.news import News
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.rows import expected_rows, numbers_in_store

FUSED_SUMS = 16
"""The elements of a vector."""
RAY_MATRICES, ENTRY_ARRAYS = 2, 8
"""On rays: the decoder and its gradient; the arrays of active entries."""
DICTIONARY_ERRORS, DICTIONARY_LATENTS = 4, 3
"""For each row of a dictionary's batch: h and up to three errors; arrays over latents."""
TORCH_ROW_COPIES, TORCH_HIDDEN_COPIES = 10, 5
"""Measured for the torch engine on the CPU."""


class Maker(Protocol):
    """Makes an engine for a config, on a device that it runs on.

    ``threads`` is for engines that use any; ``on_news`` is called with messages about slow work.
    """

    def __call__(
        self, config: ExperimentConfig, device: str, threads: int | None, on_news: News, /
    ) -> Engine:
        """Make the engine; this may import libraries or compile."""


class StepFloats(Protocol):
    """Counts the floats that a step holds besides weights, losses and datasets."""

    def __call__(
        self, config: ExperimentConfig, lanes: int, weights: int, threads: int, /
    ) -> float:
        """For ``lanes`` that train at once, with ``weights`` parameters each."""


def _no_others(config: ExperimentConfig, lanes: int, weights: int, threads: int) -> float:
    return 0.0


def _only_the_cpu() -> list[str]:
    return ["cpu"]


def _always_exists(device: str) -> None:
    """The CPU always exists."""


@dataclass(frozen=True)
class EngineEntry:
    """An engine.

    ``devices`` are the kinds of device it runs on. ``needs`` is the library it depends on;
    ``check_device`` loads that and raises ``InvalidValue`` for a device that this machine lacks.
    ``devices_here`` lists the devices of this machine. ``step_floats`` is an estimate: a run that
    would not fit into memory is refused. ``others`` replace ``make`` and ``step_floats`` for kinds
    of job that need another engine: that of dictionaries is a ``DictionaryEngine``.
    """

    name: str
    devices: tuple[str, ...]
    make: Maker
    needs: str = ""
    check_device: Callable[[str], None] = _always_exists
    devices_here: Callable[[], list[str]] = _only_the_cpu
    step_floats: StepFloats = _no_others
    others: Mapping[str, tuple[Maker, StepFloats]] = field(default_factory=dict)

    def maker_for(self, config: ExperimentConfig) -> Maker:
        """What makes the engine for a config, by its kind of job."""
        return self.others[config.kind][0] if config.kind in self.others else self.make

    def floats_of_a_step(
        self, config: ExperimentConfig, lanes: int, weights: int, threads: int
    ) -> float:
        """``step_floats`` for a config, by its kind of job."""
        kind = config.kind
        count = self.others[kind][1] if kind in self.others else self.step_floats
        return count(config, lanes, weights, threads)

    def runs_on(self, device: str) -> bool:
        """Whether it supports a device such as ``cuda:1``."""
        return device.partition(":")[0] in self.devices


def _make_fused(
    config: ExperimentConfig, device: str, threads: int | None, on_news: News
) -> Engine:
    from superpos_core.engine.fused.engine import FusedEngine

    return FusedEngine(config, threads, on_news)


def _make_fused_dictionaries(
    config: ExperimentConfig, device: str, threads: int | None, on_news: News
) -> DictionaryEngine:
    from superpos_core.engine.fused.dictionaries.engine import fused_dictionary_engine

    return fused_dictionary_engine(config, threads, on_news)


def _fused_dictionary_floats(
    config: ExperimentConfig, lanes: int, weights: int, threads: int
) -> float:
    """The blocks of a batch for each thread, and the rows that each lane has in store."""
    of_row = DICTIONARY_ERRORS * config.hidden + DICTIONARY_LATENTS * config.latents
    of_models = _fused_floats(config, lanes, weights, threads)
    rows, in_store = _dictionary_rows(config)
    of_threads = min(threads, lanes) * rows * of_row
    return max(of_models, of_threads + lanes * in_store)


def _dictionary_rows(config: ExperimentConfig) -> tuple[float, float]:
    """Of the densest lane of dictionaries: the rows of a step, and the numbers in store."""
    lanes = config.lanes_of(config.dictionaries[0])
    densest = max(lanes, key=lambda lane: lane.density)
    return expected_rows(config, densest), numbers_in_store(config, densest)


def _fused_floats(config: ExperimentConfig, lanes: int, weights: int, threads: int) -> float:
    """Each thread spreads gradient sums over the elements of a vector, except on rays."""
    of_thread = max(
        _ray_floats(config, weights) if are_rays(config, model) else FUSED_SUMS * weights
        for model in config.models
    )
    return min(threads, lanes) * of_thread


def _ray_floats(config: ExperimentConfig, weights: int) -> float:
    """The gradient, two matrices in blocks, and the active entries of a batch."""
    active = (1 - min(config.sparsities)) * float(config.feature_frequency.sum())
    matrices = RAY_MATRICES * config.features * config.hidden
    return weights + matrices + ENTRY_ARRAYS * config.batch * active


def _make_torch(
    config: ExperimentConfig, device: str, threads: int | None, on_news: News
) -> Engine:
    from superpos_core.engine.torch.engine import TorchEngine

    return TorchEngine(config, device)


def _make_torch_dictionaries(
    config: ExperimentConfig, device: str, threads: int | None, on_news: News
) -> DictionaryEngine:
    from superpos_core.engine.torch.dictionaries.engine import torch_dictionary_engine

    return torch_dictionary_engine(config, device)


def _torch_dictionary_floats(
    config: ExperimentConfig, lanes: int, weights: int, threads: int
) -> float:
    """Arrays of lanes × batch × d, and × latents, are alive at once, and rows in store."""
    per_row = TORCH_HIDDEN_COPIES * config.hidden + TORCH_ROW_COPIES * config.latents
    of_models = _torch_floats(config, lanes, weights, threads)
    rows, in_store = _dictionary_rows(config)
    return max(of_models, lanes * (rows * per_row + in_store))


def _torch_floats(config: ExperimentConfig, lanes: int, weights: int, threads: int) -> float:
    """Arrays of lanes × batch × n, and × m, are alive at once."""
    per_row = TORCH_ROW_COPIES * config.features + TORCH_HIDDEN_COPIES * config.hidden
    return lanes * config.batch * per_row


def _check_torch_device(device: str) -> None:
    from superpos_core.engine.torch.devices import resolve_device

    resolve_device(device)


def _torch_devices() -> list[str]:
    from superpos_core.engine.torch.devices import available_devices

    return available_devices()


ENGINES: dict[str, EngineEntry] = {
    entry.name: entry
    for entry in (
        EngineEntry(
            "fused",
            ("cpu",),
            _make_fused,
            step_floats=_fused_floats,
            others={DICTIONARIES: (_make_fused_dictionaries, _fused_dictionary_floats)},
        ),
        EngineEntry(
            "torch",
            ("cpu", "cuda", "mps"),
            _make_torch,
            needs="torch",
            check_device=_check_torch_device,
            devices_here=_torch_devices,
            step_floats=_torch_floats,
            others={DICTIONARIES: (_make_torch_dictionaries, _torch_dictionary_floats)},
        ),
    )
}
"""By name, in order of preference."""


def engines_on(device: str) -> list[EngineEntry]:
    """The engines that support ``device``, the preferred one first."""
    return [entry for entry in ENGINES.values() if entry.runs_on(device)]
