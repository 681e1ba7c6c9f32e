"""Estimated training time of an experiment, before it starts and while it goes on."""

from superpos_core.task.config import ExperimentConfig

SECONDS_PER_ROW = 3e-9
SECONDS_PER_WEIGHT = 9e-11
"""Time of the fused engine on one core: per row of a batch, and per entry of W and row.

Fitted to the experiments on two cores of a server with AVX-512: most are within a factor of two,
and all but one within three.
"""

TRUST = 0.1
"""The share of a training over which its own speed outweighs what was expected."""


def lane_count(config: ExperimentConfig) -> int:
    """The number of lanes, without creating them: a phase diagram has tens of thousands."""
    return len(config.groups) * len(config.settings) * config.restarts


def expected_seconds(config: ExperimentConfig, cores: int) -> float:
    """Seconds of training with the fused engine, to an order of magnitude.

    Each lane is trained by one core at a time.
    """
    lanes = lane_count(config)
    rows = config.steps * config.batch * lanes / min(cores, lanes)
    sizes = [config.hidden_at(swept) for swept in config.sweep_values or (None,)]
    weights = config.features * sum(sizes) / len(sizes)
    return rows * (SECONDS_PER_ROW + SECONDS_PER_WEIGHT * weights)


def seconds_left(config: ExperimentConfig, cores: int, share: float, seconds: float) -> float:
    """Seconds until the end, after a ``share`` of the training has taken so many.

    The first slices are slow, so the expectation counts as if a share of ``TRUST`` had already been
    trained as it says: the estimate begins there and soon follows what is measured.
    """
    whole = (seconds + TRUST * expected_seconds(config, cores)) / (share + TRUST)
    return whole * (1 - share)
