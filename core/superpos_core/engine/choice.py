"""Makes the engine that suits a device, out of the registry."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from superpos_core.engine import Engine
from superpos_core.engine.registry import ENGINES, EngineEntry, News, engines_on
from superpos_core.errors import EngineError, InvalidValue, in_one_line, one_of, unknown_name
from superpos_core.task.config import ExperimentConfig

AUTO = "auto"
DEVICE_NAMES = ("cpu", "cuda", "cuda:N", "mps", "auto")
DEVICE = re.compile(r"cpu|cuda|cuda:[0-9]+|mps|auto")
MOST_THREADS = 1024

WEIGHTS_WORTH_A_GPU = 8_000
"""From this n·m on, the device ``auto`` is a GPU, where there is one.

With smaller matrices a GPU waits for launches. Measured with batches of 1024 on an H100 beside the
fused engine on 4 and on 16 cores: at n·m = 1,000 the GPU is 0.6 to 2 times as fast, at 4,000 1.3 to
3.4 times, at 8,000 1.5 to 4.7 times, at 100,000 8 to 36 times. Loading torch and starting CUDA take
seconds, so that the limit is a little above the size from which a GPU is faster.

The rule looks at n and m alone, which stay the same throughout a run. An engine cannot go on from
the state of another one, so neither a turn of a dial, nor a model that joins, nor the next block of
a phase diagram may change the engine.
"""


def silence(news: str) -> None:
    """Hear nothing of it."""


def engine_names() -> list[str]:
    """What may be asked for by name."""
    return [AUTO, *ENGINES]


@dataclass(frozen=True)
class EngineChoice:
    """Which engine, and where; either name may be in capitals.

    The engine ``auto`` is the first of the registry that runs on the device: fused on the CPU and
    torch elsewhere. The device ``auto`` is the CPU, or the first CUDA device if there is one and
    the matrices are large (``WEIGHTS_WORTH_A_GPU``). ``threads`` is for the fused engine, which
    takes all the cores it may if nothing is said; its numbers do not depend on it. Raises
    ``InvalidValue`` for a name, a number or a combination that cannot be; only ``check_device``
    knows whether the device is there, as it may import torch.
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
            self._check_that_it_runs_there(ENGINES[self.engine])
        if self.threads is not None and not 1 <= self.threads <= MOST_THREADS:
            raise InvalidValue("threads", self.threads, "out of range", f"1 to {MOST_THREADS}")

    def _check_that_it_runs_there(self, entry: EngineEntry) -> None:
        if not entry.runs_on(self.device):
            reason = f"it runs on {' and '.join(entry.devices)}, not on {self.device}"
            others = [other.name for other in engines_on(self.device)]
            raise InvalidValue("engine", self.engine, reason, one_of([*others, AUTO]))

    def check_device(self) -> None:
        """Raise ``InvalidValue`` if the device is not there; the CPU always is."""
        if self.device not in ("cpu", "auto"):
            entry = self._entry_for(self.device)
            with self._refused_if_broken(entry):
                entry.check_device(self.device)

    def check(self) -> None:
        """Raise ``InvalidValue`` for a device that is not there or an engine that cannot be loaded.

        What an engine needs is imported if it was asked for, and not otherwise.
        """
        self.check_device()
        if self.engine != AUTO:
            entry = ENGINES[self.engine]
            with self._refused_if_broken(entry):
                entry.check_device("cpu")

    def make(self, config: ExperimentConfig, on_news: News = silence) -> Engine:
        """The engine for ``config``.

        ``on_news`` is called with what takes long and with what was done instead. This may import
        torch, or compile: call it where nobody waits. Raises ``InvalidValue`` if what was asked for
        cannot run here, and ``EngineError`` if no engine can.
        """
        device = self._device_for(config)
        if self.engine == AUTO and device == "cpu":
            return _first_that_works(config, self.threads, on_news)
        entry = self._entry_for(device)
        with self._refused_if_broken(entry):
            return entry.make(config, device, self.threads, on_news)

    def _entry_for(self, device: str) -> EngineEntry:
        return engines_on(device)[0] if self.engine == AUTO else ENGINES[self.engine]

    def _device_for(self, config: ExperimentConfig) -> str:
        if self.device != "auto":
            return self.device
        is_small = config.features * config.hidden < WEIGHTS_WORTH_A_GPU
        if is_small or not self._entry_for("cuda").runs_on("cuda"):
            return "cpu"
        return _first_gpu_or_cpu(self._entry_for("cuda"))

    @contextmanager
    def _refused_if_broken(self, entry: EngineEntry) -> Iterator[None]:
        """Turn the many ways in which a library or a compiler can be broken into ``InvalidValue``.

        The option that asked for the engine is blamed.
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
        return "cpu"  # nobody asked for this engine, and the CPU can do without
    return next((device for device in devices if device.startswith("cuda")), "cpu")


def _first_that_works(config: ExperimentConfig, threads: int | None, on_news: News) -> Engine:
    """On the CPU, the first engine that can be made there; what is unexpected is news."""
    failures: dict[str, Exception] = {}
    for entry in engines_on("cpu"):
        try:
            engine = entry.make(config, "cpu", threads, on_news)
        except (MemoryError, InvalidValue, EngineError):
            raise
        except Exception as error:
            # Compilers fail in many ways, on machines that nobody has tried.
            failures[entry.name] = error
            continue
        for name, failure in failures.items():
            on_news(
                f"the {entry.name} engine trains instead: "
                f"the {name} one cannot run here ({in_one_line(failure)})"
            )
        return engine
    each = " nor ".join(f"{name} ({in_one_line(error)})" for name, error in failures.items())
    raise EngineError(f"no engine can run here: neither {each}") from [*failures.values()][-1]
