"""About how long an experiment trains, told before it begins."""

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.grid import Grid

SECONDS_A_ROW = 3e-9
SECONDS_A_WEIGHT = 9e-11
"""What the fused engine takes on one core for a row of a batch, and more for each entry of W.

Fitted to what the experiments took on two cores of a server with AVX-512: most came out within a
factor of two, and all but one within three.
"""


def lane_count(grid: Grid) -> int:
    """How many lanes train, without making them: a phase diagram has tens of thousands."""
    return len(grid.models) * len(grid.settings) * grid.restarts


def expected_seconds(config: ExperimentConfig, cores: int) -> float:
    """Seconds of training with the fused engine, to an order of magnitude.

    A lane is trained by one core at a time.
    """
    lanes = lane_count(config)
    rows = config.steps * config.batch * lanes / min(cores, lanes)
    return rows * (SECONDS_A_ROW + SECONDS_A_WEIGHT * config.features * config.hidden)
