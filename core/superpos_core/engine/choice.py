"""Chooses an engine from the registry for a device, and makes it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from superpos_core.engine import Engine
from superpos_core.engine.news import News, ignore_news
from superpos_core.engine.registry import ENGINES, EngineEntry, engines_on
from superpos_core.errors import EngineError, InvalidValue, in_one_line, one_of, unknown_name
from superpos_core.task.config import ExperimentConfig

AUTO = "auto"
DEVICE_NAMES = ("cpu", "cuda", "cuda:N", "mps", "auto")
DEVICE = re.compile(r"cpu|cuda|cuda:[0-9]+|mps|auto")
MAX_THREADS = 1024

GPU_THRESHOLD = 8_000
"""Minimum n·m at which the device ``auto`` is a GPU, if there is one.

With smaller matrices a GPU waits for launches. With batches of 1024 on an H100, compared with the
fused engine on 4 and on 16 cores, the GPU is 0.6 to 2 times as fast at n·m = 1,000, 1.3 to 3.4
times at 4,000, 1.5 to 4.7 times at 8,000 and 8 to 36 times at 100,000. Loading torch and starting
CUDA take seconds, so the threshold is slightly above the size at which a GPU becomes faster.

The rule only depends on n and m, which are fixed during a run. An engine cannot continue from the
state of another one, so turning a dial, adding a model or starting the next block of a phase
diagram must not change the engine.
"""


def engine_names() -> list[str]:
    """The valid names of engines."""
    return [AUTO, *ENGINES]


@dataclass(frozen=True)
class EngineChoice:
    """The requested engine and device, case-insensitive.

    The engine ``auto`` is the first in the registry that runs on the device: fused on the CPU and
    torch elsewhere. The device ``auto`` is the CPU, or the first CUDA device if there is one and
    the matrices are large (``GPU_THRESHOLD``). ``threads`` is for the fused engine, which by
    default uses all available cores; its numbers do not depend on it. Raises ``InvalidValue`` for
    an invalid name, number or combination; only ``check_device`` checks whether the device exists,
    because that may import torch.
    """

    engine: str = AUTO
    device: str = "cpu"
    threads: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine", self.engine.lower())
        object.__setattr__(self, "device", self.device.lower())
        if self.engine not in engine_names():
            raise unknown_name("engine", self.engine, engine_names())
        if not DEVICE.fullmatch(self.device):
            raise unknown_name("device", self.device or "''", DEVICE_NAMES)
        if self.engine != AUTO and self.device != "auto":
            self._check_runs_on_device(ENGINES[self.engine])
        if self.threads is not None and not 1 <= self.threads <= MAX_THREADS:
            raise InvalidValue("threads", self.threads, "out of range", f"1 to {MAX_THREADS}")

    def _check_runs_on_device(self, entry: EngineEntry) -> None:
        if not entry.runs_on(self.device):
            reason = f"it runs on {' and '.join(entry.devices)}, not on {self.device}"
            others = [other.name for other in engines_on(self.device)]
            raise InvalidValue("engine", self.engine, reason, one_of([*others, AUTO]))

    def check_device(self) -> None:
        """Raise ``InvalidValue`` if the device does not exist; the CPU always does."""
        if self.device not in ("cpu", "auto"):
            entry = self._entry_for(self.device)
            with self._refused_if_broken(entry):
                entry.check_device(self.device)

    def check(self) -> None:
        """Raise ``InvalidValue`` for a missing device or an engine that cannot be loaded.

        Imports an engine's dependencies only if it was requested by name.
        """
        self.check_device()
        if self.engine != AUTO:
            entry = ENGINES[self.engine]
            with self._refused_if_broken(entry):
                entry.check_device("cpu")

    def make(self, config: ExperimentConfig, on_news: News = ignore_news) -> Engine:
        """The engine for ``config``.

        ``on_news`` is called with messages about slow work and fallbacks. This may import torch or
        compile, so call it in the background. Raises ``InvalidValue`` if the requested engine
        cannot run here, and ``EngineError`` if none can.
        """
        device = self._device_for(config)
        if self.engine == AUTO and device == "cpu":
            return _first_that_works(config, self.threads, on_news)
        entry = self._entry_for(device)
        with self._refused_if_broken(entry):
            return entry.maker_for(config)(config, device, self.threads, on_news)

    def _entry_for(self, device: str) -> EngineEntry:
        return engines_on(device)[0] if self.engine == AUTO else ENGINES[self.engine]

    def _device_for(self, config: ExperimentConfig) -> str:
        if self.device != "auto":
            return self.device
        is_small = config.features * config.hidden < GPU_THRESHOLD
        if is_small or not self._entry_for("cuda").runs_on("cuda"):
            return "cpu"
        return _first_gpu_or_cpu(self._entry_for("cuda"))

    @contextmanager
    def _refused_if_broken(self, entry: EngineEntry) -> Iterator[None]:
        """Turn any failure of a library or compiler into ``InvalidValue``.

        It names the option that requested the engine.
        """
        try:
            yield
        except (MemoryError, InvalidValue, EngineError):
            raise
        except Exception as error:
            option, value = "engine", self.engine
            others = [name for name in ENGINES if name != entry.name]
            instead = one_of([*others, AUTO])
            if self.device != "cpu" and entry.devices != ("cpu",):
                option, value, instead = "device", self.device, "cpu"
            reason = f"{entry.needs or 'it'} cannot be used here ({in_one_line(error)})"
            raise InvalidValue(option, value, reason, instead) from error


def _first_gpu_or_cpu(entry: EngineEntry) -> str:
    try:
        devices = entry.devices_here()
    except Exception:
        return "cpu"  # the engine was not requested, and the CPU works without it
    return next((device for device in devices if device.startswith("cuda")), "cpu")


def _first_that_works(config: ExperimentConfig, threads: int | None, on_news: News) -> Engine:
    """The first engine that can be made on the CPU; fallbacks are reported as news."""
    failures: dict[str, Exception] = {}
    for entry in engines_on("cpu"):
        try:
            engine = entry.maker_for(config)(config, "cpu", threads, on_news)
        except (MemoryError, InvalidValue, EngineError):
            raise
        except Exception as error:
            # Compilers may fail in many ways on untested machines.
            failures[entry.name] = error
            continue
        for name, failure in failures.items():
            on_news(
                f"falling back to the {entry.name} engine: "
                f"the {name} engine cannot run here ({in_one_line(failure)})"
            )
        return engine
    each = " nor ".join(f"{name} ({in_one_line(error)})" for name, error in failures.items())
    raise EngineError(f"no engine can run here: neither {each}") from [*failures.values()][-1]
