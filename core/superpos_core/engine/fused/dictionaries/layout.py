"""The memory layout of lanes of dictionaries, and what the kernel must know of them.

All parameters of a lane are one row: encoder (none if tied), decoder, the decoder's bias, and up to
three vectors over latents. Both matrices are stored (latents, d), so that a tied encoder is the
decoder itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.dictionaries.forms import Arrays, own_arrays
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.specialisation import padded
from superpos_core.engine.fused.workspace import aligned_memory
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import B_DEC, GATE, Activation, DictionaryKind
from superpos_core.task.dictionaries.objective import (
    JUMP_BANDWIDTH,
    THRESHOLD_NEWS,
    kept_latents,
    prefixes_of,
)
from superpos_core.task.dictionaries.options import TIED, UNIT, ZERO
from superpos_core.task.lanes import Lane

RELU, TOPK, BATCH_TOPK, JUMP_RELU, GATED = range(5)
NUMBERS: dict[Activation, int] = {
    "relu": RELU,
    "topk": TOPK,
    "batch-topk": BATCH_TOPK,
    "jump-relu": JUMP_RELU,
    "gated": GATED,
}
"""The kernel's numbers of activations."""
GATE_ORDER = [each.name for each in GATE]
"""The kernel expects the gate's vectors in this order."""


OVER_DIMENSIONS = ("encoder", "decoder", B_DEC.name)
"""The arrays whose last axis in memory is hidden dimensions."""
WIDE = 32
"""Hidden dimensions from which rows of matrices are padded to whole vectors."""


class Size(NamedTuple):
    """Sizes of a lane, and where the parts of its parameters start."""

    latents: int
    hidden: int
    tied: bool
    decoder: int
    vectors: int
    """the first vector over latents; the others follow at once"""
    bias: int
    parameter_count: int
    hidden_block: int
    """from a block of dimensions to the next, in floats"""
    latent_block: int
    """the same for latents"""
    row: int
    """from a row of dimensions to the next, in floats"""
    wide: bool
    """whether rows of dimensions are whole vectors; what pads them is always 0"""


class Objective(NamedTuple):
    """What the lanes of a kind minimise, and what is kept as it is."""

    activation: int
    prefixes: NDArray[np.int64]
    """the numbers of first latents that must reconstruct h; the last is all"""
    trains_bias: bool
    unit_norm: bool
    batch: int
    bandwidth: float
    threshold_news: float


class LaneObjectives(NamedTuple):
    """What differs between the lanes of a kind; shapes (lanes,)."""

    penalty: NDArray[np.float64]
    """λ; 0 for kinds without a penalty"""
    kept: NDArray[np.int64]
    """how many activations of a row (topk) or of a batch stay active"""


class States(NamedTuple):
    """All state of training, one row per lane.

    Its names are those of the arrays in files: with another order of parameters they change, so
    that older files are refused rather than misread.
    """

    parameters: Floats
    """(lanes, parameter_count), as the moments"""
    first_moment: Floats
    second_moment: Floats
    activity: Floats
    """(lanes, latents): the sum over steps, since the last resampling, of the share of a batch on
    which each latent was active"""
    steps_taken: NDArray[np.int64]
    """(lanes,)"""


@dataclass(frozen=True)
class Layout:
    """The layout of the lanes of one kind."""

    size: Size
    places: dict[str, tuple[int, tuple[int, ...]]]
    """where each array starts, and its shape in memory, by name"""

    @classmethod
    def of(
        cls, config: ExperimentConfig, kind: DictionaryKind, *, is_padded: bool = True
    ) -> Layout:
        """``is_padded``: whether many hidden dimensions are padded to whole vectors."""
        latents, hidden = config.latents, config.hidden
        wide = is_padded and hidden >= WIDE
        row = padded(hidden, VECTOR_WIDTH) if wide else hidden
        own = {each.name: each for each in own_arrays(config, kind)}
        vectors = [name for name, each in own.items() if each.axes == ("latents",)]
        assert kind.activation != "gated" or vectors == GATE_ORDER
        matrices = [name for name in ("encoder", "decoder") if name in own]
        places: dict[str, tuple[int, tuple[int, ...]]] = {}
        start = 0
        for names, shape in (
            (matrices, (latents, row)),
            ([B_DEC.name], (row,)),
            (vectors, (latents,)),
        ):
            for name in names:
                places[name] = start, shape
                start += int(np.prod(shape))
        tied = config.encoder == TIED
        decoder, bias = places["decoder"][0], places[B_DEC.name][0]
        size = Size(
            latents,
            hidden,
            tied,
            decoder,
            bias + row,
            bias,
            padded(start, VECTOR_WIDTH),
            (row | 1) * VECTOR_WIDTH,
            (latents | 1) * VECTOR_WIDTH,
            row,
            wide,
        )
        return cls(size, places)

    def named(self, parameters: Floats) -> Arrays:
        """Parameters, (…, parameter_count), as named arrays: views, without copying."""
        views = {}
        for name, (start, shape) in self.places.items():
            flat = parameters[..., start : start + int(np.prod(shape))]
            view = flat.reshape(*parameters.shape[:-1], *shape)
            if name in OVER_DIMENSIONS:
                view = view[..., : self.size.hidden]
            views[name] = view.swapaxes(-1, -2) if name == "encoder" else view
        return views

    def new_states(self, lanes: int) -> States:
        """Untrained lanes with all parameters 0."""
        count, more = self.size.parameter_count, padded(lanes, VECTOR_WIDTH)
        # Bundles of sixteen lanes are read and written as a whole.
        parameters, first_moment, second_moment = (
            aligned_memory(more * count).reshape(more, count)[:lanes] for _ in range(3)
        )
        return States(
            parameters,
            first_moment,
            second_moment,
            np.zeros((lanes, self.size.latents), np.float32),
            np.zeros(lanes, np.int64),
        )


def objective_of(config: ExperimentConfig, kind: DictionaryKind) -> Objective:
    """The objective of a kind."""
    return Objective(
        NUMBERS[kind.activation],
        np.array(prefixes_of(kind, config.latents), np.int64),
        config.decoder_bias != ZERO,
        config.decoder_norm == UNIT,
        config.batch,
        JUMP_BANDWIDTH,
        THRESHOLD_NEWS,
    )


def lane_objectives_of(
    config: ExperimentConfig, kind: DictionaryKind, lanes: Sequence[Lane]
) -> LaneObjectives:
    """What differs in those of the lanes."""
    penalties = [config.latent_penalty_of(lane) if kind.has_penalty else 0.0 for lane in lanes]
    kept = [kept_latents(kind, config.active_latents_of(lane), config.batch) for lane in lanes]
    return LaneObjectives(np.array(penalties, np.float64), np.array(kept, np.int64))
