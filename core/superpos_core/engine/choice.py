"""Makes the engine that suits a device. Engines are imported when they are made, not before."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

from superpos_core.engine import Engine
from superpos_core.errors import EngineError, InvalidValue, in_one_line, unknown_name
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.task import Task

ENGINE_NAMES = ("auto", "fused", "torch")
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

News = Callable[[str], None]


def silence(news: str) -> None:
    """Hear nothing of it."""


@dataclass(frozen=True)
class EngineChoice:
    """Which engine, and where; either name may be in capitals.

    The engine ``auto`` is fused on the CPU and torch elsewhere. The device ``auto`` is the CPU, or
    the first CUDA device if there is one and the matrices are large (``WEIGHTS_WORTH_A_GPU``).
    ``threads`` is for the fused engine, which takes all the cores it may if nothing is said; its
    numbers do not depend on it. Raises ``InvalidValue`` for a name, a number or a combination that
    cannot be; only ``check_device`` knows whether the device is there, as it imports torch.
    """

    engine: str = "auto"
    device: str = "cpu"
    threads: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine", self.engine.lower())
        object.__setattr__(self, "device", self.device.lower())
        if self.engine not in ENGINE_NAMES:
            raise unknown_name("engine", self.engine, ENGINE_NAMES)
        if not DEVICE.fullmatch(self.device):
            raise unknown_name("device", self.device or "''", DEVICE_NAMES)
        if self.engine == "fused" and self.device not in ("cpu", "auto"):
            reason = f"it runs on cpu, not on {self.device}"
            raise InvalidValue("engine", self.engine, reason, "torch or auto")
        if self.threads is not None and not 1 <= self.threads <= MOST_THREADS:
            raise InvalidValue("threads", self.threads, "out of range", f"1 to {MOST_THREADS}")

    def check_device(self) -> None:
        """Raise ``InvalidValue`` if the device is not there; the CPU always is."""
        if self.device not in ("cpu", "auto"):
            with self._torch_refused_if_broken():
                _torch_module().resolve_device(self.device)

    def check(self) -> None:
        """Raise ``InvalidValue`` for a device that is not there or a torch that cannot be loaded.

        Torch is imported if it was asked for, and not otherwise.
        """
        self.check_device()
        if self.engine == "torch":
            with self._torch_refused_if_broken():
                _torch_module()

    def make(self, config: ExperimentConfig, on_news: News = silence) -> Engine:
        """The engine for ``config``.

        ``on_news`` is called with what takes long and with what was done instead. This may import
        torch, or compile: call it where nobody waits. Raises ``InvalidValue`` if what was asked for
        cannot run here, and ``EngineError`` if no engine can.
        """
        device = self._device_for(config)
        if self.engine == "torch" or device != "cpu":
            with self._torch_refused_if_broken():
                return _torch_engine(config, device)
        if self.engine == "fused":
            with _refused_if_broken("engine", "fused", "it", "torch or auto"):
                return _fused_engine(config, self.threads, on_news)
        try:
            return _fused_engine(config, self.threads, on_news)
        except (MemoryError, InvalidValue):
            raise
        except Exception as error:
            # Compilers fail in many ways, on machines that nobody has tried.
            return _torch_engine_instead(config, in_one_line(error), on_news)

    def _device_for(self, task: Task) -> str:
        if self.device != "auto":
            return self.device
        is_small = task.features * task.hidden < WEIGHTS_WORTH_A_GPU
        return "cpu" if is_small or self.engine == "fused" else _first_gpu_or_cpu()

    @contextmanager
    def _torch_refused_if_broken(self) -> Iterator[None]:
        """Blame the option that asked for torch."""
        asked = ("engine", self.engine, "torch", "fused or auto")
        if self.device != "cpu":
            asked = ("device", self.device, "torch", "cpu")
        with _refused_if_broken(*asked):
            yield


@contextmanager
def _refused_if_broken(option: str, value: str, what: str, instead: str) -> Iterator[None]:
    """Turn the many ways in which a library or a compiler can be broken into ``InvalidValue``."""
    try:
        yield
    except (MemoryError, InvalidValue, EngineError):
        raise
    except Exception as error:
        reason = f"{what} cannot be used here ({in_one_line(error)})"
        raise InvalidValue(option, value, reason, instead) from error


def _torch_module() -> ModuleType:
    from superpos_core.engine.torch import engine as torch_engine

    return torch_engine


def _first_gpu_or_cpu() -> str:
    try:
        devices: list[str] = _torch_module().available_devices()
    except Exception:
        return "cpu"  # nobody asked for torch, and the CPU can do without
    return next((device for device in devices if device.startswith("cuda")), "cpu")


def _fused_engine(config: ExperimentConfig, threads: int | None, on_news: News) -> Engine:
    from superpos_core.engine.fused.engine import FusedEngine

    return FusedEngine(config, threads, on_news)


def _torch_engine(config: ExperimentConfig, device: str) -> Engine:
    engine: Engine = _torch_module().TorchEngine(config, device)
    return engine


def _torch_engine_instead(config: ExperimentConfig, reason: str, on_news: News) -> Engine:
    """For where the fused engine cannot run, for this reason."""
    try:
        engine = _torch_engine(config, "cpu")
    except (MemoryError, InvalidValue, EngineError):
        raise
    except Exception as error:
        raise EngineError(
            f"no engine can run here: neither fused ({reason}) nor torch ({in_one_line(error)})"
        ) from error
    on_news(f"the torch engine trains instead: the fused one cannot run here ({reason})")
    return engine
