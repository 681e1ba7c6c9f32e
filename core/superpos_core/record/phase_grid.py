"""The grid of a phase diagram, density by relative importance, and the order of filling it.

The paper's "Superposition as a Phase Change": one more feature than there are hidden dimensions,
and the last feature has importance r where the others have 1.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze
from superpos_core.errors import InvalidValue
from superpos_core.geometry import measures
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.frequencies import EQUAL
from superpos_core.task.lanes import density_of
from superpos_core.task.models import model_named
from superpos_core.theory import PHASE_DIAGRAMS, PhaseDiagram

SWEEP = "last-importance"
SUBSCRIPTS = "₀₁₂"
COARSEST_STRIDE = 8
MIN_COARSE_SIDE = 6
"""Minimum number of coarse cells per side: fewer would show nothing."""
PHASE_MAP = "phase-map"
"""The kind of job that fills a phase map."""
BLOCK_LANES = 2048
"""Approximate number of lanes per block: about a second's work, so the map fills visibly."""
BORDER_MARGIN = 1.3
"""Cells within 30 % of a boundary, in either direction, do not count for or against theory."""


@dataclass(frozen=True)
class Block:
    """Cells that train together: every listed row in every listed column of the grid."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return len(self.rows) * len(self.columns)


@dataclass(frozen=True)
class PhaseGrid:
    """The axes of a config's phase diagram, and what theory predicts for every cell.

    Rows go from dense to sparse, columns from the lowest relative importance to the highest. Raises
    ``InvalidValue`` for a config that is not a phase diagram.
    """

    config: ExperimentConfig

    def __post_init__(self) -> None:
        _check(self.config)

    @cached_property
    def sparsities(self) -> tuple[float, ...]:
        """S of each row."""
        return tuple(sorted(set(self.config.sparsities)))

    @cached_property
    def densities(self) -> FloatArray:
        """1 − S of each row, shape (rows,), descending."""
        return freeze(np.array([density_of(sparsity) for sparsity in self.sparsities]))

    @cached_property
    def relative_importances(self) -> FloatArray:
        """r of each column, shape (columns,), ascending."""
        return freeze(np.array(sorted(set(self.config.sweep_values))))

    @property
    def last_feature(self) -> str:
        """W₁ or W₂: the feature whose importance is varied, the last of two or three."""
        return f"W{SUBSCRIPTS[self.config.features - 1]}"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.densities.size, self.relative_importances.size

    @property
    def cells(self) -> int:
        """Rows × columns."""
        return math.prod(self.shape)

    def config_of(self, block: Block) -> ExperimentConfig:
        """The config that trains a block; its lanes are identical to those of the whole grid."""
        return replace(
            self.config,
            sparsities=tuple(self.sparsities[row] for row in block.rows),
            sweep_values=tuple(float(self.relative_importances[c]) for c in block.columns),
        )

    # ── theory ────────────────────────────────────────────────────────────────────────────────

    @property
    def diagram(self) -> PhaseDiagram:
        """The solutions that compete."""
        return PHASE_DIAGRAMS[self.config.features, self.config.hidden]

    @cached_property
    def theory(self) -> IntArray:
        """The index of the theoretically best solution in each cell, shape (rows, columns)."""
        return freeze(self.diagram.regions(self.relative_importances, self.densities[:, None]))

    @cached_property
    def far_from_boundaries(self) -> BoolArray:
        """Cells more than 30 % away from every theoretical boundary, shape (rows, columns).

        Along a row or a column each region is one interval, so checking both ends is enough.
        """
        r, p = np.broadcast_arrays(self.relative_importances, self.densities[:, None])
        around = [
            (r / BORDER_MARGIN, p),
            (r * BORDER_MARGIN, p),
            (r, p / BORDER_MARGIN),
            (r, np.minimum(p * BORDER_MARGIN, 1)),
        ]
        same = [self.diagram.regions(*point) == self.theory for point in around]
        return freeze(np.all(same, axis=0))

    @cached_property
    def theory_norm(self) -> FloatArray:
        """‖W_last‖ of the predicted solution in each cell, shape (rows, columns)."""
        norm, _ = last_feature_of(self.diagram)
        return freeze(norm[self.theory])

    @cached_property
    def theory_superposition(self) -> FloatArray:
        """The last feature's superposition in that solution, shape (rows, columns)."""
        _, superposition = last_feature_of(self.diagram)
        return freeze(superposition[self.theory])

    # ── coarse to fine ────────────────────────────────────────────────────────────────────────

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """The spacing of the filled rows and columns, level by level: at most 8, 4, 2, 1."""
        coarsest = COARSEST_STRIDE
        while coarsest > 1 and min(self.shape) < MIN_COARSE_SIDE * coarsest:
            coarsest //= 2
        return tuple(2**power for power in range(coarsest.bit_length() - 1, -1, -1))

    @property
    def cell_sizes(self) -> list[tuple[int, int]]:
        """How many rows and columns a filled cell covers, at first and as the grid fills up.

        Halfway through a level cells are twice as wide as high, or twice as high as wide.
        """
        coarsest, *finer = self.strides
        sizes = [(coarsest, coarsest)]
        for stride in finer:
            sizes += [(stride, 2 * stride), (2 * stride, stride), (stride, stride)]
        return sizes

    def blocks(self) -> Iterator[Block]:
        """All cells, each once: a coarse grid first, then the cells in between, level by level.

        A level is refined by three products: new rows with old columns, old with new, and new
        with new. Each is cut into even blocks of about ``BLOCK_LANES`` lanes.
        """
        coarsest, *finer = self.strides
        rows, columns = (range(0, count, coarsest) for count in self.shape)
        yield from self._cut(rows, columns)
        for stride in finer:
            new_rows, new_columns = (range(stride, count, 2 * stride) for count in self.shape)
            yield from self._cut(new_rows, columns)
            yield from self._cut(rows, new_columns)
            yield from self._cut(new_rows, new_columns)
            rows, columns = (range(0, count, stride) for count in self.shape)

    def _cut(self, rows: Sequence[int], columns: Sequence[int]) -> Iterator[Block]:
        cells = max(BLOCK_LANES // self.config.restarts, 1)
        for some_columns in _split_evenly(columns, cells):
            for some_rows in _split_evenly(rows, max(cells // len(some_columns), 1)):
                yield Block(some_rows, some_columns)


def last_feature_of(diagram: PhaseDiagram) -> tuple[FloatArray, FloatArray]:
    """‖W_last‖ and the last feature's superposition in each solution; both (solutions,)."""
    encoders = np.array([solution.encoder for solution in diagram.solutions], dtype=np.float64)
    return measures.feature_norms(encoders)[:, -1], measures.superposition(encoders)[:, -1]


# ── labels on the drawing ─────────────────────────────────────────────────────────────────────


def split_in_two(name: str) -> tuple[str, ...]:
    """A region's name, broken into two lines so that the longer one is as short as possible.

    >>> split_in_two("extra feature ignored")
    ('extra feature', 'ignored')
    """
    words = name.split()
    breaks = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return min(breaks, key=lambda lines: max(map(len, lines)), default=(name,))


def free_box(region: BoolArray, rows: int, columns: int) -> tuple[int, int] | None:
    """The top left cell of a box of this size inside a region, near the region's middle.

    ``None`` if the region has no room for it.
    """
    if region.shape[0] < rows or region.shape[1] < columns or not region.any():
        return None
    fits = np.argwhere(sliding_window_view(region, (rows, columns)).all(axis=(-1, -2)))
    if not len(fits):
        return None
    wanted = np.argwhere(region).mean(axis=0) - ((rows - 1) / 2, (columns - 1) / 2)
    row, column = fits[np.linalg.norm(fits - wanted, axis=1).argmin()].tolist()
    return row, column


def _split_evenly(indices: Sequence[int], max_size: int) -> list[tuple[int, ...]]:
    """The fewest pieces of at most ``max_size`` indices each, all about equally long."""
    if not indices:
        return []
    pieces = np.array_split(np.array(indices), math.ceil(len(indices) / max_size))
    return [tuple(piece.tolist()) for piece in pieces]


def _check(config: ExperimentConfig) -> None:
    sizes = (config.features, config.hidden)
    if sizes not in PHASE_DIAGRAMS:
        plural = "" if config.hidden == 1 else "s"
        reason = (
            f"no phase diagram exists for {config.features} features"
            f" in {config.hidden} dimension{plural}"
        )
        if any(config.hidden == hidden for _, hidden in PHASE_DIAGRAMS):
            known = " or ".join(f"{n} with hidden {hidden}" for n, hidden in PHASE_DIAGRAMS)
            raise InvalidValue("features", config.features, reason, known)
        known = " or ".join(f"{hidden} with features {n}" for n, hidden in PHASE_DIAGRAMS)
        raise InvalidValue("hidden", config.hidden, reason, known)
    if config.sweep != SWEEP:
        reason = "the columns of a phase diagram are relative importances"
        raise InvalidValue("sweep", config.sweep, reason, SWEEP)
    if config.importance != 1:
        reason = "in a phase diagram all features but the last have importance 1"
        raise InvalidValue("importance", config.importance, reason, "1")
    if not config.has_equal_frequencies:
        reason = "in a phase diagram all features have one density"
        raise InvalidValue("frequency", config.frequency_name, reason, EQUAL)
    if len(config.models) != 1 or not model_named(config.models[0]).tied:
        reason = "a phase diagram trains a single tied model"
        raise InvalidValue("model", ",".join(config.models), reason, "tied")
