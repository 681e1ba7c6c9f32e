"""A trained phase diagram: what became of the last feature in every cell of the grid.

As in the paper's "Superposition as a Phase Change", several models are trained per cell, the one
with the highest loss is dropped, and the others are averaged.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, ClassVar

import numpy as np

from superpos_core.arrays import AnyArray, BoolArray, FloatArray, IntArray, freeze
from superpos_core.geometry import measures
from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.record import Record
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters
from superpos_core.theory import PhaseDiagram, Solution

UNKNOWN = -1
"""The region of a cell that is not filled, or whose weights are not finite."""
FOLDER = "map"
ARRAYS = ("filled", "norm", "superposition", "region", "best_restart", "encoder", "bias")
"""The names of a map's arrays, and what precedes them in a file."""
NO_MATCH = -2
"""The region of a cell that is far from every theoretical solution."""


@dataclass(frozen=True)
class PhaseMap(Record):
    """An immutable picture of a phase diagram that is being filled; arrays are (rows, columns, …).

    ``norm`` is ‖W_last‖ and ``superposition`` belongs to the last feature; both are averaged over
    all restarts but the one with the highest loss, and NaN where a cell is not ``filled``.
    ``region`` is the index of the theoretical solution nearest to the restart with the lowest loss,
    ``best_restart``; ``encoder`` (…, n, m) and ``bias`` (…, n) are the parameters of that restart.
    """

    title: ClassVar[str] = "phase map"

    grid: PhaseGrid
    filled: BoolArray
    norm: FloatArray
    superposition: FloatArray
    region: IntArray
    best_restart: IntArray
    encoder: FloatArray
    bias: FloatArray
    share_done: float = 0.0

    @classmethod
    def empty(cls, grid: PhaseGrid) -> "PhaseMap":
        """A map with no cell filled."""
        n, m = grid.config.features, grid.config.hidden
        return cls(
            config=grid.config,
            grid=grid,
            filled=freeze(np.zeros(grid.shape, dtype=bool)),
            norm=freeze(np.full(grid.shape, np.nan)),
            superposition=freeze(np.full(grid.shape, np.nan)),
            region=freeze(np.full(grid.shape, UNKNOWN)),
            best_restart=freeze(np.zeros(grid.shape, dtype=int)),
            encoder=freeze(np.full((*grid.shape, n, m), np.nan, dtype=np.float32)),
            bias=freeze(np.full((*grid.shape, n), np.nan, dtype=np.float32)),
        )

    def with_block(self, block: Block, parameters: Parameters, losses: FloatArray) -> "PhaseMap":
        """The same map with a trained block filled in.

        The arguments belong to the block's lanes, in the order of ``PhaseGrid.config_of``:
        parameters with a leading lane axis, and the training objective, shape (lanes,): the loss
        plus any penalty.
        """
        shape = (len(block.rows), len(block.columns), self.grid.config.restarts)
        encoder = parameters.encoder.reshape(*shape, *parameters.encoder.shape[1:])
        bias = parameters.bias.reshape(*shape, *parameters.bias.shape[1:])
        ranking = _ranking(losses.reshape(shape))
        best, kept = ranking[..., 0], ranking[..., : _averaged(shape[-1])]
        best_encoder, best_bias = _pick_restart(encoder, best), _pick_restart(bias, best)
        gram = measures.gram(Parameters(encoder=best_encoder.astype(np.float64), bias=best_bias))
        cells = np.ix_(block.rows, block.columns)

        def filled_in(array: AnyArray, values: AnyArray | bool) -> AnyArray:
            changed = array.copy()
            changed[cells] = values
            return freeze(changed)

        return replace(
            self,
            filled=filled_in(self.filled, True),
            norm=filled_in(self.norm, _mean_of_last(measures.feature_norms(encoder), kept)),
            superposition=filled_in(
                self.superposition, _mean_of_last(measures.superposition(encoder), kept)
            ),
            region=filled_in(self.region, nearest_solutions(self.grid.diagram, gram)),
            best_restart=filled_in(self.best_restart, best),
            encoder=filled_in(self.encoder, best_encoder),
            bias=filled_in(self.bias, best_bias),
        )

    @classmethod
    def restored(
        cls, config: ExperimentConfig, stored: Stored, timelines: Mapping[str, Timeline]
    ) -> "PhaseMap":
        """The map that was ``stored``: its grid is that of the config."""
        empty = cls.empty(PhaseGrid(config))
        arrays = stored.under(FOLDER)
        values: dict[str, Any] = {name: freeze(arrays[name]) for name in ARRAYS}
        for name, array in values.items():
            if array.shape != getattr(empty, name).shape:
                raise ValueError(f"{name} has shape {array.shape}, which this phase map has not")
        return replace(empty, **values, share_done=float(stored.facts["share_done"]))

    def stored(self) -> Stored:
        """All arrays of the map."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return Stored(facts={"share_done": self.share_done}).with_arrays(FOLDER, arrays)

    def arrays(self) -> dict[str, FloatArray]:
        """``best/W`` and ``best/b``, with two leading axes: density and importance."""
        return {"best/W": self.encoder, "best/b": self.bias}

    @property
    def _chosen(self) -> tuple[str, ...]:
        rows, columns = self.grid.shape
        return (
            f"{rows} × {columns} cells of {self.config.restarts} restarts",
            # These differ from the paper's, and the result depends on them.
            f"learning rate {self.config.learning_rate:g}",
            f"weight decay {self.config.weight_decay:g}",
        )

    @property
    def averaged(self) -> int:
        """How many restarts of a cell ``norm`` and ``superposition`` are the means of."""
        return _averaged(self.config.restarts)

    @property
    def share_filled(self) -> float:
        """The fraction of cells that are filled."""
        return float(self.filled.mean())

    @cached_property
    def nearest_filled(self) -> IntArray:
        """The flat index of the cell whose value each cell displays, shape (rows, columns).

        A filled cell displays itself; the others display a filled neighbour at the resolution
        reached so far, or none yet (−1).
        """
        shown = np.full(self.grid.shape, -1)
        for height, width in self.grid.cell_sizes:
            rows = _nearest_multiples(self.grid.shape[0], height)
            columns = _nearest_multiples(self.grid.shape[1], width)
            coarse = rows[:, None] * self.grid.shape[1] + columns
            shown = np.where(self.filled[np.ix_(rows, columns)], coarse, shown)
        return freeze(shown)

    def lane(self, row: int, column: int) -> Lane:
        """The lane whose parameters a cell keeps: the restart with the lowest loss."""
        config = self.grid.config_of(Block((row,), (column,)))
        return config.lanes[int(self.best_restart[row, column])]

    def parameters(self, row: int, column: int) -> Parameters:
        """The parameters of that lane; NaN where the cell is not filled."""
        return Parameters(encoder=self.encoder[row, column], bias=self.bias[row, column])


def nearest_solutions(diagram: PhaseDiagram, gram: FloatArray) -> IntArray:
    """The index of the solution whose W·Wᵀ is nearest to ``gram``, (…, n, n) → (…).

    Distances are Frobenius norms. ``NO_MATCH`` where even the nearest solution is further away than
    half the smallest distance between two solutions; ``UNKNOWN`` where ``gram`` is not finite.
    """
    distances = np.stack([_distance(gram, solution) for solution in diagram.solutions], axis=-1)
    known = np.isfinite(distances).all(axis=-1)
    near = np.min(distances, axis=-1) < _match_radius(diagram)
    return np.where(known, np.where(near, np.argmin(distances, axis=-1), NO_MATCH), UNKNOWN)


@cache
def _match_radius(diagram: PhaseDiagram) -> float:
    """Half the smallest distance between two solutions."""
    return min(
        float(_distance(encoder @ encoder.T, other)) / 2
        for one, other in itertools.combinations(diagram.solutions, 2)
        for encoder in [np.array(one.encoder, dtype=np.float64)]
    )


def _distance(gram: FloatArray, solution: Solution) -> FloatArray:
    """To the solution's nearest image: all features but the last are interchangeable."""
    encoder = np.array(solution.encoder, dtype=np.float64)
    last = len(encoder) - 1
    images = [encoder[[*order, last]] for order in itertools.permutations(range(last))]
    distance: FloatArray = np.min(
        [measures.gram_distance(gram, image @ image.T) for image in images], axis=0
    )
    return distance


def _averaged(restarts: int) -> int:
    """All but the one with the highest loss."""
    return max(restarts - 1, 1)


def _ranking(losses: FloatArray) -> IntArray:
    """Restarts by loss, shape (…, restarts), lowest first; those that diverged come last."""
    return np.argsort(np.where(np.isfinite(losses), losses, np.inf), axis=-1, kind="stable")


def _pick_restart(values: FloatArray, restart: IntArray) -> FloatArray:
    """Pick one restart per cell: (rows, columns, restarts, …) → (rows, columns, …)."""
    rows, columns = np.indices(restart.shape)
    chosen: FloatArray = values[rows, columns, restart]
    return chosen


def _mean_of_last(values: FloatArray, restarts: IntArray) -> FloatArray:
    """The last feature's entry in ``values``, (…, restarts, n), averaged over some restarts."""
    mean: FloatArray = np.take_along_axis(values[..., -1], restarts, axis=-1).mean(axis=-1)
    return mean


def _nearest_multiples(count: int, stride: int) -> IntArray:
    """For each index below ``count``, the nearest multiple of ``stride`` below ``count``."""
    largest = (count - 1) // stride
    return np.minimum((np.arange(count) + (stride - 1) // 2) // stride, largest) * stride
