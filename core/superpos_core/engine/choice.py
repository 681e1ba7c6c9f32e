"""Makes the engine that suits a device. Engines are imported when they are made, not before."""

from superpos_core.config import ExperimentConfig
from superpos_core.engine import Engine


def make_engine(config: ExperimentConfig, device: str = "cpu") -> Engine:
    """An engine for ``config``; raises ``InvalidValue`` for a device that is not there.

    It imports torch, which takes seconds: call it where nobody waits.
    """
    from superpos_core.engine.torch_engine import TorchEngine

    return TorchEngine(config, device)
