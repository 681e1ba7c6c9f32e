"""The rows that a dictionary trains on."""

from superpos_core.arrays import FloatArray
from superpos_core.engine.dictionaries.counted_rows import CountedRows
from superpos_core.engine.dictionaries.drawn_rows import DrawnRows
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.rows import Rows, patterns_of
from superpos_core.task.lanes import Lane


def training_rows_of(config: ExperimentConfig, lane: Lane, directions: FloatArray) -> Rows:
    """The rows of a lane; ``directions`` (n, d) are those of features in hidden vectors."""
    if patterns_of(config, lane) is None:
        return DrawnRows(config, lane, directions)
    return CountedRows(config, lane, directions)
