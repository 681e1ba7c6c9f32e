"""Makes the engine that suits a device. Engines are imported when they are made, not before."""

from collections.abc import Callable
from dataclasses import dataclass

from superpos_core.config import ExperimentConfig
from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue, unknown_name

ENGINE_NAMES = ("auto", "fused", "torch")
MOST_THREADS = 1024

News = Callable[[str], None]


def silence(news: str) -> None:
    """Hear nothing of it."""


@dataclass(frozen=True)
class EngineChoice:
    """Which engine, where: ``auto`` is fused on the CPU and torch elsewhere.

    ``threads`` is for the fused engine, which takes all the cores it may if nothing is said; its
    numbers do not depend on it. Raises ``InvalidValue`` for a name, a number or a combination that
    cannot be; whether the device is there is only known to ``check_device``, which imports torch.
    """

    engine: str = "auto"
    device: str = "cpu"
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.engine not in ENGINE_NAMES:
            raise unknown_name("engine", self.engine, ENGINE_NAMES)
        if self.engine == "fused" and self.device != "cpu":
            reason = f"it runs on cpu, not on {self.device}"
            raise InvalidValue("engine", self.engine, reason, "torch or auto")
        if self.threads is not None and not 1 <= self.threads <= MOST_THREADS:
            raise InvalidValue("threads", self.threads, "out of range", f"1 to {MOST_THREADS}")

    def check_device(self) -> None:
        """Raise ``InvalidValue`` if the device is not there; the CPU always is."""
        if self.device != "cpu":
            from superpos_core.engine.torch_engine import resolve_device

            resolve_device(self.device)

    def make(self, config: ExperimentConfig, on_news: News = silence) -> Engine:
        """The engine for ``config``.

        ``on_news`` hears of what takes long and of what was done instead. It may import torch, or
        compile: call it where nobody waits.
        """
        if self.engine == "torch" or self.device != "cpu":
            return _torch_engine(config, self.device)
        try:
            from superpos_core.engine.fused_engine import FusedEngine

            return FusedEngine(config, self.threads, on_news)
        except (MemoryError, InvalidValue):
            raise
        except Exception as error:
            # Compilers fail in many ways, on machines that nobody has tried.
            if self.engine == "fused":
                raise
            reason = f"{type(error).__name__}: {error}"
            on_news(f"the torch engine trains, for the fused one cannot run here ({reason})")
            return _torch_engine(config, self.device)


def _torch_engine(config: ExperimentConfig, device: str) -> Engine:
    from superpos_core.engine.torch_engine import TorchEngine

    return TorchEngine(config, device)
