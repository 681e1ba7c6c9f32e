"""Compile-time facts about a lane: its formula, its kind of data and its tiles.

A specialisation is passed to the kernel as an ordinary argument of which only the *type* says
anything. Numba compiles the kernel once for each type it meets, so every choice below is made by
the compiler and costs nothing in the loop; and numba's cache on disk, which is keyed by types,
keeps the specialisations apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import binding
from numba.core import types
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox

from superpos_core.activations import ActivationName, HiddenActivationName
from superpos_core.task.data import Grouping, Values
from superpos_core.task.models import Target


@dataclass(frozen=True)
class Formula:
    """x_hat = output_activation(hidden_activation(x @ W_in) @ W_out + b), compared with a target.

    Whether W_out is W_in transposed (tied) is not part of it: the kernel treats both alike.

    A hidden activation maps 0 to 0, because rows without an active feature are computed in closed
    form with h = 0; and its value determines its slope, because only the value is kept.
    """

    hidden_activation: HiddenActivationName = "identity"
    output_activation: ActivationName = "relu"
    target: Target = "input"


@dataclass(frozen=True)
class Sampling:
    """How a row is drawn.

    Features form sets (of one, if independent). All members of a correlated set are on together; in
    an anticorrelated set exactly one member is. `values`: the values of active features; with
    `unit_norm` every non-zero row is scaled to length 1.
    """

    values: Values = "uniform"
    grouping: Grouping = "independent"
    unit_norm: bool = False


@dataclass(frozen=True)
class Tiles:
    """The number of features and hidden units processed at once in registers."""

    features: int
    hidden: int
    gradient_features: int

    @classmethod
    def fitting(cls, features: int, hidden: int) -> Tiles:
        """The best tiles for a model of this size: little padding first, then large tiles."""
        feature_tile = _best_tile(features)
        hidden_tile = _best_tile(hidden)
        return cls(feature_tile, hidden_tile, feature_tile if WIDE_REGISTERS else 1)


@dataclass(frozen=True)
class Specialisation:
    """One compiled version of the kernel."""

    formula: Formula
    sampling: Sampling | None
    """None if rows are stored, not drawn"""
    tiles: Tiles
    noisy: bool = False
    """whether any lane has noise or dropout on its hidden layer"""


WIDE_REGISTERS = bool(binding.get_host_cpu_features().get("avx512f", False))
"""Whether there are 32 registers of sixteen numbers; otherwise a vector takes two or four."""


LARGEST_TILE = 5  # 5 × 5 sums and the factors of the next term fill AVX-512's 32 registers.


def padded(count: int, tile: int) -> int:
    """The smallest multiple of the tile that holds count."""
    return -(-count // tile) * tile


def _best_tile(count: int) -> int:
    return min(
        range(1, LARGEST_TILE + 1),
        key=lambda tile: (padded(count, tile) / tile * (tile + 1.0), -tile),
    )


class SpecialisationType(types.Type):
    """The type for numba, which carries the specialisation itself."""

    def __init__(self, specialisation: Specialisation) -> None:
        self.specialisation = specialisation
        super().__init__(name=repr(specialisation))

    @property
    def formula(self) -> Formula:
        return self.specialisation.formula

    @property
    def sampling(self) -> Sampling | None:
        return self.specialisation.sampling

    @property
    def noisy(self) -> bool:
        return self.specialisation.noisy

    @property
    def tiles(self) -> Tiles:
        return self.specialisation.tiles


@typeof_impl.register(Specialisation)
def _typeof_specialisation(value: Specialisation, context: Any) -> SpecialisationType:
    return SpecialisationType(value)


@register_model(SpecialisationType)
class _SpecialisationModel(models.OpaqueModel):
    """Nothing at run time."""


@unbox(SpecialisationType)
def _unbox_specialisation(typ: SpecialisationType, value: Any, context: Any) -> NativeValue:
    return NativeValue(context.context.get_dummy_value())
