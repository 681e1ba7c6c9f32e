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
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES

News = Callable[[str], None]

FUSED_SUMS = 16
"""The elements of a vector."""
RAY_MATRICES, ENTRY_ARRAYS = 2, 8
"""On rays: the decoder and its gradient; the arrays of active entries."""
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

    ``devices`` are the kinds of device it runs on. ``make`` makes the engine, and ``makers`` those
    of kinds of job that need another one: that of dictionaries is a ``DictionaryEngine``. ``needs``
    is the library it depends on; ``check_device`` loads that and raises ``InvalidValue`` for a
    device that this machine lacks.
    ``devices_here`` lists the devices of this machine. ``step_floats`` is an estimate: a run that
    would not fit into memory is refused.
    """

    name: str
    devices: tuple[str, ...]
    make: Maker
    makers: Mapping[str, Maker] = field(default_factory=dict)
    needs: str = ""
    check_device: Callable[[str], None] = _always_exists
    devices_here: Callable[[], list[str]] = _only_the_cpu
    step_floats: StepFloats = _no_others

    def maker_for(self, config: ExperimentConfig) -> Maker:
        """What makes the engine for a config, by its kind of job."""
        return self.makers.get(config.kind, self.make)

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
            {DICTIONARIES: _make_fused_dictionaries},
            step_floats=_fused_floats,
        ),
        EngineEntry(
            "torch",
            ("cpu", "cuda", "mps"),
            _make_torch,
            {DICTIONARIES: _make_torch_dictionaries},
            needs="torch",
            check_device=_check_torch_device,
            devices_here=_torch_devices,
            step_floats=_torch_floats,
        ),
    )
}
"""By name, in order of preference."""


def engines_on(device: str) -> list[EngineEntry]:
    """The engines that support ``device``, the preferred one first."""
    return [entry for entry in ENGINES.values() if entry.runs_on(device)]
