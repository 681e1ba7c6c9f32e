"""One trained dictionary by itself: what it is, its arrays, and what it computes."""

from dataclasses import dataclass

from superpos_core.arrays import FloatArray
from superpos_core.task.dictionaries.forward import decode, encode
from superpos_core.task.dictionaries.kinds import DictionaryKind
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class Dictionary:
    """A dictionary of K latents for hidden vectors of d dimensions.

    ``active_latents`` is k, which only ``topk`` uses.
    """

    kind: DictionaryKind
    parameters: Parameters
    active_latents: float = 1.0

    @property
    def arrays(self) -> dict[str, FloatArray]:
        """All arrays by the names that SAELens gives them, such as ``W_dec`` (K, d)."""
        arrays = self.parameters.arrays
        return {each.file_name: arrays[each.name] for each in self.kind.trained}

    def encode(self, hidden: FloatArray) -> FloatArray:
        """The activations, (rows, K), of the latents on ``hidden``, (rows, d)."""
        return encode(self.kind, self.parameters, hidden, self.active_latents)

    def decode(self, activations: FloatArray) -> FloatArray:
        """The reconstruction, (rows, d), of ``activations``, (rows, K)."""
        return decode(self.parameters, activations)
