"""Makes the engine that suits a device. Engines are imported when they are made, not before."""

from collections.abc import Callable

from superpos_core.config import ExperimentConfig
from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue, unknown_name

ENGINE_NAMES = ("auto", "fused", "torch")
MOST_THREADS = 1024

News = Callable[[str], None]


def check_engine(engine: str, device: str, threads: int | None) -> None:
    """Raise ``InvalidValue`` for a name, a combination or a number that cannot be."""
    if engine not in ENGINE_NAMES:
        raise unknown_name("engine", engine, ENGINE_NAMES)
    if engine == "fused" and device != "cpu":
        raise InvalidValue("engine", engine, f"it runs on cpu, not on {device}", "torch or auto")
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise InvalidValue("threads", threads, "out of range", f"1 to {MOST_THREADS}")


def make_engine(
    config: ExperimentConfig,
    device: str = "cpu",
    engine: str = "auto",
    threads: int | None = None,
    on_news: News = lambda news: None,
) -> Engine:
    """An engine for ``config``: ``auto`` is fused on the CPU and torch elsewhere.

    ``threads`` is for the fused engine, which takes all cores it may if nothing is said; its
    numbers do not depend on it. ``on_news`` hears of what takes long and of what was done instead.
    Raises ``InvalidValue`` for what cannot be used. It may import torch, or compile: call it where
    nobody waits.
    """
    check_engine(engine, device, threads)
    if engine == "torch" or device != "cpu":
        return _torch_engine(config, device)
    try:
        from superpos_core.engine.fused_engine import FusedEngine

        return FusedEngine(config, threads, on_news)
    except (MemoryError, InvalidValue):
        raise
    except Exception as error:
        # Compilers fail in many ways, on machines that nobody has tried.
        if engine == "fused":
            raise
        on_news(f"torch trains: the fused engine cannot run here ({type(error).__name__}: {error})")
        return _torch_engine(config, device)


def _torch_engine(config: ExperimentConfig, device: str) -> Engine:
    from superpos_core.engine.torch_engine import TorchEngine

    return TorchEngine(config, device)
