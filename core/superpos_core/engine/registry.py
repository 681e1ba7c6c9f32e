"""The engines, one entry each: where they run, what they need, and how they are made.

A new engine is one more entry. ``EngineChoice``, the command line's choices, its help and its error
messages are made from it. An engine is imported when it is made, not before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from superpos_core.engine import Engine
from superpos_core.task.config import ExperimentConfig

News = Callable[[str], None]


class Maker(Protocol):
    """Makes an engine for a config, on a device that it runs on.

    ``threads`` is for engines that have any; ``on_news`` is told what takes long.
    """

    def __call__(
        self, config: ExperimentConfig, device: str, threads: int | None, on_news: News, /
    ) -> Engine:
        """The engine; this may import, or compile."""


def _only_the_cpu() -> list[str]:
    return ["cpu"]


def _is_there(device: str) -> None:
    """The CPU always is."""


@dataclass(frozen=True)
class EngineEntry:
    """One engine.

    ``devices`` are the kinds of device it runs on. ``needs`` is the library that it cannot be
    loaded without; ``check_device`` loads it, and raises ``InvalidValue`` for a device that this
    machine lacks. ``devices_here`` are those that it has.
    """

    name: str
    devices: tuple[str, ...]
    make: Maker
    needs: str = ""
    check_device: Callable[[str], None] = _is_there
    devices_here: Callable[[], list[str]] = _only_the_cpu

    def runs_on(self, device: str) -> bool:
        """Whether it could run on such a device, such as ``cuda:1``, if there is one."""
        return device.partition(":")[0] in self.devices


def _make_fused(
    config: ExperimentConfig, device: str, threads: int | None, on_news: News
) -> Engine:
    from superpos_core.engine.fused.engine import FusedEngine

    return FusedEngine(config, threads, on_news)


def _make_torch(
    config: ExperimentConfig, device: str, threads: int | None, on_news: News
) -> Engine:
    from superpos_core.engine.torch.engine import TorchEngine

    return TorchEngine(config, device)


def _check_torch_device(device: str) -> None:
    from superpos_core.engine.torch.devices import resolve_device

    resolve_device(device)


def _torch_devices() -> list[str]:
    from superpos_core.engine.torch.devices import available_devices

    return available_devices()


ENGINES: dict[str, EngineEntry] = {
    entry.name: entry
    for entry in (
        EngineEntry("fused", ("cpu",), _make_fused),
        EngineEntry(
            "torch",
            ("cpu", "cuda", "mps"),
            _make_torch,
            needs="torch",
            check_device=_check_torch_device,
            devices_here=_torch_devices,
        ),
    )
}
"""By name; where one is to be chosen, the first that runs on the device is."""


def engines_on(device: str) -> list[EngineEntry]:
    """Those that run on such a device, the preferred one first."""
    return [entry for entry in ENGINES.values() if entry.runs_on(device)]
