"""Phase diagrams for tests: configs of any shape, and maps filled with given encoders."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from superpos_core.arrays import FloatArray
from superpos_core.record.phase_grid import PHASE_MAP, Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

TWO_IN_ONE = ExperimentConfig(
    "phase",
    kind=PHASE_MAP,
    features=2,
    hidden=1,
    models=("tied",),
    sparsities=(0.0,),
    importance=1.0,
    batch=256,
    steps=90,
    learning_rate=0.1,
    learning_rate_schedule="cosine",
    weight_decay=0.3,
    restarts=3,
    sweep="last-importance",
    sweep_values=(1.0,),
)
THREE_IN_TWO = replace(TWO_IN_ONE, features=3, hidden=2)
shapes = st.tuples(st.integers(1, 60), st.integers(1, 60))
"""Rows and columns of a grid."""


def phase_config(
    rows: int, columns: int, config: ExperimentConfig = TWO_IN_ONE
) -> ExperimentConfig:
    """The paper's ranges in ``rows`` × ``columns`` cells: density 1 … 0.01, r 0.1 … 10."""
    densities = np.geomspace(1, 0.01, rows).round(6)
    return replace(
        config,
        sparsities=tuple((1 - densities).tolist()),
        sweep_values=tuple(np.geomspace(0.1, 10, columns).round(6).tolist()),
    )


def filled_with(grid: PhaseGrid, encoder: FloatArray, block: Block | None = None) -> PhaseMap:
    """A map with the given encoder in every restart of each cell of ``block`` (default: all cells).

    ``encoder`` has shape (rows, columns, n, m) for the whole grid.
    """
    if block is None:
        rows, columns = grid.shape
        block = Block(tuple(range(rows)), tuple(range(columns)))
    cells = encoder[np.ix_(block.rows, block.columns)].reshape(block.cells, *encoder.shape[2:])
    lanes = np.repeat(cells, grid.config.restarts, axis=0)
    bias = np.zeros(lanes.shape[:2])
    return PhaseMap.empty(grid).with_block(block, Parameters(encoder=lanes, bias=bias), bias[:, 0])


def filled_as_theory_says(grid: PhaseGrid) -> PhaseMap:
    """A map with the encoder of theory's solution in every cell."""
    solutions = np.array([solution.encoder for solution in grid.diagram.solutions], np.float64)
    return filled_with(grid, solutions[grid.theory])
